"""Who does what in a year: marriage, childbirth, moves, homes, work and death, one module a decision."""
