"""A life that is told: what happened to somebody, how likely it was by the rules of the year, and why."""
