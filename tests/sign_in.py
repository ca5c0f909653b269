"""The password of everybody in the tests; apart, for what signs in without Django."""

from __future__ import annotations

PASSWORD = "correct horse battery staple"
