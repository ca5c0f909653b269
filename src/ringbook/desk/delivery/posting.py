"""Sending what waits: mail through the mail server of the settings, webhooks over HTTPS; with every try on record.

What fails is tried again after a minute, then ever later; after seven tries, or when the other side says that it never will, it
is given up, which the log tells.
"""

from __future__ import annotations

import socket
import ssl
import time
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import SMTP as SMTP_POLICY
from smtplib import (
    SMTP,
    SMTP_SSL,
    SMTPAuthenticationError,
    SMTPException,
    SMTPRecipientsRefused,
    SMTPResponseException,
)

import httpx
import structlog
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from ringbook.desk.delivery.addresses import place_of
from ringbook.desk.delivery.errors import PostError
from ringbook.desk.delivery.models import Attempt, Channel, Delivery, Sent
from ringbook.desk.delivery.signing import headers

log = structlog.get_logger()

BACKOFF = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 720))
"""How long to wait after each failed try; after the last one there is no more."""

LEASE = timedelta(minutes=10)
"""How long a message belongs to who tries it."""

KEPT = timedelta(days=14)
"""How long the content of a message that was given up stays, to be tried again by hand."""

TIMEOUT_S = 20.0
_ANSWER_BYTES = 500
_PERMANENT = 500


def send_waiting(now: datetime | None = None, most: int = 50) -> int:
    """How many messages were tried that wait and whose time has come, the oldest first."""
    at = now or datetime.now(UTC)
    waiting = Delivery.objects.filter(state=Sent.WAITING, next_at__lte=at).order_by("next_at", "made_at")
    tried = 0
    for delivery in waiting[:most]:
        if claim(delivery, at):
            attempt(delivery, now or datetime.now(UTC))
            tried += 1
    return tried


def claim(delivery: Delivery, at: datetime) -> bool:
    """Whether a waiting message is now ours to try: nobody else tries it before our time is over, should we be cut short."""
    mine = Delivery.objects.filter(pk=delivery.pk, state=Sent.WAITING, next_at=delivery.next_at)
    return bool(mine.update(next_at=at + LEASE))


def attempt(delivery: Delivery, at: datetime) -> bool:
    """Whether a message could be sent; the try is on record."""
    try:
        if delivery.channel == Channel.MAIL:
            send_mail(delivery)
        else:
            post(delivery, at)
    except PostError as error:
        _failed(delivery, at, error)
        return False
    with transaction.atomic():
        Attempt.objects.create(delivery=delivery, at=at)
        delivery.attempts += 1
        delivery.state, delivery.sent_at, delivery.next_at = Sent.SENT, at, None
        delivery.problem, delivery.body = "", b""
        delivery.save()
    return True


def retry(delivery: Delivery, at: datetime) -> None:
    """Have a message that was not sent yet tried at once. Its content must still be there: see :func:`can_retry`."""
    Delivery.objects.filter(pk=delivery.pk, state__in=(Sent.WAITING, Sent.FAILED)).update(
        state=Sent.WAITING, next_at=at, attempts=0
    )


def can_retry(delivery: Delivery) -> bool:
    """Whether a message can be tried again by hand."""
    return delivery.state in (Sent.WAITING, Sent.FAILED) and bool(delivery.body)


def forget_given_up(now: datetime) -> int:
    """How many messages that were given up long ago lost their content; that they were is kept."""
    old = Delivery.objects.filter(state=Sent.FAILED, made_at__lt=now - KEPT).exclude(body=b"")
    return old.update(body=b"")


def _failed(delivery: Delivery, at: datetime, error: PostError) -> None:
    with transaction.atomic():
        Attempt.objects.create(delivery=delivery, at=at, problem=str(error))
        delivery.attempts += 1
        delivery.problem = str(error)
        if error.lasting or delivery.attempts > len(BACKOFF):
            delivery.state, delivery.next_at = Sent.FAILED, None
        else:
            delivery.next_at = at + BACKOFF[delivery.attempts - 1]
        delivery.save()
    log.warning(
        "delivery.failed", delivery=str(delivery.pk), attempts=delivery.attempts, state=delivery.state
    )


def send_mail(delivery: Delivery) -> None:
    """Hand a message to the mail server. Raises :class:`PostError`."""
    if not settings.MAIL_IS_SET_UP:
        raise PostError(_("No mail server is set up: section [mail] of ringbook.toml."), lasting=True)
    message = message_from_bytes(bytes(delivery.body), policy=SMTP_POLICY)
    try:
        with _mail_server() as server:
            server.send_message(message, settings.DEFAULT_FROM_EMAIL, [delivery.address])
    except SMTPRecipientsRefused as error:
        code, text = next(iter(error.recipients.values()), (0, b""))
        raise PostError(_told(code, text), lasting=code >= _PERMANENT) from None
    except SMTPAuthenticationError as error:
        raise PostError(
            _("The mail server refused our name and password: %(answer)s")
            % {"answer": _told(error.smtp_code, error.smtp_error)}
        ) from None
    except SMTPResponseException as error:
        lasting = error.smtp_code >= _PERMANENT
        raise PostError(_told(error.smtp_code, error.smtp_error), lasting=lasting) from None
    except (SMTPException, OSError) as error:
        raise PostError(
            _("The mail server could not be reached: %(why)s") % {"why": _reason(error)}
        ) from None


def _mail_server() -> SMTP:
    """A connection to the mail server of the settings, signed in where they say so."""
    host, port, timeout = settings.EMAIL_HOST, settings.EMAIL_PORT, float(settings.EMAIL_TIMEOUT or TIMEOUT_S)
    secure = ssl.create_default_context()
    if settings.EMAIL_USE_SSL:
        server: SMTP = SMTP_SSL(host, port, timeout=timeout, context=secure)
    else:
        server = SMTP(host, port, timeout=timeout)
        if settings.EMAIL_USE_TLS:
            server.starttls(context=secure)
    if settings.EMAIL_HOST_USER:
        server.login(settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD)
    return server


def post(delivery: Delivery, at: datetime) -> None:
    """Post a message to its webhook, signed. Redirects are not followed. Raises :class:`PostError`."""
    webhook = delivery.webhook
    if webhook is None or webhook.removed_at is not None:
        raise PostError(_("The webhook was removed."), lasting=True)
    place = place_of(webhook.url)
    body = bytes(delivery.body)
    told = {
        "host": place.host if place.port in (80, 443) else f"{place.host}:{place.port}",
        "content-type": "application/json",
        "user-agent": "Ringbook",
        "accept-encoding": "identity",
        **headers(webhook, str(delivery.pk), int(at.timestamp()), body),
    }
    # The connection goes to the address that was looked at: a second look-up of the name might lead elsewhere.
    address = f"[{place.address}]" if ":" in place.address else place.address
    url = f"{'https' if place.secure else 'http'}://{address}:{place.port}{place.path}"
    try:
        with (
            httpx.Client(timeout=TIMEOUT_S, trust_env=False, follow_redirects=False) as client,
            client.stream(
                "POST", url, content=body, headers=told, extensions={"sni_hostname": place.host}
            ) as answer,
        ):
            status, text = answer.status_code, _beginning(answer)
    except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError) as error:
        raise PostError(
            _("%(host)s did not answer: %(why)s") % {"host": place.host, "why": _reason(error)}
        ) from None
    if not 200 <= status < 300:
        lasting = status == 410
        raise PostError(
            _("%(host)s answered %(status)d. %(text)s")
            % {"host": place.host, "status": status, "text": text},
            lasting=lasting,
        )


def _beginning(answer: httpx.Response) -> str:
    """The first words of an answer; the rest is not waited for."""
    read, until = b"", time.monotonic() + TIMEOUT_S
    for piece in answer.iter_raw():
        read += piece
        if len(read) >= _ANSWER_BYTES or time.monotonic() > until:
            break
    return " ".join(read[:_ANSWER_BYTES].decode("utf-8", "replace").split())


def _told(code: int, text: bytes | str) -> str:
    words = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return _("The mail server said %(code)d: %(text)s") % {
        "code": code,
        "text": " ".join(words.split())[:300],
    }


def _reason(error: Exception) -> str:
    if isinstance(error, TimeoutError | socket.timeout | httpx.TimeoutException):
        return _("no answer within %(n)d s") % {"n": int(TIMEOUT_S)}
    return str(error) or type(error).__name__
