"""What a reader may see, as a condition on the rows of ``calls``: the one place where a scope becomes SQL.

A statement over ``calls`` says ``{scope}`` where it chooses rows. A call is within a scope as its newest revision is: a
statement that sees old revisions has to ask the newest one.
"""

from __future__ import annotations

import re
from collections import defaultdict

from ringbook.model.instant import Instant
from ringbook.model.scope import Scope

MARK = "{scope}"
TENANT = "{tenant:String}"

_OF_CALLS = re.compile(r"\b(?:FROM|JOIN)\s+calls\b", re.IGNORECASE)
_AT = "fromUnixTimestamp64Micro({%s:Int64}, 'UTC')"


def scoped(sql: str, scope: Scope) -> tuple[str, dict[str, object]]:
    """The statement restricted to a scope, and the parameters of the restriction.

    :raises ValueError: the statement does not say where it is to be restricted, so it would show too much.
    """
    marks = sql.count(MARK)
    if not marks and TENANT not in sql:
        raise ValueError(f"a read of the ledger must be restricted to its scope by {MARK}: {sql[:80]}")
    if scope.restricted and marks < max(1, len(_OF_CALLS.findall(sql))):
        raise ValueError(f"this read cannot be restricted to some calls, it lacks {MARK}: {sql[:80]}")
    condition, params = within(scope)
    return sql.replace(MARK, condition), params


def within(scope: Scope) -> tuple[str, dict[str, object]]:
    """The condition that holds for the calls of a scope, with its parameters."""
    params: dict[str, object] = {"tenant": scope.tenant}
    tenant = f"tenant = {TENANT}"
    if scope.reaches is None:
        return tenant, params
    ways = []
    for place, ((since, until), (phones, queues)) in enumerate(_together(scope).items()):
        took_part = []
        if phones:
            params[f"scope_phones_{place}"] = sorted(phones)
            took_part.append(f"hasAny(extensions, {{scope_phones_{place}:Array(String)}})")
        if queues:
            params[f"scope_queues_{place}"] = sorted(queues)
            took_part.append(f"queue IN {{scope_queues_{place}:Array(String)}}")
        if not took_part:
            continue
        parts = [f"({' OR '.join(took_part)})"]
        for sign, word, at in ((">=", "since", since), ("<", "until", until)):
            if at is not None:
                params[f"scope_{word}_{place}"] = at
                parts.append(f"started_at {sign} {_AT % f'scope_{word}_{place}'}")
        ways.append(" AND ".join(parts))
    return f"({tenant} AND ({' OR '.join(ways) or '0'}))", params


_Time = tuple[Instant | None, Instant | None]


def _together(scope: Scope) -> dict[_Time, tuple[set[str], set[str]]]:
    """The phones and queues of each time: a team of fifty who sit where they always sat is one condition.

    The empty name is no queue's and no phone's, though calls without a queue have it.
    """
    found: dict[_Time, tuple[set[str], set[str]]] = defaultdict(lambda: (set(), set()))
    for reach in scope.reaches or ():
        phones, queues = found[reach.since, reach.until]
        phones.update(name for name in reach.extensions if name)
        queues.update(name for name in reach.queues if name)
    return found
