"""The reference table of all portfolios of a town: made of a full factorial, carried along, read by the page."""
