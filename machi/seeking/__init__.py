"""Seeking a target: the cheapest portfolio that meets it, or how far from it everything is."""
