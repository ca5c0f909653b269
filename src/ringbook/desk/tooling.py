"""Django's settings as a module, for tools and tests that want one: a home in a folder that the environment names.

``RINGBOOK_TOOLING_HOME`` is the folder (a temporary one unless given), ``RINGBOOK_TEST_DATABASE`` the address of a PostgreSQL.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from ringbook.config.settings import Desk
from ringbook.desk.settings import django_settings

_folder = Path(os.environ.get("RINGBOOK_TOOLING_HOME") or tempfile.mkdtemp(prefix="ringbook-tooling-"))

globals().update(
    django_settings(
        _folder,
        Desk(
            database=os.environ.get("RINGBOOK_TEST_DATABASE", ""),
            hosts=("testserver", "localhost", "127.0.0.1"),
        ),
    )
)
globals()["PASSWORD_HASHERS"] = [
    "django.contrib.auth.hashers.MD5PasswordHasher"
]  # quick: tests make many people
