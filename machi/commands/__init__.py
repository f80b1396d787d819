"""The commands that have a room of their own; `machi/cli.py` puts them together."""
