"""What came, against what a launch of the time would have been without any policy: an evaluation after the fact."""
