"""Packs of evidence, in a home of their own."""
