"""Alerts and webhooks: what is watched, what it found, and who is told."""
