"""Search: the last 50 calls of many kinds of question, beside the engine reading the plainest 50 rows."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from ringbook.ledger import probe
from ringbook.model.scope import Scope
from ringbook.runtime.bench.data import company
from ringbook.runtime.bench.figures import Figure, median, p95, timed
from ringbook.runtime.home import Home
from ringbook.runtime.importing import now
from ringbook.search import pages

ROUNDS = 20


def questions(random: Random) -> Iterator[tuple[str, str]]:
    """Kinds of question and one question of each."""
    world = company()
    contact = world.contacts[min(len(world.contacts) - 1, int(random.paretovariate(0.5)))]
    person = random.choice(world.people)
    # Rare ones call a few times a year, so that their last 50 calls lie months apart.
    rare = random.choice([known for known in world.contacts[-len(world.contacts) // 2 :] if known.name])
    yield "all", ""
    yield "filter", f"outcome:{random.choice(['missed', 'abandoned', 'voicemail', 'busy'])}"
    yield "filters", f"queue:sales wait:>30 agent:{person.extension}"
    yield "number", f"number:{contact.number}"
    yield "suffix", f"number:{contact.number[-4:]}"
    yield "name", f'name:"{(contact.name or "MIA REED").split()[-1]}"'
    yield "text", f'"{person.name}"'
    yield "rare number", f"number:{rare.number}"
    yield "rare name", f'name:"{rare.name}"'
    yield "rare text", f'"{rare.name}"'
    yield "middle of a number", f"number:*{rare.number[-7:-2]}*"
    yield "beginning of a number", f"from:{rare.number.lstrip('+')[:4]}*"
    yield "long calls", "duration:>50m"
    yield "nothing", "number:+12025550100 name:nobody"
    yield "period", f"after:2026-0{random.randint(1, 8)}-01 before:2026-09-01 direction:outbound"


def measure(home: Home) -> Iterator[Figure]:
    """Times of the first page (50 calls) of each kind of question, warm."""
    scope, random = Scope(), Random(5)
    times: dict[str, list[float]] = {}
    for _ in range(ROUNDS):
        for kind, question in questions(random):
            spent = timed(lambda q=question: pages.list_calls(home.ledger, scope, q, limit=50, now=now()))  # type: ignore[misc]
            times.setdefault(kind, []).append(spent * 1000)
    raw = median([probe.plainest_page(home.ledger.engine) * 1000 for _ in range(ROUNDS)])
    for kind, all_spent in times.items():
        slow = p95(all_spent)
        yield Figure(
            name=f"search, last 50: {kind}",
            value=slow,
            unit="ms p95",
            target="< 100",
            met=slow < 100,
            ratio=median(all_spent) / raw,
            note=f"median {median(all_spent):.0f} ms; engine's plainest page {raw:.0f} ms",
        )
    [newest] = pages.list_calls(home.ledger, scope, "", limit=1, now=now()).items
    shown = [timed(lambda: pages.show_call(home.ledger, scope, newest.id)) * 1000 for _ in range(ROUNDS)]
    yield Figure(
        name="search: one call by id", value=p95(shown), unit="ms p95", target="< 100", met=p95(shown) < 100
    )
    counted = [
        timed(lambda: pages.count_calls(home.ledger, scope, "outcome:missed", now=now())) * 1000
        for _ in range(ROUNDS)
    ]
    yield Figure(name="search: count of a filter", value=p95(counted), unit="ms p95")
