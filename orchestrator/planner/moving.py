"""How a play goes on in another version of its playbook while it runs. Pure.

What has begun, open or done, keeps the definition under which it began, and the key of whatever it
sent. What has not begun takes the new one, even where that would have been due before. A new step
that the account has come past is skipped; one that only waits or chooses is asked, for it touches
nobody. So nobody is touched twice for one step, and nobody misses one that is still ahead (11).

The engine and the dry run both ask `course_of`, once for each standing that plays have, and then
`runs_after` for each play.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from enum import StrEnum
from typing import NamedTuple

from orchestrator.conditions import Expr, with_steps
from orchestrator.planner.mapping import Names, seats_between
from orchestrator.terms import (
    DONE_BY_NOBODY,
    Branch,
    How,
    Kind,
    Needs,
    OutcomeClass,
    Plan,
    Run,
    Seat,
    Step,
)

PASSED = "the account had come past it before this version"


class Fate(StrEnum):
    """What becomes of a step in a play that moves."""

    DONE = "done"  # and stays so
    OPEN = "open"  # finishes under its old definition
    AHEAD = "ahead"  # begins under the new one
    PASSED = "passed"  # new, and skipped: what comes after it has begun
    GONE = "gone"  # no step of the new version


class Course(NamedTuple):
    """How plays of one standing go on.

    `names` and `seats` say what everything is called from now on; `past` names for each step that
    is skipped the begun steps after it, `chosen` for each choice the branch in which the play
    already is, and the begun steps there.
    """

    plan: Plan
    names: Names
    seats: Names
    fates: Mapping[str, Fate]  # by the new id, or the old one of what is gone
    dropped: frozenset[str]  # old ids of what is gone and never began
    freed: frozenset[str]  # old seats that are gone: who sat there may take another one
    past: Mapping[str, frozenset[str]]
    chosen: Mapping[str, tuple[str, frozenset[str]]]


class CannotMove(Exception):
    """A play stays with its version; the text says why, for people."""


Standing = tuple[tuple[str, str, str, bool], ...]


def standing_of(runs: Mapping[str, Run]) -> Standing:
    """What of a play decides on its course: (step, status, outcome, opened) of all that has begun.

    Outcomes count only for choices, so that many plays share a standing.
    """
    return tuple(
        sorted(
            (run.step, run.status, run.outcome if not run.cast_ids else "", bool(run.opened_at))
            for run in runs.values()
            if _has_begun(run)
        )
    )


def _has_begun(run: Run) -> bool:
    """A step that is held has touched nobody yet."""
    return run.status in ("open", "done")


def begun_for(runs: Mapping[str, Run], touched: Collection[str]) -> dict[str, Run]:
    """The runs, where one that is held counts as open if somebody has a part in it already.

    Whoever took a seat since may have begun while the others are held.
    """
    return {
        id_: run._replace(status="open") if run.status == "held" and id_ in touched else run
        for id_, run in runs.items()
    }


def course_of(old: Plan, new: Plan, names: Names, runs: Mapping[str, Run]) -> Course:
    """The course from a plan to another one (`names` as of `names_between`). Raises CannotMove."""
    return _Mover(old, new, names, runs).course()


class _Mover:
    """Works out one course; ids are the new ones, but those of what is gone."""

    def __init__(self, old: Plan, new: Plan, names: Names, runs: Mapping[str, Run]) -> None:
        self.old, self.new = old, new
        self.begun = {id_: run for id_, run in runs.items() if _has_begun(run)}
        self.names = {**names, **{id_: id_ for id_ in self.begun if id_ not in names}}
        self.seats = seats_between(old, new)
        self.runs = {self.names[id_]: run for id_, run in self.begun.items()}
        self._refuse_lost(names)
        self.remaining = {now for was, now in names.items() if was not in self.begun}
        self.chosen = dict(self._chosen())
        self.past = dict(self._past())

    def course(self) -> Course:
        kept = [self._kept(step) for step in self.old.steps if step.id in self.begun]
        fresh = [self._fresh(step) for step in self.new.steps if step.id not in self.runs]
        steps = (*kept, *fresh)
        self._check_roots(steps)
        self._check_threads(fresh)
        plan = self.new  # as it is, if nothing has begun
        if kept:
            needs = _joined(self.old.needs, self.new.needs)
            plan = replace(plan, steps=steps, seats=self._seats_of(kept), needs=needs)
        return Course(
            plan, self.names, self.seats, self._fates(),
            frozenset(one.id for one in self.old.steps if one.id not in self.names),
            frozenset(one for one in self.old.seats if self.seats.get(one, one) not in plan.seats),
            self.past, self.chosen,
        )  # fmt: skip

    def _refuse_lost(self, names: Names) -> None:
        for id_, run in self.begun.items():
            if id_ not in names and run.status == "open":
                raise CannotMove(f"{id_} is open, and is no step of the new version")

    # ------------------------------------------------------------ where the play stands

    def _chosen(self) -> Iterator[tuple[str, tuple[str, frozenset[str]]]]:
        """The choices that what has begun in their branches has made already."""
        stands: dict[str, dict[str, set[str]]] = {}
        for id_, run in self.runs.items():
            step = self.new.by_id.get(id_)
            while run.opened_at and step and step.within:
                ways = stands.setdefault(step.within.choose, {})
                ways.setdefault(step.within.branch, set()).add(id_)
                step = self.new.by_id[step.within.choose]
        for id_, ways in stands.items():
            if id_ not in self.runs:
                if len(ways) > 1:
                    raise CannotMove(f"it has begun several branches of {id_}: {', '.join(ways)}")
                [(branch, begun)] = ways.items()
                yield id_, (branch, frozenset(begun))

    def _past(self) -> Iterator[tuple[str, frozenset[str]]]:
        """The new steps that something which has begun comes after."""
        behind = {id_: self._before(id_) for id_ in self.runs if id_ in self.new.by_id}
        for step in self.new.steps:
            is_new = step.id not in self.runs and step.id not in self.remaining
            if is_new and step.kind not in DONE_BY_NOBODY:
                begun = frozenset(id_ for id_, before in behind.items() if step.id in before)
                if begun:
                    yield step.id, begun

    def _before(self, id_: str) -> set[str]:
        """All that comes before a step in the new version."""
        found: set[str] = set()
        for one in (queue := [id_]):
            fresh = [name for name in self.new.by_id[one].priors if name not in found]
            found.update(fresh)
            queue += fresh
        return found

    # ------------------------------------------------------------ its steps from now on

    def _kept(self, step: Step) -> Step:
        """A step that has begun, as it was, but for names. Only begun ones came before it."""
        id_ = self.names[step.id]
        after = tuple(self.names[name] for name in step.after.steps if name in self.begun)
        return replace(
            step,
            id=id_,
            was="" if step.root == id_ else step.root,
            reach=replace(
                step.reach,
                seats=tuple(self.seats.get(name, name) for name in step.reach.seats),
                step=self.names.get(step.reach.step, step.reach.step),
            ),
            after=replace(
                step.after,
                steps=after,
                ended=frozenset(self.names[name] for name in step.after.ended & {*self.begun}),
            ),
            within=None,
            join=step.join and id_ in self.new.by_id,
            when=self._called(step.when),
            until=self._called(step.until),
            branches=tuple(Branch(one.name, self._called(one.when)) for one in step.branches),
        )

    def _called(self, asked: Expr | None) -> Expr | None:
        return with_steps(asked, lambda id_: self.names.get(id_, id_)) if asked else None

    def _fresh(self, step: Step) -> Step:
        """A step that has not begun, as it is in the new version.

        What stands before it there and has not begun either still comes before it, though what
        stands between the two began under another order.
        """
        self._check_choice(step)
        if step.id in self.past or step.after.any:
            return step
        missing = [id_ for id_ in self._ahead(step) if id_ not in step.after.steps]
        return replace(step, after=replace(step.after, steps=(*step.after.steps, *missing)))

    def _ahead(self, step: Step) -> Iterator[str]:
        """The steps to come that lie before this one behind others that are settled."""
        settled = {*self.runs, *self.past, *self.chosen}
        seen: set[str] = set()
        for name in (queue := [name for name in step.priors if name in settled]):
            fresh = [one for one in self.new.by_id[name].priors if one not in seen]
            seen.update(fresh)
            queue += [one for one in fresh if one in settled]
        yield from (one.id for one in self.new.steps if one.id in seen - settled)

    # ------------------------------------------------------------ what cannot be moved

    def _check_choice(self, step: Step) -> None:
        """A branch that was taken is still one."""
        run = self.runs.get(step.within.choose) if step.within else None
        if step.within is None or run is None:
            return
        choice, branch = step.within.choose, run.outcome
        ways = {one.name for one in self.new.by_id[choice].branches}
        was = next(one for one in self.old.steps if self.names.get(one.id) == choice)
        if was.kind is not Kind.CHOOSE:
            raise CannotMove(f"{choice} chooses in the new version, and did something else")
        if branch not in ways and branch != OutcomeClass.NOT_DONE:
            raise CannotMove(f"it went on as {branch} at {choice}, which is no longer a branch")

    def _check_roots(self, steps: Collection[Step]) -> None:
        roots: dict[str, str] = {}
        for step in steps:
            if step.root in roots:
                other = roots[step.root]
                raise CannotMove(f"{step.id} and {other} would both go by the id {step.root}")
            roots[step.root] = step.id

    def _check_threads(self, fresh: Collection[Step]) -> None:
        """Whoever speaks to the person of another step comes after it."""
        before: dict[str, set[str]] = {}
        for step in fresh:  # prerequisites stand first
            sure = () if step.after.any and self._is_settled(step.after.steps) else step.priors
            before[step.id] = {*sure}.union(*(before.get(name, ()) for name in sure))
            other = step.reach.step
            if step.reach.how is not How.STEP or other in self.runs or step.id in self.past:
                continue
            if other in self.past:
                raise CannotMove(f"{step.id} is for whom {other} reached, and it is past that one")
            if other not in before[step.id]:
                raise CannotMove(f"{step.id} is for whom {other} reaches, which may come later")

    def _is_settled(self, names: Iterable[str]) -> bool:
        return any(name in self.runs or name in self.past for name in names)

    # ------------------------------------------------------------ the rest

    def _seats_of(self, kept: Collection[Step]) -> dict[str, Seat]:
        """The new version's seats, and those of people at work."""
        seats, by_id = dict(self.new.seats), {step.id: step for step in kept}
        for step in kept:
            if self.runs[step.id].status == "open":
                lost = [name for name in _chooser(step, by_id).reach.seats if name not in seats]
                seats |= {name: self.old.seats[name] for name in lost}
        return seats

    def _fates(self) -> dict[str, Fate]:
        fates = dict.fromkeys((one.id for one in self.new.steps), Fate.AHEAD)
        fates |= dict.fromkeys(self.past, Fate.PASSED)
        fates |= {id_: Fate(run.status) for id_, run in self.runs.items()}
        fates |= dict.fromkeys(self.chosen, Fate.DONE)
        gone = [s.id for s in self.old.steps if self.names.get(s.id) not in self.new.by_id]
        return fates | dict.fromkeys(gone, Fate.GONE)


def _chooser(step: Step, by_id: Mapping[str, Step]) -> Step:
    """The step that says whose person this one is for: itself, or the one it is threaded on."""
    while step.reach.how is How.STEP:
        step = by_id[step.reach.step]
    return step


def _joined(old: Needs, new: Needs) -> Needs:
    return Needs(old.kinds | new.kinds, old.listens | new.listens)


# ---------------------------------------------------------------- one play


def runs_after(course: Course, runs: Mapping[str, Run]) -> dict[str, Run]:
    """The runs of a play once it has taken its course; what has not begun is made anew."""
    moved = {}
    for id_, run in runs.items():
        if _has_begun(run):
            name = course.names[id_]
            moved[name] = run._replace(step=name)
    settled = {id_: (begun, OutcomeClass.NOT_DONE, PASSED) for id_, begun in course.past.items()}
    chosen = {id_: (begun, branch, "") for id_, (branch, begun) in course.chosen.items()}
    added = {
        id_: _settled(id_, [moved[one] for one in begun], outcome, reason)
        for id_, (begun, outcome, reason) in {**settled, **chosen}.items()
    }
    return {**moved, **added}


def _settled(id_: str, begun: Collection[Run], outcome: str, reason: str) -> Run:
    """A step that ends without having opened, when the first of what comes after it began."""
    at = min(filter(None, (run.opened_at or run.done_at for run in begun)))
    return Run(id_, "done", None, reason, "", None, at, outcome)
