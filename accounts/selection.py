"""Choosing accounts together: segments, nominations with evidence, sign-off by both teams."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from accounts.countries import country_key
from accounts.errors import AbmError
from accounts.identity import clean_text
from accounts.nearest import nearest
from accounts.ruling import Ruling

# What an account's field may hold, and what a rule compares it with.
Value = str | int | float | bool | None

# Both must agree before an account is a target.
SIGNING_TEAMS = ("marketing", "sales")


class Op(StrEnum):
    """How a rule compares: `field: {at_least: 50}`; a bare value is `is`, a list is `in`."""

    IS = "is"
    IN = "in"
    NOT_IN = "not_in"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    KNOWN = "known"


@dataclass(frozen=True, slots=True)
class Rule:
    """One condition on one account field; `value` is a tuple for `in` and `not_in`."""

    field: str
    op: Op
    value: Value | tuple[Value, ...]

    def holds(self, fields: Mapping[str, Value]) -> bool:
        """Whether the account fulfils it; an unknown field fulfils only `known: false`."""
        have = _comparable(self.field, fields.get(self.field))
        if self.op is Op.KNOWN:
            return (have is not None) is self.value
        if have is None:
            return False
        values = self.value if isinstance(self.value, tuple) else (self.value,)
        wanted = [_comparable(self.field, each) for each in values]
        match self.op:
            case Op.IS | Op.IN:
                return have in wanted
            case Op.NOT_IN:
                return have not in wanted
            case Op.AT_LEAST:
                return _number(have) >= _number(wanted[0])
            case Op.AT_MOST:
                return _number(have) <= _number(wanted[0])

    def __str__(self) -> str:
        if self.op is Op.KNOWN:
            return f"{self.field} is {'known' if self.value else 'not known'}"
        value = ", ".join(map(str, self.value)) if isinstance(self.value, tuple) else self.value
        return f"{self.field} {self.op.value.replace('_', ' ')} {value}"


@dataclass(frozen=True, slots=True)
class Segment:
    """A named rule over account fields; every part must hold. No parts: every account."""

    name: str
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Membership:
    """Whether an account is in a segment, with a reason for each rule."""

    matched: bool
    reasons: tuple[str, ...]

    def __bool__(self) -> bool:
        return self.matched


def parse_rules(spec: Mapping[str, object]) -> tuple[Rule, ...]:
    """Rules from the form they have in YAML: `{country: [DE, AT], tier: {at_most: 2}}`.

    Raises `AbmError` for a comparison that does not exist or a value in the wrong shape.
    """
    return tuple(rule for field, wanted in spec.items() for rule in _rules_of(field, wanted))


def matches(segment: Segment, fields: Mapping[str, Value]) -> Membership:
    """Whether the account with these fields belongs to the segment, and why (not)."""
    held = [(rule, rule.holds(fields)) for rule in segment.rules]
    reasons = tuple(
        f"{rule}" if ok else f"not: {rule} (it is {fields.get(rule.field) or 'unknown'})"
        for rule, ok in held
    )
    return Membership(all(ok for _, ok in held), reasons)


@dataclass(frozen=True, slots=True)
class Nomination:
    """One team's proposal of an account, with the evidence that speaks for it."""

    account_id: int
    team: str
    by: int
    at: datetime
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SignOff:
    """A team's agreement to an account, by one of its users; `expires_at` if it said so itself."""

    team: str
    by: int
    at: datetime
    expires_at: datetime | None = None


def nominate(
    account_id: int, team: str, by: int, at: datetime, evidence: Iterable[str]
) -> Nomination:
    """A nomination; raises `AbmError` without any evidence, because the other team must judge."""
    words = tuple(text for text in map(clean_text, evidence) if text)
    if not words:
        hint = "say why: an event, a figure, a conversation, fit with the agreed segment"
        raise AbmError("a nomination needs evidence", hint)
    return Nomination(account_id, team, by, at, words)


def is_target(signoffs: Iterable[SignOff], now: datetime, valid_for: timedelta) -> Ruling:
    """Whether both teams' sign-offs stand at `now`; each holds for `valid_for` from its making."""
    latest: dict[str, SignOff] = {}
    for signoff in sorted(signoffs, key=lambda one: one.at):
        if signoff.at <= now:
            latest[signoff.team] = signoff
    missing = [team for team in SIGNING_TEAMS if team not in latest]
    if missing:
        return Ruling(False, f"not signed by {' and '.join(missing)}")
    ends = {team: _end(latest[team], valid_for) for team in SIGNING_TEAMS}
    expired = [team for team in SIGNING_TEAMS if ends[team] <= now]
    if expired:
        when = ", ".join(f"{team} until {ends[team]:%Y-%m-%d}" for team in expired)
        return Ruling(False, f"sign-off expired: {when}")
    return Ruling(True, f"signed by both teams until {min(ends.values()):%Y-%m-%d}")


def _end(signoff: SignOff, valid_for: timedelta) -> datetime:
    end = signoff.at + valid_for
    return min(end, signoff.expires_at) if signoff.expires_at else end


_SHAPES: Mapping[Op, tuple[tuple[type, ...], str]] = {
    Op.IS: ((str, int, float, bool), "one value"),
    Op.IN: ((list, tuple), "a list"),
    Op.NOT_IN: ((list, tuple), "a list"),
    Op.AT_LEAST: ((int, float), "a number"),
    Op.AT_MOST: ((int, float), "a number"),
    Op.KNOWN: ((bool,), "true or false"),
}


def _rules_of(field: str, wanted: object) -> list[Rule]:
    if isinstance(wanted, Mapping):
        named = [(_op(str(word)), value) for word, value in wanted.items()]
    else:
        named = [(Op.IN if isinstance(wanted, list | tuple) else Op.IS, wanted)]
    return [Rule(field, op, _value(field, op, value)) for op, value in named]


def _op(word: str) -> Op:
    allowed = [op.value for op in Op]
    if word not in allowed:
        raise AbmError(f"{word!r} is no comparison", nearest(word, allowed))
    return Op(word)


def _value(field: str, op: Op, value: object) -> Value | tuple[Value, ...]:
    """The value in the shape that its comparison needs."""
    kinds, words = _SHAPES[op]
    if not isinstance(value, kinds):
        raise AbmError(f"{field}: {op.value} needs {words}, not {value!r}")
    if isinstance(value, list | tuple):
        return tuple(_one(field, each) for each in value)
    return _one(field, value)


def _one(field: str, value: object) -> Value:
    if isinstance(value, str | int | float | bool):
        return value
    raise AbmError(f"{field}: {value!r} cannot be compared", "allowed: text, a number, yes or no")


def _comparable(field: str, value: Value) -> Value:
    """What two spellings of the same have in common: case, spaces, the country's code."""
    if isinstance(value, str):
        text = clean_text(value).casefold()
        return (country_key(text) or text or None) if field == "country" else text or None
    return value


def _number(value: Value) -> float:
    """A number for ordering; text that is none compares as not-a-number, so never holds."""
    try:
        return float(value) if value is not None else float("nan")
    except ValueError:
        return float("nan")
