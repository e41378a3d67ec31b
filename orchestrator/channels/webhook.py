"""JSON by POST to an address that a playbook names, signed as standardwebhooks.com says.

The key of the message travels as `webhook-id` and `Idempotency-Key`, by which a receiver drops
repeats. The answer's body is never read.
"""

from __future__ import annotations

import binascii
import hmac
import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, datetime
from email.utils import parsedate_to_datetime
from time import monotonic

import httpx

from accounts.errors import AbmError
from orchestrator.channels.base import Courier, Repeat
from orchestrator.channels.guard import Guard, GuardedTransport, Refused
from orchestrator.clock import SystemClock
from orchestrator.terms import Draft, Message, Receipt

_TRY_LATER = frozenset({408, 425, 429})
_LONGEST_WAIT = 86_400.0  # seconds that we let a receiver put us off
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
        return WebhookCourier(self, width)

    def signature(self, name: str, timestamp: int, body: bytes) -> str:
        """The value of `webhook-signature`."""
        signed = b"%b.%d.%b" % (name.encode(), timestamp, body)
        digest = hmac.digest(_key_of(self.secret), signed, "sha256")
        return f"v1,{b64encode(digest).decode()}"


class WebhookCourier:
    """`width` requests at a time, each on a connection of its own."""

    def __init__(self, channel: Webhook, width: int) -> None:
        self.width = width
        self._channel = channel
        self._threads = ThreadPoolExecutor(width, "webhook")
        self._client = httpx.Client(
            transport=GuardedTransport(channel.guard, channel.seconds),
            follow_redirects=False,
            trust_env=False,
        )

    def offer(self, messages: Sequence[Message]) -> list[Receipt | None]:
        return list(self._threads.map(self._look_up, messages))

    def send(self, messages: Sequence[Message], deadline: float | None = None) -> list[Receipt]:
        return list(self._threads.map(lambda message: self._post(message, deadline), messages))

    def close(self) -> None:
        self._threads.shutdown()
        self._client.close()

    def _look_up(self, message: Message) -> Receipt | None:
        try:
            url = self._channel.guard.url(message.recipient)
            self._channel.guard.addresses(url.raw_host.decode("ascii"), _port(url))
        except Refused as refused:
            return Receipt("failed", refused.reason, permanent="refused")
        except (OSError, UnicodeError) as error:
            return Receipt("retry", str(error))
        return None

    def _post(self, message: Message, deadline: float | None) -> Receipt:
        if deadline is not None and monotonic() >= deadline:
            return Receipt("retry", "no time left")
        now = self._channel.real_now()
        try:
            request = self._client.build_request(
                "POST", message.recipient, content=message.body, headers=self._headers(message, now)
            )
            response = self._client.send(request, stream=True)
        except Refused as refused:
            return Receipt("failed", refused.reason, permanent="refused")
        except httpx.ConnectError as error:
            return Receipt("retry", str(error))
        except httpx.TransportError as error:
            return Receipt("unknown", str(error))
        response.close()
        return _receipt(response, now)

    def _headers(self, message: Message, now: datetime) -> Mapping[str, str]:
        if not self._channel.secret:
            return message.headers
        timestamp = int(now.timestamp())
        name = message.headers["webhook-id"]
        return {
            **message.headers,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": self._channel.signature(name, timestamp, message.body),
        }


def _receipt(response: httpx.Response, now: datetime) -> Receipt:
    """A status is always definite."""
    said = f"HTTP {response.status_code} {response.reason_phrase}".strip()
    if response.is_success:
        return Receipt("sent", said)
    if response.is_server_error or response.status_code in _TRY_LATER:
        return Receipt("retry", said, _retry_after(response.headers.get("Retry-After", ""), now))
    return Receipt("failed", said, permanent="refused")


def _retry_after(value: str, now: datetime) -> float | None:
    """Seconds, from seconds or a date; None if it says neither."""
    if value.isascii() and value.isdigit():
        return min(float(value), _LONGEST_WAIT)
    try:
        left = (parsedate_to_datetime(value) - now).total_seconds()
    except (ValueError, TypeError):  # TypeError: a date without a zone
        return None
    return min(max(left, 0.0), _LONGEST_WAIT)


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


def _port(url: httpx.URL) -> int:
    return url.port or (443 if url.scheme == "https" else 80)
