"""The town that lives: residents and households as columns, decisions as compiled rules, one year at a time."""
