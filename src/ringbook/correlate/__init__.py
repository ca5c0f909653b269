"""Folds statements from any formats of a source into calls, purely and independently of their order."""
