"""Dashboards: figures for a role, a saved choice of them, or one at full size; each with its definition and its calls."""
