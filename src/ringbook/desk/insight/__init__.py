"""Figures as an organisation counts them: its choices of variants, its business hours, and what customers answered."""
