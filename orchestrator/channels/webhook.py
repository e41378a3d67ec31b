"""JSON by POST to an address that a playbook names, signed as standardwebhooks.com says.

The key of the message travels as `webhook-id` and `Idempotency-Key`, by which a receiver drops
repeats. The answer's body is never read.
"""

from __future__ import annotations

import binascii
import hmac
import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from accounts.errors import AbmError
from orchestrator.channels.base import Courier, Repeat
from orchestrator.channels.guard import Guard
from orchestrator.clock import SystemClock
from orchestrator.terms import Draft, Message

_LARGEST = 256 * 1024  # octets of a body


@dataclass(frozen=True, slots=True)
class Webhook:
    """POSTs that may go where `guard` lets them; `secret` is `whsec_` and base64, "" for none."""

    guard: Guard = field(default_factory=Guard)
    secret: str = field(default="", repr=False)
    seconds: float = 15.0  # for a request and its answer
    real_now: Callable[[], datetime] = SystemClock().lease_now  # receivers compare it to theirs
    name: str = "webhook"
    repeat: Repeat = "keyed"

    def __post_init__(self) -> None:
        _key_of(self.secret)

    def compose(self, draft: Draft) -> Message:
        url = self.guard.url(draft.recipient)
        name = f"{draft.key}.{draft.resend}"
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": name,
            "User-Agent": "abm-orchestrator",
            "webhook-id": name,
        }
        body = _json(draft.data)
        return Message(draft.key, draft.resend, self.name, "", str(url), body, headers)

    def open(self, width: int) -> Courier:
        from orchestrator.channels.webhook_courier import WebhookCourier

        return WebhookCourier(self, width)

    def signature(self, name: str, timestamp: int, body: bytes) -> str:
        """The value of `webhook-signature`."""
        signed = b"%b.%d.%b" % (name.encode(), timestamp, body)
        digest = hmac.digest(_key_of(self.secret), signed, "sha256")
        return f"v1,{b64encode(digest).decode()}"


def _json(data: Mapping[str, object]) -> bytes:
    """The same data always gives the same octets."""
    try:
        text = json.dumps(
            dict(data), allow_nan=False, default=_instant, separators=(",", ":"), sort_keys=True
        )
    except (TypeError, ValueError) as error:
        raise AbmError("the webhook's data cannot be written as JSON", str(error)) from error
    if len(text) > _LARGEST:
        raise AbmError(f"the webhook's data is larger than {_LARGEST // 1024} KiB")
    return text.encode()


def _instant(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"no JSON for {type(value).__name__}")


def _key_of(secret: str) -> bytes:
    try:
        return b64decode(secret.removeprefix("whsec_"), validate=True)
    except (binascii.Error, ValueError):
        hint = "it is whsec_ and base64"
        raise AbmError("the secret of [webhooks] is not in its form", hint) from None
