"""Factors on the reference arm that make a town's simulated counts meet its own, with what is not sure about them."""
