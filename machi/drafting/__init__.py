"""Files that a planner begins: questions answered, commented TOML written, read back before it is put in place."""
