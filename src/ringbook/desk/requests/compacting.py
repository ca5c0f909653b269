"""Having the relational store let go of the bytes of rows that were removed: free pages, and what waits in its journal."""

from __future__ import annotations

from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.db.utils import DatabaseError

from ringbook.model.errors import WaitError


class NotCompactedError(WaitError):
    """Somebody else was using the store all the time: what was removed may still lie in free pages. Try again."""


PATIENCE_MS = 30_000
"""How long PostgreSQL waits for others to let go of a table."""

_EMPTY = """
SELECT a.attrelid::regclass::text, quote_ident(a.attname), format_type(a.atttypid, a.atttypmod)
FROM pg_statistic s JOIN pg_attribute a ON (a.attrelid, a.attnum) = (s.starelid, s.staattnum)
JOIN pg_class c ON c.oid = a.attrelid
WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace AND c.reltuples = 0
"""


def compact() -> None:
    """Rewrite the store without what was removed, its journal included. Waits for others who write.

    SQLite: ``VACUUM`` writes a new file in the place of the old one, and the write-ahead log is emptied. PostgreSQL: its
    statistics, which quote values, are made anew and the tables rewritten; its own write-ahead log and backups are its
    administrator's.

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
                cursor.execute(f"SET lock_timeout = {PATIENCE_MS}")
                cursor.execute("ANALYZE")
                _forget_samples(cursor)
                cursor.execute("VACUUM FULL")  # of the tables in which statistics are kept, too
    except DatabaseError as error:
        raise NotCompactedError(f"the store could not be rewritten: {str(error).splitlines()[0]}") from error


def _forget_samples(cursor: CursorWrapper) -> None:
    """Statistics of tables in which nothing is left: they are not made anew, and quote what was there."""
    cursor.execute(_EMPTY)
    for table, column, kind in cursor.fetchall():
        # Said again what it is, a column loses its statistics, and nothing else.
        cursor.execute(f"ALTER TABLE {table} ALTER COLUMN {column} TYPE {kind}")
