"""Requests of people: preparing them, deciding them, watching them run, and what came of them."""
