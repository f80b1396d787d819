"""Census or register -> people, couples, households, work and those away, with a table of how well they fit."""
