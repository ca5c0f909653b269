"""Carrying out what people asked: erasing a person from the whole home, and proving it."""
