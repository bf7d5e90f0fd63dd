"""Decision trees: walk, suggest from facts, outcome. The decision record: write, print, verify."""
