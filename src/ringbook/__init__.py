"""Ringbook: one true call out of any phone system's scattered records."""

__version__ = "0.1.0"
