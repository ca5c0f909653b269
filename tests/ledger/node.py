"""A ClickHouse node for tests: ``python node.py FOLDER``, with a ``config.xml`` in the folder.

It comes out of the same wheel as the embedded engine. The entry point is private to it: for tests only, version pinned.
"""

from __future__ import annotations

import os
import sys


def main(folder: str) -> None:
    os.chdir(folder)
    from chdb import _chdb

    # The listeners live as long as the query: it sleeps until the test ends this process.
    _chdb.query(
        "SYSTEM START LISTEN TCP; SYSTEM START LISTEN HTTP;"
        " SELECT sleepEachRow(1) FROM numbers(100000) SETTINGS max_block_size = 1,"
        " function_sleep_max_microseconds_per_block = 4000000000 FORMAT Null",
        "TSV",
        path=f"{folder}/data",
    )


if __name__ == "__main__":
    main(sys.argv[1])
