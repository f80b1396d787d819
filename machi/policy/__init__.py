"""What the city can do: packages and portfolios from their files, their doubt, and the levers and cost they come to."""
