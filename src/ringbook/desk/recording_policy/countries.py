"""What recording takes where the outside party is: the table to begin with, and the calls that lack what it asks for.

It is no legal advice: what stands in the table is where somebody has to look, and theirs to correct.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import msgspec
import phonenumbers
from django.db import transaction

from ringbook.analyse.statements import statement
from ringbook.desk.governance.audit import Actor
from ringbook.desk.recording_policy import rules
from ringbook.desk.recording_policy.models import ConsentState, CountryRule, Needs
from ringbook.desk.wiring import ledger
from ringbook.model.instant import Instant
from ringbook.model.scope import Scope

_GDPR = "Whoever is recorded has to be told at the beginning who records, why, and on what basis; being told is not consent."
_EEA = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK"

USUAL: tuple[tuple[str, str, str, str], ...] = (
    *(
        (code, Needs.ANNOUNCEMENT.value, _GDPR, "Regulation (EU) 2016/679, Art. 5, 6, 13")
        for code in _EEA.split()
    ),
    (
        "US",
        Needs.ALL_PARTIES.value,
        "One party's leave is the federal floor; some eleven or twelve states ask for that of all, California among them. "
        "Across states the strictest is generally followed.",
        "18 USC 2511; California Penal Code 632",
    ),
)
"""What the table holds to begin with: country, need, basis, source."""

PREFIX = 8
"""Characters of a number by which its country is told."""


class Country(msgspec.Struct, frozen=True, kw_only=True):
    """The recorded calls with one country: how many were announced, agreed to, refused, and how many lack what it takes."""

    code: str
    rule: CountryRule | None
    recorded: int
    announced: int
    opted_in: int
    refused: int

    @property
    def lacking(self) -> int | None:
        """Calls that lack what the table asks for; None if the table does not speak of the country."""
        if self.rule is None:
            return None
        unknown = self.recorded - self.announced - self.opted_in - self.refused
        return {
            Needs.ONE_PARTY.value: self.refused,
            Needs.ANNOUNCEMENT.value: unknown + self.refused,
            Needs.ALL_PARTIES.value: unknown + self.announced + self.refused,
            Needs.FORBIDDEN.value: self.recorded,
        }[self.rule.needs]


def prefill(tenant: str, actor: Actor) -> int:
    """Put in what the usual table says of countries that there is nothing of yet; how many that were."""
    known = set(CountryRule.objects.filter(tenant=tenant).values_list("country", flat=True))
    fresh = [one for one in USUAL if one[0] not in known]
    with transaction.atomic():
        for code, needs, basis, source in fresh:
            row = CountryRule(tenant=tenant, country=code, needs=needs, basis=basis, source=source)
            rules.add(row, actor)
    return len(fresh)


def rule_for(table: Sequence[CountryRule], number: str) -> CountryRule | None:
    """What the table says of whoever has a number: the longest beginning that fits, else that of the country."""
    best, length = None, 0
    for row in table:
        for prefix in row.prefixes:
            if number.startswith(prefix) and len(prefix) > length:
                best, length = row, len(prefix)
    if best is not None:
        return best
    code = country_of(number[:PREFIX])
    return next((row for row in table if row.country == code and not row.prefixes), None)


def check(scope: Scope, since: Instant, until: Instant) -> list[Country]:
    """The recorded calls of a period by the country of the outside party, those that most is lacking of first."""
    table = list(CountryRule.objects.within(scope))
    params = {
        "since": since,
        "until": until,
        "prompts": [name.lower() for name in rules.standard(scope.tenant).prompts if name.strip()],
        "states": [ConsentState.ANNOUNCED.value, ConsentState.OPTED_IN.value, ConsentState.REFUSED.value],
        "letters": PREFIX,
    }
    found: dict[tuple[str, str], list[int]] = {}
    kept: dict[tuple[str, str], CountryRule | None] = {}
    for number, *counts in ledger().query_rows(scope, statement("countries", "completeness"), params):
        rule = rule_for(table, number)
        key = (country_of(number), str(rule.pk) if rule else "")
        kept[key] = rule
        before = found.setdefault(key, [0, 0, 0, 0])
        found[key] = [a + int(b) for a, b in zip(before, counts, strict=True)]
    told = [
        Country(code=code, rule=kept[code, pk], recorded=n, announced=told, opted_in=yes, refused=no)
        for (code, pk), (n, told, yes, no) in found.items()
    ]
    return sorted(told, key=lambda one: (-(one.lacking or 0), one.code, -one.recorded))


@lru_cache(maxsize=50_000)
def country_of(prefix: str) -> str:
    """The country (ISO 3166) of numbers that begin so; empty where that cannot be told."""
    if not prefix.startswith("+"):
        return ""
    try:
        # Eight digits say where a number is; those that it lacks do not matter.
        parsed = phonenumbers.parse(prefix.ljust(12, "0"), None)
    except phonenumbers.NumberParseException:
        return ""
    return phonenumbers.region_code_for_number(parsed) or _only(parsed.country_code or 0)


def _only(calling_code: int) -> str:
    """The main country of a calling code."""
    region = phonenumbers.region_code_for_country_code(calling_code)
    return "" if region in ("ZZ", "001") else str(region)
