"""Who works with the calls, in which role, and where they sit."""
