"""The delivery: whether a message may leave, what leaves, and what the other side said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NamedTuple

# When a touch is due that only somebody's word lets go: whoever gives it makes the touch due.
UNTIL_RESUMED = datetime(9999, 1, 1, tzinfo=UTC)


class Go(NamedTuple):
    """`may_send` says: now."""


class Later(NamedTuple):
    """`may_send` says: not before `at` (which may be UNTIL_RESUMED), because of `reason`."""

    at: datetime
    reason: str


class Never(NamedTuple):
    """`may_send` says: not at all; `status` is suppressed or cancelled."""

    status: str
    reason: str


Ruling = Go | Later | Never


class Rendered(NamedTuple):
    """A message in our words, before any channel gave it its form. `html` may be empty."""

    subject: str
    text: str
    html: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """All that a channel needs to compose the bytes of one message."""

    key: str
    resend: int
    rendered: Rendered
    recipient: str  # one address, or a URL
    recipient_name: str = ""
    sender: str = ""  # From address
    sender_name: str = ""
    unsubscribe: str = ""  # https address of the one-click endpoint, "" where none applies
    at: datetime | None = None  # business time: the Date header
    data: Mapping[str, object] = field(default_factory=dict)  # webhook: the JSON body
    answers: str = ""  # the Message-ID of the mail that it answers


@dataclass(frozen=True, slots=True)
class Message:
    """One rendered message on its way out, the same for every channel.

    `key` and `resend` name it for ever; `body` holds the exact bytes that leave.
    """

    key: str
    resend: int
    channel: str
    sender: str  # envelope sender, or "" where the channel has none
    recipient: str  # one address, a URL …
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


class Receipt(NamedTuple):
    """What the other side said. `status` is sent, failed, retry (definite, try later) or unknown.

    `permanent` tells why a failure will not heal: bad_address, blocked, refused, bad_content.
    """

    status: str
    reply: str = ""
    retry_after: float | None = None  # seconds
    permanent: str = ""
