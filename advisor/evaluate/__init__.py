"""One request against its policies → a Verdict with its trace. Pure: patterns, conditions, variables, layers."""
