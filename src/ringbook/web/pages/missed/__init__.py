"""Missed and not returned: who is still to be called back."""
