"""Hindcasts: forecasts from launches in the past with what was known then, judged by what came after."""
