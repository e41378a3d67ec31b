"""`agreement.yml`: what marketing and sales agreed, read with positions and stored in versions."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from accounts.errors import AbmError
from accounts.scoring import FitRule
from accounts.selection import Op, Rule, Segment, parse_rules
from orchestrator.alignment import Agreement, Persona, Target
from orchestrator.calendar import Span
from orchestrator.language.by_tier import OTHERS, TIERS, ByTier
from orchestrator.language.codes import Code
from orchestrator.language.findings import Findings
from orchestrator.language.shapes import (
    BAD,
    NAME,
    Choice,
    Form,
    Json,
    Key,
    ListOf,
    MapOf,
    Parsed,
    Table,
    Text,
    wrong_type,
)
from orchestrator.language.source import Node, read_yaml
from orchestrator.language.texts import DATE, LENGTH, MONEY, SPAN_PATTERN, rate, span
from orchestrator.pacing import window
from orchestrator.terms import OWED, CalendarSpec, Cap, Owed

if TYPE_CHECKING:
    from sqlmodel import Session

    from orchestrator.engine.context import Context
    from orchestrator.settings import Workspace

FILE = "agreement.yml"
TEAMS = ("marketing", "sales", "customer", "leader", "ops", "admin", "agency")

# What a rule may ask of an account.
FIELDS = (
    "name", "domain", "country", "state", "city", "zone", "sector", "industry", "market_cap",
    "tier", "stage", "fit", "engagement",
)  # fmt: skip


# ---------------------------------------------------------------- its shape


@dataclass(frozen=True, slots=True)
class _Number:
    words: str = "a number"

    def read(self, node: Node, findings: Findings) -> Any:
        if isinstance(node.value, bool) or not isinstance(node.value, int | float):
            return wrong_type(node, self.words, findings)
        return float(node.value)

    def json(self) -> Json:
        return {"type": "number"}


@dataclass(frozen=True, slots=True)
class _Rules:
    """`{country: [DE, AT], tier: {at_most: 2}}`: conditions on an account, all of which hold."""

    words: str = "a map of account fields and what they must be"

    def read(self, node: Node, findings: Findings) -> Any:
        if node.kind != "map":
            return wrong_type(node, self.words, findings)
        found = [self._rules(name, value, findings) for name, value in node.pairs]
        return tuple(rule for rules in found for rule in rules)

    def _rules(self, name: Node, value: Node, findings: Findings) -> tuple[Rule, ...]:
        if name.text not in FIELDS:
            hint = findings.nearest(name.text, FIELDS)
            findings.add(name, Code.UNKNOWN_KEY, f"an account has no field '{name.text}'", hint)
            return ()
        try:
            return parse_rules({name.text: _plain(value)})
        except AbmError as error:
            findings.add(value, Code.WRONG_VALUE, error.reason, error.hint)
            return ()

    def json(self) -> Json:
        return {"type": "object", "propertyNames": {"enum": list(FIELDS)}}


def _plain(node: Node) -> Any:
    if node.kind == "map":
        return {key.text: _plain(value) for key, value in node.pairs}
    return [_plain(item) for item in node.items] if node.kind == "list" else node.value


def _percent(text: str) -> int:
    number = text.removesuffix("%").strip()
    if not text.endswith("%") or not number.isascii() or not number.isdigit() or int(number) > 50:
        raise ValueError(f"{text!r} is not a share; write it as 5%, at most 50%")
    return int(number)


_NAME = Text("a name", NAME, Code.BAD_NAME, "letters, digits, - and _")
_KIND = Text("a kind of activity", r"[a-z][a-z0-9_.]{0,63}", Code.BAD_NAME, "as reply.interested")
_SPAN = Parsed("a length of time", span, SPAN_PATTERN)
_RATE = Parsed("a rate", rate)

_PERSONA = MapOf(
    "a persona",
    (
        Key("titles", ListOf(Text(), alone=True), "words that tell the job title"),
        Key("role", _NAME, "the role that such a person usually has in the buying committee"),
    ),
)
_FIT = MapOf(
    "a rule of fit",
    (
        Key("when", _Rules(), "what must hold for the account", required=True),
        Key("points", _Number(), "how much it counts", required=True),
    ),
)
_SCORE = MapOf(
    "the score",
    (
        Key("half_life", _SPAN, "after this time an activity counts half", "30d"),
        Key("weights", Table("the weights", _Number(), _KIND), "points for each kind of activity"),
        Key("fit", ListOf(_FIT), "what makes an account fit the ideal customer profile"),
    ),
)
_CAPS = MapOf(
    "the caps",
    (
        Key("contact", _RATE, "how often one person may be reached"),
        Key("account", _RATE, "how often one account may be reached"),
    ),
)
_TIME = ByTier(LENGTH, "a time for each tier", "a length of time, or one for each tier")
_SLA = MapOf("the times", tuple(Key(name, _TIME, words) for name, words in OWED.items()))
_TARGET = MapOf(
    "the target",
    (
        Key("revenue", MONEY, "what both teams want to bring in", required=True),
        Key("since", DATE, "the first day of which it counts", required=True),
        Key("until", DATE, "the last one", required=True),
    ),
)
SHAPE = MapOf(
    "the agreement",
    (
        Key("segments", Table("the segments", _Rules(), _NAME), "named groups of accounts"),
        Key("personas", Table("the personas", _PERSONA, _NAME), "kinds of people we speak to"),
        Key(
            "account_team",
            Table("the account team", Choice(TEAMS), Text("a role", r"[a-z][a-z0-9_/-]{0,63}")),
            "which team fills each role of an account team",
        ),
        Key("score", _SCORE, "what activities and facts are worth"),
        Key(
            "sign_off",
            MapOf("the sign-off", (Key("valid", _SPAN, "how long a signature holds", "180d"),)),
            "the rules of signing a list",
        ),
        Key("caps", _CAPS, "pressure limits of playbooks that set none"),
        Key("sla", _SLA, "how soon both teams owe what; a day where it says nothing"),
        Key("target", _TARGET, "the revenue for which both teams work"),
        Key("holdout", Parsed("a share", _percent), "accounts left untouched, to measure lift"),
    ),
)


# ---------------------------------------------------------------- reading


def parse(source: str, file: str = FILE) -> Agreement:
    """The agreement that the YAML says; raises `Problems` with everything that is wrong."""
    findings = Findings(file)
    node = read_yaml(source, findings)
    form = SHAPE.read(node, findings) if node else BAD
    built = None if form is BAD else _build(form, findings)
    findings.raise_if_any()
    return built or Agreement()


def _build(form: Form, findings: Findings) -> Agreement:
    score = form.get("score")
    signing = form.get("sign_off")
    fit = score.get("fit", ()) if score else ()
    values: dict[str, Any] = {
        "segments": {
            name: Segment(name, rules) for name, rules in form.get("segments", {}).items()
        },
        "personas": {name: _persona(name, one) for name, one in form.get("personas", {}).items()},
        "roles": dict(form.get("account_team", {})),
        "fit": tuple(_fit(one, findings) for one in fit if one.sound),
        "caps": tuple(
            Cap(scope, limit.limit, limit.window)
            for scope in ("contact", "account")
            if form.get("caps") and (limit := form["caps"].get(scope))
        ),
        "holdout": form.get("holdout", 0),
        "sla": {name: _times(form["sla"][name]) for name in OWED if name in form.get("sla", ())},
    }  # fmt: skip
    values["target"] = _target(form, findings)
    if score:
        values["weights"] = dict(score.get("weights", {}))
        if days := _length(score, "half_life", findings):
            values["half_life_days"] = days.total_seconds() / 86_400
    if signing and (valid := _length(signing, "valid", findings)):
        values["signed_for"] = valid
    return Agreement(**values)


def _target(form: Form, findings: Findings) -> Target | None:
    if not (said := form.get("target")) or not said.sound:
        return None
    since, until = date.fromisoformat(said["since"]), date.fromisoformat(said["until"])
    if until < since:
        hint = "since is the first day, until the last"
        findings.add(said.at("until"), Code.WRONG_VALUE, f"{until} is before {since}", hint)
        return None
    return Target(said["revenue"], since, until)


def _times(said: Form | Span) -> dict[int, Span]:
    """The times by tier, 0 for all others."""
    if not isinstance(said, Form):
        return {0: said}
    own = {tier: said[name] for name, tier in TIERS.items() if name in said}
    return own | ({0: said[OTHERS]} if OTHERS in said else {})


def _persona(name: str, form: Form) -> Persona:
    return Persona(name, tuple(form.get("titles", ())), form.get("role", ""))


def _fit(form: Form, findings: Findings) -> FitRule:
    if len(form["when"]) != 1:
        hint = "write a rule of its own, with points of its own, for each"
        findings.add(form.at("when"), Code.WRONG_COUNT, "a rule of fit has one condition", hint)
    return FitRule(
        form["when"][0] if form["when"] else Rule("name", Op.KNOWN, True), form["points"]
    )


def _length(form: Form, key: str, findings: Findings) -> Any:
    """The time that a key names; nothing after a finding, for business time has no fixed length."""
    if not (said := form.get(key)):
        return None
    try:
        length = window(said)
    except ValueError:
        length = None
    if not length:
        hint = "count in days or weeks, at least one"
        findings.add(form.at(key), Code.WRONG_VALUE, f"{said} is no length of this", hint)
    return length


# ---------------------------------------------------------------- its versions


def apply(ctx: Context, source: str, file: str = FILE) -> bool:
    """Make this the agreement in force; whether anything changed. Raises `Problems`.

    Every account's segment and fit follow at once.
    """
    # Only here: a check needs no database.
    from orchestrator.store.companies import people
    from orchestrator.store.plays import plays

    agreement = parse(source, file)
    now = ctx.clock.now()
    with ctx.db.writing() as session:
        newest = plays.newest_agreement(session)
        if newest and newest.source == source:
            return False
        # Chained, so that going back to an earlier text is a version of its own.
        digest = hashlib.sha256(f"{newest.digest if newest else ''}\n{source}".encode()).hexdigest()
        canonical = _plain(read_yaml(source, Findings(file)) or Node("map", 0, 0))
        plays.add_agreement(session, digest, source, canonical, now)
        people.classify(session, agreement.judge)
    return True


def current(session: Session) -> Agreement:
    """The agreement in force; an empty one before the first was applied."""
    from orchestrator.store.plays import plays

    newest = plays.newest_agreement(session)
    return _parsed(newest.source) if newest else Agreement()


def owed(ctx: Context, session: Session) -> Owed:
    """How soon both teams owe what, counted in the workspace's working hours."""
    return owed_by(current(session), ctx.settings.workspace)


def owed_by(agreed: Agreement, place: Workspace) -> Owed:
    """The same of any agreement."""
    from orchestrator.planner.hours import working_hours

    return Owed(agreed.sla, working_hours(CalendarSpec(), place.zone, place.country))


def is_in_force(session: Session, source: str) -> bool:
    """Whether this very text was applied last."""
    from orchestrator.store.plays import plays

    newest = plays.newest_agreement(session)
    return newest is not None and newest.source == source


@lru_cache(maxsize=8)
def _parsed(source: str) -> Agreement:
    return parse(source)
