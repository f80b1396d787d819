"""From a scenario and an area's past to rates by year, with their doubt; the cohort twin lives on the same rates."""
