"""Turns framed bytes into their source's own statements, or rejects; purely."""
