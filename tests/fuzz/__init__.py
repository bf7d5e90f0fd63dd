"""Hostile input by the million: readers, patterns, conditions, variables. `make fuzz` runs it for long."""
