"""Having the relational store let go of the bytes of rows that were removed: free pages, and what waits in its journal."""

from __future__ import annotations

from django.db import connection
from django.db.utils import DatabaseError

from ringbook.model.errors import WaitError


class NotCompactedError(WaitError):
    """Somebody else was using the store all the time: what was removed may still lie in free pages. Try again."""


def compact() -> None:
    """Rewrite the store without what was removed, its journal included. Waits for others who write.

    SQLite: ``VACUUM`` writes a new file in the place of the old one, and the write-ahead log is emptied. PostgreSQL: the
    tables are rewritten; its own write-ahead log and backups are its administrator's.

    :raises NotCompactedError: others did not let go in time.
    """
    if connection.in_atomic_block:
        raise NotCompactedError("the store cannot be rewritten within a transaction")
    try:
        with connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                cursor.execute("PRAGMA secure_delete=ON")
                cursor.execute("VACUUM")
                busy = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
                if busy:
                    raise NotCompactedError("others were reading the store; its journal was not emptied")
            else:
                cursor.execute("VACUUM FULL")
    except DatabaseError as error:
        raise NotCompactedError(f"the store could not be rewritten: {str(error).splitlines()[0]}") from error
