"""What is asked: an experiment's file, its sections, and the table of runs that each design comes to."""
