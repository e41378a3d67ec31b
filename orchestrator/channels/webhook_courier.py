"""Webhooks on their way: several at a time, each answer read as a receipt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from email.utils import parsedate_to_datetime
from time import monotonic

import httpx

from orchestrator.channels.guard import Refused
from orchestrator.channels.webhook import Webhook
from orchestrator.channels.wire import GuardedTransport
from orchestrator.terms import Message, Receipt

_TRY_LATER = frozenset({408, 425, 429})
_LONGEST_WAIT = 86_400.0  # seconds that we let a receiver put us off


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


def _port(url: httpx.URL) -> int:
    return url.port or (443 if url.scheme == "https" else 80)
