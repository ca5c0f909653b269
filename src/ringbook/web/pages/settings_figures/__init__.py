"""How the organisation counts its figures."""
