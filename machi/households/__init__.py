"""A household's years, told in words and held beside the same household under another arm."""
