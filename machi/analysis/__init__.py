"""What the runs answer: effects and ranks, attribution, variance shares, fronts, scenarios and turning points."""
