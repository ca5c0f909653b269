"""How long things are kept: rules, limits, runs, and what is held."""
