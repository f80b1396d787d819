"""Results, portfolios and towns side by side: what was asked, paired differences, and what may not be compared."""
