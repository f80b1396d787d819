"""Machi: a town simulated person by person, and the ranking of its policy packages."""

__version__ = "0.1.0"
