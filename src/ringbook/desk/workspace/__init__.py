"""How people arrange their work: saved views, chosen columns, and jobs that run in the background."""
