"""Bringing your own town: the files that a planner downloads, read into a town folder."""
