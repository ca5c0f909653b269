"""Logging a call by hand, as a page and as a dialog on any page."""
