"""The indicators and targets that the cities print, beside what the simulation has of them."""
