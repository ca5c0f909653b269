"""The house of the tests: see ``tests.house``."""

from ..house import as_, house, people

__all__ = ["as_", "house", "people"]
