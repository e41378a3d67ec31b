"""The graph of steps against its meaning, worked out the slow way on random graphs."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from orchestrator.language import check


class Waits(NamedTuple):
    """What a step waits for: all of them, or any."""

    names: tuple[str, ...]
    any_of: bool

    def __str__(self) -> str:
        listed = f"[{', '.join(self.names)}]"
        return f"{{any: {listed}}}" if self.any_of and self.names else listed

    def met(self, done: Collection[str]) -> bool:
        here = [name in done for name in self.names]
        return any(here) if self.any_of and here else all(here)


Plays = Mapping[str, Waits]


def graphs(*, ordered: bool) -> st.SearchStrategy[Plays]:
    """Up to six steps; `ordered` ones wait only for those above them."""

    @st.composite
    def build(draw: st.DrawFn) -> Plays:
        ids = [f"s{number}" for number in range(draw(st.integers(1, 6)))]
        made = {}
        for number, id_ in enumerate(ids):
            known = ids[:number] if ordered else ids
            names = draw(st.lists(st.sampled_from(known), unique=True, max_size=3)) if known else []
            made[id_] = Waits(tuple(names), draw(st.booleans()))
        return made

    return build()


def found(plays: Plays, last: str = "") -> set[tuple[str, str]]:
    """(id, code) of every step with an error."""
    ids = list(plays)
    rows = [f"  - {{id: {id_}, call: {{to: b}}, after: {plays[id_]}}}\n" for id_ in ids]
    source = "name: play\ncommittee: {b: {role: champion}}\nsteps:\n" + "".join(rows) + last
    problems = check(source, "play.yaml").problems
    return {([*ids, "last"][one.line - 4], one.code) for one in problems}


def ended(plays: Plays, without: str = "") -> set[str]:
    """The steps that end if one of them never does."""
    done: set[str] = set()
    while new := {i for i, waits in plays.items() if waits.met(done) and i != without} - done:
        done |= new
    return done


def behind(plays: Plays, id_: str) -> set[str]:
    """All that a step waits for, directly and through others, itself included if in a circle."""
    seen: set[str] = set()
    queue = list(plays[id_].names)
    while queue:
        name = queue.pop()
        if name not in seen:
            seen.add(name)
            queue += plays[name].names
    return seen


@given(graphs(ordered=False))
def test_circles_and_what_hangs_on_them_are_found(plays: Plays) -> None:
    told = found(plays)
    selves = {id_ for id_, waits in plays.items() if id_ in waits.names}
    assert {id_ for id_, code in told if code == "ABM301"} == selves
    alone = {
        id_: waits._replace(names=tuple({*waits.names} - {id_})) for id_, waits in plays.items()
    }
    circular = {id_ for id_ in plays if id_ in behind(alone, id_)}
    first = {
        min(
            other
            for other in circular
            if other in behind(alone, id_) and id_ in behind(alone, other)
        )
        for id_ in circular
    }
    assert {id_ for id_, code in told if code == "ABM302"} == first
    never = {id_ for id_, code in told if code == "ABM303"}
    assert never <= plays.keys() - ended(plays) - circular - selves
    if plays.keys() - ended(plays) - circular - selves:
        assert never


@given(graphs(ordered=True), st.data())
def test_a_contact_is_there_only_if_no_way_leads_past_its_step(
    plays: Plays, data: st.DataObject
) -> None:
    asked = data.draw(st.sampled_from(list(plays)))
    names = data.draw(st.lists(st.sampled_from(list(plays)), min_size=1, unique=True, max_size=3))
    waits = Waits(tuple(names), data.draw(st.booleans()))
    told = found(plays, f"  - {{id: last, call: {{to: {asked}.contact}}, after: {waits}}}\n")
    goes_on_without = waits.met(ended(plays, without=asked))
    assert told == ({("last", "ABM304")} if goes_on_without else set())


@given(graphs(ordered=True), st.data())
def test_a_fact_may_be_asked_of_what_comes_before_on_any_way(
    plays: Plays, data: st.DataObject
) -> None:
    asked = data.draw(st.sampled_from(list(plays)))
    names = data.draw(st.lists(st.sampled_from(list(plays)), unique=True, max_size=3))
    waits = Waits(tuple(names), data.draw(st.booleans()))
    when = f"outcome('{asked}') == 'reached'"
    told = found(plays, f'  - {{id: last, call: {{to: b}}, after: {waits}, when: "{when}"}}\n')
    before = asked in {*names}.union(*(behind(plays, name) for name in names))
    assert told == (set() if before else {("last", "ABM304")})
