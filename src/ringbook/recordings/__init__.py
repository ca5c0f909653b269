"""Keeps audio: writes it safely, seals it, finds it again, proves it unchanged."""
