"""Reports: which figures go to whom and when, what was sent, and how each looks."""
