"""What a raw event says: its kind, when, about whom. Pure; takes any payload and trusts none."""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from accounts.company_names import name_key
from accounts.identity import clean_text, email_key, own_domain
from accounts.lost import lost_reason
from accounts.matching import Record
from accounts.nearest import nearest
from accounts.signals import bounce_kind, classify_reply, fresh_text
from orchestrator.planner.apply import is_known
from orchestrator.terms import EVENT_KINDS, RawEvent

NAME_LIMIT = 200  # characters of a source, an id, a kind, a name
TEXT_LIMIT = 20_000
DEPTH_LIMIT = 20
NOBODY = Record()
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
LONGEST = timedelta(days=3_653)

_OUR_ID = re.compile(r"\b([0-9a-f]{32})\.(\d{1,6})@")
_KEY = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Understood:
    """An event as we read it. `key` is (source, source id) in the form in which it is stored."""

    key: tuple[str, str]
    kind: str
    at: datetime  # in UTC; never in the future, never before the sources had clocks
    payload: dict[str, object]  # fit to be stored anywhere
    why: str = ""
    until: datetime | None = None
    referral: str = ""
    body: str = ""  # the person's own words
    messages: tuple[tuple[str, int], ...] = ()  # (message key, resend) that it may be about
    email_key: str = ""
    domain: str = ""
    company_key: str = ""
    who: str = ""  # the person in words, for when we do not know them
    person: str = ""
    record: Record = NOBODY  # the company as the matcher reads it


def understand(raw: RawEvent, now: datetime) -> Understood:
    """Read an event; an unknown kind keeps its name and gets a reason with the nearest one."""
    payload = {_short(name): _storable(value) for name, value in raw.payload.items()}
    email, company = _text(payload, "email"), _text(payload, "company")
    name, site = _text(payload, "name"), _text(payload, "domain")
    domain = own_domain(site, email) or ""
    said = Understood(
        (_short(raw.source), _id(raw.source_id)),
        _short(raw.kind).lower(),
        _plausible(raw.at, now),
        payload,
        until=_until(_text(payload, "until"), now),
        body=_body(payload),
        messages=tuple(_messages(payload)),
        email_key=email_key(email) if "@" in email else "",
        domain=domain,
        company_key=name_key(company).core,
        who=_who(name, company or domain),
        person=_short(name),
        record=Record(_short(company), _short(site), email, _text(payload, "country")),
    )
    return _classed(said)


def understand_again(kept: RawEvent, received_at: datetime) -> Understood:
    """Read an event from the inbox, where it stands with the exact kind, as when it came in.

    What a reply's own words said beside its class (a date, a name) is read from them once more.
    """
    said = understand(kept, received_at)
    if not said.kind.startswith("reply."):
        return said
    classed = _classed_reply(said)
    return classed if classed.kind == said.kind else said


# ---------------------------------------------------------------- its kind


def _classed(said: Understood) -> Understood:
    """The exact kind: replies and bounces without a class that we know get one from us."""
    general = said.kind.partition(".")[0]
    if general == "reply" and (said.kind == "reply" or not is_known(said.kind)):
        return _classed_reply(said)
    if general == "bounce" and (said.kind == "bounce" or not is_known(said.kind)):
        status = _text(said.payload, "status")
        return replace(said, kind=bounce_kind(status), why=f"status {status or 'not given'}")
    if general == "lost" and not is_known(said.kind):
        told = _text(said.payload, "reason")
        return replace(said, kind=f"lost.{lost_reason(told) or 'other'}", why=told or "no reason")
    if is_known(said.kind):
        return said
    return replace(said, why=f"unknown kind {said.kind!r}: {nearest(said.kind, EVENT_KINDS)}")


def _classed_reply(said: Understood) -> Understood:
    headers = said.payload.get("headers")
    found = classify_reply(
        _text(said.payload, "subject"),
        _text(said.payload, "text", TEXT_LIMIT),
        {name: str(value) for name, value in headers.items()} if isinstance(headers, dict) else {},
        on=said.at.date(),
        sender=_text(said.payload, "email"),
    )
    until = datetime.combine(found.until, time(), UTC) if found.until else said.until
    referral = " ".join(filter(None, (found.referral_name, found.referral)))
    why = ", ".join(found.reasons)
    return replace(said, kind=found.kind, why=why, until=until, referral=referral)


# ---------------------------------------------------------------- its fields


def _who(name: str, company: str) -> str:
    """Never the address: the words go to the log."""
    if not company:
        return _short(name)
    return f"{_short(name) or 'somebody'} of {_short(company)}"


def _text(payload: Mapping[str, object], name: str, limit: int = NAME_LIMIT) -> str:
    value = payload.get(name)
    return value.strip()[:limit] if isinstance(value, str) else ""


def _body(payload: Mapping[str, object]) -> str:
    """What a rep reads: the words of a reply, else what a form's fields say."""
    if text := _text(payload, "text", TEXT_LIMIT):
        return fresh_text(text)
    shown = ("name", "email", "company", "domain", "phone", "message", "url")
    return "\n".join(f"{name}: {value}" for name in shown if (value := _text(payload, name)))


def _messages(payload: Mapping[str, object]) -> list[tuple[str, int]]:
    """The messages of ours that it names, the nearest first: References lists the oldest first."""
    near = " ".join(_text(payload, name, 1_000) for name in ("message_id", "in_reply_to"))
    far = _text(payload, "references", TEXT_LIMIT)
    found = [*_OUR_ID.findall(near), *reversed(_OUR_ID.findall(far))]
    key = _text(payload, "key")
    named = [(key, "0")] if _KEY.fullmatch(key) else []
    return [(one, int(resend)) for one, resend in named + found]


def instant(at: datetime) -> datetime:
    """In UTC; at the ends of the calendar some instants exist in their own zone only."""
    if at.tzinfo is None:
        return at.replace(tzinfo=UTC)
    try:
        return at.astimezone(UTC)
    except OverflowError:
        return at.replace(tzinfo=UTC)


def _plausible(at: datetime, now: datetime) -> datetime:
    """Nothing happens later than now, and a source that says 1970 does not know when."""
    at = instant(at)
    return at if EARLIEST <= at <= now else now


def _until(text: str, now: datetime) -> datetime | None:
    """The day that somebody named, ten years from now at most."""
    try:
        at = instant(datetime.fromisoformat(text))
    except ValueError:
        return None
    return min(at, now + LONGEST)


def _id(text: str) -> str:
    """Ids that differ stay different, however long they are."""
    short = _short(text)
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    return short if len(text) <= NAME_LIMIT else f"{short[: NAME_LIMIT - 33]}-{digest}"


def _short(text: object) -> str:
    """One clean line that both databases keep."""
    return clean_text(str(text).encode("utf-8", "replace").decode())[:NAME_LIMIT]


def _storable(value: object, depth: int = 0) -> object:
    """The value in a form that both databases keep: no NUL, no lone surrogate, no NaN, not deep."""
    if isinstance(value, str):
        return value[:TEXT_LIMIT].replace("\0", "").encode("utf-8", "replace").decode()
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, int):
        return value if abs(value) < 2**63 else "a number too large"
    if isinstance(value, datetime | date):
        return value.isoformat()
    if depth >= DEPTH_LIMIT:
        return "..."
    if isinstance(value, Mapping):
        return {str(_storable(str(k))): _storable(v, depth + 1) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_storable(one, depth + 1) for one in value]
    return str(value)[:NAME_LIMIT]
