"""Addresses of audio that work for a few minutes, for one recording, in one session of one person."""

from __future__ import annotations

from datetime import timedelta

from django.core.signing import BadSignature, TimestampSigner

from ringbook.web.viewer import Asking

LASTS = timedelta(minutes=5)
_PLAIN = 200


def passing(request: Asking, recording: str) -> str:
    """What lets the session that asks hear a recording for a while."""
    about = _about(request, recording)
    return _signer().sign(about).removeprefix(f"{about}:")


def passes(request: Asking, recording: str, shown: str) -> bool:
    """Whether what is shown was given to this session for this recording, not too long ago."""
    if len(shown) > _PLAIN or not shown.isascii():
        return False
    try:
        _signer().unsign(f"{_about(request, recording)}:{shown}", max_age=LASTS)
    except BadSignature:
        return False
    return True


def _about(request: Asking, recording: str) -> str:
    person = request.viewer.person
    return f"{recording}/{person.pk if person else ''}/{request.session.session_key}"


def _signer() -> TimestampSigner:
    return TimestampSigner(salt="ringbook.recordings")
