"""Principals, groups, roles, policies, resources and outsiders as a graph; escalation, paths, cuts and drawings."""
