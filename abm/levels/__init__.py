"""The reference arm as data: every decision's base table at the level that the town's own figures ask for."""
