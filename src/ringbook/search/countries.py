"""Countries by the calling code of the number outside: which codes there are, how a call's is found, how one is written."""

from __future__ import annotations

from functools import cache

import phonenumbers

from ringbook.search.errors import BadValueError, nearest
from ringbook.search.kinds import COUNTRY_CODE, Build
from ringbook.search.tree import Value

_FAR_END = "if(direction = 'outbound', to_number, if(direction = 'internal', '', from_number))"

COUNTRY = f"extract({_FAR_END}, '^[+]({COUNTRY_CODE})')"
"""The calling code of who is outside, without the plus; empty for calls within the house and numbers that have none."""

HAS_COUNTRY = f"notEmpty({COUNTRY})"


def country(value: Value, build: Build) -> str:
    """Matches calls with somebody of a country: by its calling code, or the two letters of ISO 3166."""
    return f"{COUNTRY} = {build.bind(_code(value.text))}"


def label(code: str) -> str:
    """A calling code as it is shown, with the first of the countries that have it."""
    if not code:
        return ""
    regions = [region for region in phonenumbers.region_codes_for_country_code(int(code)) if region != "001"]
    more = "…" if len(regions) > 1 else ""
    return f"+{code} {regions[0] if regions else ''}{more}".rstrip()


def _code(text: str) -> str:
    written = text.strip().removeprefix("+")
    if written.isascii() and written.isdigit():
        if int(written) in _codes().values() or phonenumbers.region_codes_for_country_code(int(written)):
            return str(int(written))
    elif written.upper() in _codes():
        return str(_codes()[written.upper()])
    known = [each.lower() for each in _codes()]
    raise BadValueError(f'country: knows no "{text}".', nearest(written.lower(), known, _HINT))


_HINT = "Write a calling code or two letters, as in country:+49 or country:de."


@cache
def _codes() -> dict[str, int]:
    """The calling code of each region; several regions share one, as those of North America do."""
    return {region: phonenumbers.country_code_for_region(region) for region in phonenumbers.SUPPORTED_REGIONS}
