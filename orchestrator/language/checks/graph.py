"""Which step comes before which, as far as the playbook could be read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from orchestrator.language.draft import Draft, StepDraft

Ids = frozenset[str]


class Graph:
    """The steps of a draft by id (of two with one id the first) and what each waits for.

    `vague` are steps whose prerequisites could not be read: nobody knows what comes before them.
    """

    def __init__(self, draft: Draft) -> None:
        self.steps: dict[str, StepDraft] = {}
        for one in draft.steps:
            self.steps.setdefault(one.step.id, one)
        self.after: Mapping[str, tuple[str, ...]] = {
            id_: tuple(name for name in one.step.priors if self._waits(one, name))
            for id_, one in self.steps.items()
        }
        unread = {id_ for id_, one in self.steps.items() if _unread(one)}
        self.vague: Ids = (draft.ids - self.steps.keys()) | unread
        self.possible: dict[str, Ids] = {}
        self.certain: dict[str, Ids] = {}
        self._look_back(draft.ids)

    def _waits(self, one: StepDraft, name: str) -> bool:
        """Whether there is such a step. Of two with one id, the second does not follow itself."""
        return name in self.steps and (name != one.step.id or "after" in one.form)

    def _look_back(self, ids: Ids) -> None:
        """Fill `possible` and `certain`, prerequisites first: what has begun and what has ended.

        Steps in a circle, and those after one, get neither.
        """
        waiting = dict(self.steps)
        while ready := [id_ for id_ in waiting if not waiting.keys() & set(self.after[id_])]:
            for id_ in ready:
                step = waiting.pop(id_).step
                known = [name for name in step.after.steps if name in ids and name != id_]
                chosen = [step.within.choose] if step.within and step.within.choose in ids else []
                before = [*known, *chosen]
                self.possible[id_] = _union({n} | self.possible.get(n, Ids()) for n in before)
                sure = [self._surely(name) for name in known]
                all_ = Ids.intersection(*sure) if step.after.any and sure else _union(sure)
                self.certain[id_] = all_.union(*map(self._surely, chosen))

    def _surely(self, name: str) -> Ids:
        return Ids({name}) | self.certain.get(name, Ids())

    def is_before(self, id_: str, other: str, *, surely: bool = False) -> bool:
        """Whether `id_` comes before `other`, by any path or surely; true if it cannot be told."""
        if other not in self.possible or (self.possible[other] | {other}) & self.vague:
            return True
        return id_ in (self.certain if surely else self.possible)[other]

    def tangles(self) -> list[list[str]]:
        """Every group of steps that wait for each other, in file order.

        A step that only waits for itself is none.
        """
        behind = {id_: self._behind(id_) for id_ in self.steps if id_ not in self.possible}
        found: list[list[str]] = []
        for id_, before in behind.items():
            if not any(id_ in group for group in found):
                group = [other for other in behind if other in before and id_ in behind[other]]
                found += [group] if len(group) > 1 else []
        return found

    def circle(self, start: str) -> list[str]:
        """The shortest way from a step of a tangle back to itself: each id waits for the next."""
        ways = {start: [start]}
        for id_ in (queue := [start]):
            for name in self.after[id_]:
                if name == start and id_ != start:
                    return ways[id_]
                if name not in ways:
                    ways[name] = [*ways[id_], name]
                    queue.append(name)
        return [start]

    def _behind(self, start: str) -> set[str]:
        seen: set[str] = set()
        for id_ in (queue := [start]):
            new = [name for name in self.after[id_] if name not in seen]
            seen |= set(new)
            queue += new
        return seen

    def stuck(self) -> Ids:
        """The steps that can never begin: those in circles, and those that only wait for such."""
        begins: set[str] = set()
        waiting = dict(self.steps)
        while ready := [id_ for id_ in waiting if self._may_begin(id_, begins)]:
            begins |= set(ready)
            for id_ in ready:
                del waiting[id_]
        return Ids(waiting)

    def _may_begin(self, id_: str, begun: set[str]) -> bool:
        step, known = self.steps[id_].step, self.after[id_]
        if step.within and step.within.choose in known and step.within.choose not in begun:
            return False
        enough = any if step.after.any and known else all
        return enough(name in begun for name in known)


def _unread(one: StepDraft) -> bool:
    """Whether what the step waits for was written and could not be read."""
    return one.form.node.get("after") is not None and "after" not in one.form


def _union(sets: Iterable[Iterable[str]]) -> Ids:
    return Ids().union(*sets)
