"""Measurements, never asserted in a test: speed, memory, and the checks that shared parameters were set on."""
