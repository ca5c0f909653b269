"""The people of the house: see ``tests.house``."""

from ..house import people

__all__ = ["people"]
