"""How a run is carried out and kept: the ground it stands on, its name, its outcomes, the store, and many at once."""
