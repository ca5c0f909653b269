"""How many, how long, how well, and whom to staff: every figure with its formula and the calls behind it."""
