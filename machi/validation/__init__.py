"""How a town's projections stand beside what is printed: published figures, the national projection, the past."""
