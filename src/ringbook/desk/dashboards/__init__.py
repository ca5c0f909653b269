"""Dashboards that people made for themselves or for everybody, and the wallboards that hang without a session."""
