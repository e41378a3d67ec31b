"""A scenario from its text: what happens, what is expected, and all that is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from accounts.errors import Problem
from orchestrator.alignment import Agreement
from orchestrator.language.codes import Code
from orchestrator.language.findings import Findings, Place, shown
from orchestrator.language.shapes import BAD, Form, Word
from orchestrator.language.source import Node, read_yaml
from orchestrator.planner.apply import is_known
from orchestrator.planner.hours import working_hours
from orchestrator.planner.parties import drawn
from orchestrator.scenarios.moments import Moment
from orchestrator.scenarios.schema import SCENARIO
from orchestrator.scenarios.telling import ANY, DAY, TEAM, Answer, Scenario
from orchestrator.simulate.scores import Scores
from orchestrator.terms import EVENT_KINDS, UNAGREED, CalendarSpec, Owed, Plan

PURPOSES = ("approve", "cover", "escalate", "find", "hand_off", "context", "reply", "add_person",
            "rebook", "review")  # fmt: skip
CLASSED_BY_US = ("reply", "bounce", "lost")
MOST_TRIED = 20_000  # accounts among which one is looked for that gets the arms


@dataclass(frozen=True, slots=True)
class Told:
    """A scenario as its file tells it; `form` is None where nothing could be read."""

    file: str
    findings: Findings
    form: Form | None
    playbook: str  # its name, "" where none is given
    at: Place  # where that name stands

    @property
    def title(self) -> str:
        """What it shows."""
        return str(self.form.get("title", "")) if self.form else ""

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What was found so far."""
        return self.findings.problems()


@dataclass(frozen=True, slots=True)
class Staged:
    """A scenario that can happen: where its days are named, and what is expected of it."""

    scenario: Scenario
    zone: ZoneInfo
    start: date
    expect: Form
    scores: Scores | None = None  # how engagement grows and fades; None: it stands still
    owed: Owed = UNAGREED  # how soon answers are, by the agreement


def read(source: str | bytes, file: str, playbook: str = "") -> Told:
    """Read a scenario by itself; `playbook` is what its folder says. No input makes it raise."""
    findings = Findings(file)
    node = read_yaml(source, findings)
    form = SCENARIO.read(node, findings) if node else BAD
    if form is BAD:
        return Told(file, findings, None, playbook, node or Node("broken", 0, 0))
    return Told(file, findings, form, form.get("playbook", playbook), form.at("playbook"))


def stage(told: Told, plan: Plan, agreed: Agreement) -> Staged | None:
    """Compare it with the playbook and the agreement; None if anything is wrong with it."""
    if told.form is None:
        return None
    staging = _Staging(told.form, plan, agreed, told.findings)
    staging.check()
    return None if told.findings.errors else staging.staged(told.file)


@dataclass(slots=True)
class _Staging:
    """One scenario against its plan."""

    form: Form
    plan: Plan
    agreed: Agreement
    findings: Findings

    # ------------------------------------------------------------ what is wrong

    def check(self) -> None:
        form, expect = self.form, self.form.get("expect")
        self._check_account(form.get("account"))
        people = {*form.get("contacts", {})}
        self._check_team(form.get("team", {}))
        self._check_arms(form.get("split", {}))
        for event in _forms(form.get("events")):
            people |= {*event.get("add", {})}
            self._check_event(event, people)
        for answer in _forms(form.get("answers")):
            self._check_task(answer)
            self._check_who(answer, people)
        for key in ("touches", "tasks", "holds", "never") if expect else ():
            for one in _forms(expect.get(key)):
                self._check_who(one, people)
                if key == "tasks":
                    self._check_task(one)
                else:
                    self._check_step(one)

    def _check_account(self, account: Form | None) -> None:
        plan = self.plan
        if not account:
            return
        if (tier := account.written("tier")) and plan.tiers and tier not in plan.tiers:
            of = ", ".join(map(str, plan.tiers))
            message = f"the playbook is not for accounts of tier {tier}"
            self.findings.add(account.at("tier"), Code.NOT_ENROLLED, message, f"it is for {of}")
        key = "segment" if "segment" in account else "fields"
        segment = self._segment(account)
        if key in account and plan.segment and segment != plan.segment:
            message = f"the account is in {f'segment {segment!r}' if segment else 'no segment'}"
            hint = f"the playbook is for {plan.segment}"
            self.findings.add(account.at(key), Code.NOT_ENROLLED, message, hint)

    def _segment(self, account: Form) -> str:
        if "segment" in account or "fields" not in account:
            return str(account.get("segment", ""))
        return str(self._judged(account)["segment"])

    def _judged(self, account: Form) -> dict[str, Any]:
        fields: dict[str, Any] = {"country": account.get("country", ""), **account["fields"]}
        return dict(self.agreed.judge(fields))

    def _check_team(self, team: Mapping[Word, Form]) -> None:
        for role in team:
            self._known(role, "role of the account team", Code.UNKNOWN_TEAM_ROLE, role, self._roles)

    def _check_arms(self, arms: Mapping[Word, Word]) -> None:
        for step, arm in arms.items():
            split = [one.name for one in self._variants(step) if one.name]
            self._known(step, "step", Code.UNKNOWN_STEP, step, self.plan.by_id)
            if step in self.plan.by_id and not split:
                self.findings.add(step, Code.WRONG_KIND, f"the step '{step}' has no split")
            elif step in self.plan.by_id:
                self._known(arm, f"arm of '{step}'", Code.WRONG_VALUE, arm, split)
        if arms and not self.findings.errors and self._account_id() is None:
            at = next(iter(arms))
            self.findings.add(at, Code.WRONG_VALUE, "no account gets these arms together")

    def _variants(self, step: str) -> Iterable[Any]:
        return self.plan.by_id[step].variants if step in self.plan.by_id else ()

    def _check_event(self, event: Form, people: set[Word]) -> None:
        kind = event.get("event")
        if kind and kind not in CLASSED_BY_US and not is_known(kind):
            allowed = (*EVENT_KINDS, *CLASSED_BY_US)
            message = f"no event is called '{shown(kind)}'"
            self.findings.add(event.at("event"), Code.UNKNOWN_EVENT, message,
                              self.findings.nearest(kind, allowed))  # fmt: skip
        if not {"event", "add", "change", "score"} & {key.text for key, _ in event.node.pairs}:
            hint = "add one of event, add, change, score"
            self.findings.add(event.node, Code.MISSING_KEY, "nothing happens in this event", hint)
        self._check_who(event, people)
        self._check_step(event)
        for name in event.get("change", {}):
            self._known(name, "person", Code.UNKNOWN_PERSON, name, people)

    def _check_who(self, form: Form, people: set[Word]) -> None:
        if who := form.get("who"):
            self._known(form.at("who"), "person", Code.UNKNOWN_PERSON, who, people)

    def _check_step(self, form: Form) -> None:
        if step := form.get("step"):
            self._known(form.at("step"), "step", Code.UNKNOWN_STEP, step, self.plan.by_id)

    def _check_task(self, form: Form) -> None:
        if task := form.get("task"):
            known = (*self.plan.by_id, *PURPOSES, ANY)
            self._known(form.at("task"), "step or task", Code.UNKNOWN_STEP, task, known)

    def _known(self, at: Place, what: str, code: Code, name: str, known: Iterable[str]) -> None:
        if name not in (known := {*known}):
            hint = self.findings.nearest(name, known) or f"there is no {what} at all yet"
            self.findings.add(at, code, f"there is no {what} '{shown(name)}'", hint)

    # ------------------------------------------------------------ what happens

    def staged(self, name: str) -> Staged:
        """The scenario, which nothing is wrong with."""
        form, account = self.form, self.form["account"]
        zone = ZoneInfo(account["zone"])
        start: Moment = form["start"]
        assert start.day
        place = {"zone": account["zone"], "country": account.get("country", "")}
        at = start.instant(start.day, zone)
        scenario = Scenario(
            name, at, at + form["days"] * DAY, self.plan,
            {who: place | dict(one.values) for who, one in form["contacts"].items()},
            self._account(account) | place, place | {"quiet": self.form.get("quiet", "")},
            {role: place | {"team": team} | self._place(role) for role, team in self._teams()},
            [self._answer(one, zone) for one in form["answers"]],
            [self._event(one, start.day, zone, place) for one in form["events"]],
        )  # fmt: skip
        hours = working_hours(CalendarSpec(), place["zone"], place["country"])
        owed = Owed(self.agreed.sla, hours)
        return Staged(scenario, zone, start.day, form["expect"], self._scores(at), owed)

    def _scores(self, start: datetime) -> Scores | None:
        """By the weights of the agreement; without any, nothing is worth points."""
        weights = self.agreed.weights
        return Scores(weights, self.agreed.half_life_days, start) if weights else None

    def _account(self, account: Form) -> dict[str, Any]:
        told = dict(account.values)
        if "fields" in account:
            told = {"fit": self._judged(account)["fit"]} | told
        return {"tier": max(self.plan.tiers, default=0), "id": self._account_id() or 1} | told

    def _account_id(self) -> int | None:
        """The first account that gets the arms which the scenario asks for."""
        arms = self.form.get("split", {})
        steps = [(self.plan.by_id[step], arm) for step, arm in arms.items()]
        return next(
            (
                id_
                for id_ in range(1, MOST_TRIED)
                if all(drawn(self.plan.name, step, id_).name == arm for step, arm in steps)
            ),
            None,
        )

    @property
    def _roles(self) -> Mapping[str, str]:
        return self.agreed.roles or {role: str(one["team"]) for role, one in TEAM.items()}

    def _teams(self) -> Iterator[tuple[str, str]]:
        yield from self._roles.items()

    def _place(self, role: str) -> dict[str, Any]:
        colleague = self.form["team"].get(role)
        told = dict(colleague.values) if colleague else {}
        if away := told.pop("away", None):
            told["away"] = {name: getattr(v, "values", v) for name, v in away.values.items()}
        return told

    def _answer(self, one: Form, zone: ZoneInfo) -> Answer:
        said: dict[str, Any] = {
            key: one[key] for key in ("referral", "address") if one.written(key)
        }
        if until := one.written("until"):
            said["until"] = _midnight(until, zone)
        return Answer(
            one["task"], one["after"], one["ends"], one.get("who", ""), one.get("attempt", 0), said
        )

    def _event(
        self, one: Form, start: date, zone: ZoneInfo, place: Mapping[str, str]
    ) -> dict[str, Any]:
        moment: Moment = one["at"]
        told = {key: one[key] for key in ("event", "who", "text", "reason") if key in one}
        told |= {"at": moment.instant(start, zone), "about": one.get("step", "")}
        if until := one.written("until"):
            told["until"] = _midnight(until, zone).isoformat()
        if added := one.written("add"):
            told["add"] = {who: dict(place) | dict(person.values) for who, person in added.items()}
        if changed := one.written("change"):
            told["change"] = {who: dict(person.values) for who, person in changed.items()}
        if score := one.written("score"):
            told["score"] = dict(score.values)
        return told


def _midnight(day: str, zone: ZoneInfo) -> datetime:
    return datetime.fromisoformat(day).replace(tzinfo=zone).astimezone(UTC)


def _forms(of: Any) -> Iterator[Form]:
    return (one for one in of or () if isinstance(one, Form))
