"""Wires the stages together, starts, stops and supervises them."""
