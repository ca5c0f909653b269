"""Why a recording is of no call yet, in the reader's language. The texts are those of ``ringbook.recordings.joining``."""

from __future__ import annotations

import re

from django.utils.translation import gettext_lazy

_WHY = {
    "no call of its source names it, has an id of its name, or fits its time and numbers": gettext_lazy(
        "No call of its phone system names it, has an id of its name, or fits its time and numbers."
    ),
    "a record of a call names such a file, but the call was at another time": gettext_lazy(
        "A record of a call names such a file, but the call was at another time."
    ),
    "N calls fit its time and numbers equally well": gettext_lazy(
        "%(calls)s calls fit its time and numbers equally well."
    ),
    "N calls have the same claim to it (record)": gettext_lazy("The records of %(calls)s calls name it."),
    "N calls have the same claim to it (id)": gettext_lazy("%(calls)s calls have the id in its name."),
}


def why_waiting(told: str) -> str:
    """Why it waits, as people read it; as it was told where there is no word of ours."""
    number = re.match(r"\d+", told)
    word = _WHY.get("N" + told[number.end() :] if number else told)
    return str(word) % {"calls": number[0] if number else ""} if word else told
