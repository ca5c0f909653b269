"""Webhooks are signed after the Standard Webhooks specification: who has the secret can prove a message and its time.

No secret is kept: it is derived from the home's own key, the webhook's id and its generation. A new generation is a new secret.
"""

from __future__ import annotations

import base64
import hashlib
import hmac

from django.conf import settings

from ringbook.desk.delivery.models import Webhook

_USE = "ringbook.webhook"


def secret_of(webhook: Webhook) -> str:
    """The secret that its receiver checks signatures with."""
    return "whsec_" + base64.b64encode(_key(webhook)).decode()


def headers(webhook: Webhook, message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """What proves a message: its id, its time and the signature of both and the body."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    signature = base64.b64encode(hmac.new(_key(webhook), signed, hashlib.sha256).digest()).decode()
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": f"v1,{signature}",
    }


def _key(webhook: Webhook) -> bytes:
    text = f"{_USE}:{webhook.pk}:{webhook.generation}"
    return hmac.new(str(settings.SECRET_KEY).encode(), text.encode(), hashlib.sha256).digest()
