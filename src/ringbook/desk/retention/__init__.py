"""How long things are kept, what holds them longer, and the warrants without which nothing is removed."""
