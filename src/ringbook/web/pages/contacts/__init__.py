"""Contacts and companies: who is behind the numbers."""
