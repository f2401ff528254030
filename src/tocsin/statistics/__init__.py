"""Statistics: cells that add up, written with each report."""
