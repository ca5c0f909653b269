"""Files and environment become one frozen, validated settings tree, or an exact explanation of why not."""

from __future__ import annotations

from ringbook.config.home import home_folder
from ringbook.config.load import load
from ringbook.config.problems import InvalidSettingsError, Problem, SettingsFileError

__all__ = ["InvalidSettingsError", "Problem", "SettingsFileError", "home_folder", "load"]
