"""The commands, in modules by subject; `machi/cli.py` puts them together and has three short ones itself."""
