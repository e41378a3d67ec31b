"""Doubles of an account list: no chains, one to keep, and what the one is told."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts import deduping
from accounts.deduping import (
    AGREE,
    Row,
    dedupe,
    extras,
    pairs_of,
    preview,
)
from accounts.errors import AbmError
from accounts.matching import Record


def rows(*names: str, **fields: str) -> list[Row]:
    return [Row(at, Record(name=name, **fields)) for at, name in enumerate(names, start=1)]


# ---------------------------------------------------------------- clusters


def test_spellings_of_one_company_are_one_and_other_companies_are_not():
    found = dedupe(
        rows(
            "Aeris Resources Ltd", "Kelso Insurance plc", "AERIS RESOURCES LIMITED",
            "Delta Air Lines", "Delta Apparel", "Aeris Resources",
        )
    )  # fmt: skip
    [one] = found
    assert sorted(one.ids) == [1, 3, 6]
    assert one.probability >= AGREE
    assert all(member.reasons for member in one.members)


def test_three_doubles_that_are_equally_close_are_no_doubt():
    [one] = dedupe(rows("Kelso Insurance plc", "Kelso Insurance plc", "Kelso Insurance plc"))
    assert len(one.members) == 3


def _likely(**pairs: float) -> deduping._Pairs:
    """`ab=0.9`: the rows a and b are one with that probability."""
    return {
        frozenset(map(ord, name)): deduping.Pair(probability, (name,))
        for name, probability in pairs.items()
    }


def _named(groups: list[set[int]]) -> list[str]:
    return sorted("".join(sorted(map(chr, group))) for group in groups)


def test_a_chain_of_likely_pairs_is_no_cluster():
    chain = _likely(ab=0.95, bc=0.94, cd=0.93, de=0.92, ef=0.91)
    assert _named(deduping._groups(chain)) == ["ab", "cd", "ef"]


def test_who_agrees_with_most_of_a_group_joins_it():
    almost = _likely(ab=0.9, ac=0.9, bc=0.9, ad=0.9, bd=0.8)
    assert _named(deduping._groups(almost)) == ["abcd"]
    hardly = _likely(ab=0.9, ac=0.9, bc=0.9, ad=0.9)
    assert _named(deduping._groups(hardly)) == ["abc", "d"]


@given(
    st.dictionaries(
        st.tuples(st.integers(0, 9), st.integers(0, 9)).filter(lambda pair: pair[0] < pair[1]),
        st.floats(0.2, 1),
        max_size=30,
    )
)
def test_the_members_of_every_cluster_agree_with_each_other(likely: dict[tuple[int, int], float]):
    pairs = {frozenset(pair): deduping.Pair(one, ()) for pair, one in likely.items()}
    groups = deduping._groups(pairs)
    assert sorted(id_ for group in groups for id_ in group) == sorted({*sum(likely, ())})
    for group in groups:
        cluster = deduping._cluster(group, pairs) if len(group) > 1 else None
        assert cluster is None or cluster.probability >= AGREE - 1e-4


def test_what_a_person_ruled_out_is_not_found_again():
    known = rows("Aeris Resources Ltd", "AERIS RESOURCES LIMITED")
    assert dedupe(known)
    assert dedupe(known, never={frozenset((1, 2))}) == []


def test_a_child_and_its_parent_are_two_companies():
    parent, child = rows("Kelso Insurance plc", "Kelso Insurance plc", website="kelso.com")
    assert dedupe([parent, child])
    assert dedupe([parent, replace(child, parent_id=parent.id)]) == []


@pytest.mark.parametrize(
    "name", ["", "n/a", "\x00", "\ud800", "\u202e\u200f", "=cmd()", "x" * 10_000, "A " * 5_000]
)
def test_rows_that_name_nothing_are_never_one(name: str):
    found = dedupe([*rows("Kelso Insurance plc", "Other Works"), Row(8, Record(name=name))])
    assert found == []


def test_the_bar_moves_with_every_row_and_ids_are_unique():
    seen: list[tuple[int, int]] = []
    dedupe(rows("Aeris", "Kelso"), lambda done, total: seen.append((done, total)))
    assert seen == [(1, 2), (2, 2)]
    with pytest.raises(AbmError, match="same id"):
        dedupe([*rows("Aeris"), *rows("Kelso")])
    assert dedupe([]) == []


def test_pairs_are_those_within_a_cluster():
    [one] = dedupe(rows("Kelso Insurance plc", "Kelso Insurance Plc", "Kelso Insurance PLC"))
    assert pairs_of([one]) == {frozenset(pair) for pair in ((1, 2), (1, 3), (2, 3))}


# ---------------------------------------------------------------- what it is told

KEEP = {"name": "Acme Ltd", "domain": "acme.com", "phone": "", "city": "Bonn", "stage": "target"}
OTHER = {"name": "Acme", "domain": "acme.de", "phone": "+4911", "city": "Köln", "tier": 2}


def test_its_own_word_wins_gaps_are_filled_and_nothing_is_dropped():
    told = {one.field: one for one in preview(1, KEEP, 2, OTHER)}
    assert (told["name"].value, told["name"].lost, told["name"].kept) == (
        "Acme Ltd",
        "Acme",
        "alias",
    )
    assert (told["domain"].lost, told["domain"].kept) == ("acme.de", "other domain")
    assert (told["phone"].value, told["phone"].of, told["phone"].why) == (
        "+4911", 2, "only it says so",
    )  # fmt: skip
    assert (told["city"].value, told["city"].lost, told["city"].kept) == ("Bonn", "Köln", "extra")
    assert (told["tier"].value, told["tier"].of) == (2, 2)
    assert "stage" not in told
    extra = extras({"CRM": "a"}, {"CRM": "b", "Owner": "x"}, told.values(), "Acme (2)")
    assert extra == {
        "CRM": "a", "Owner": "x", "CRM of Acme (2)": "b", "city of Acme (2)": "Köln",
    }  # fmt: skip


def test_a_stage_that_was_reached_is_not_lost():
    told = preview(1, KEEP | {"stage": "identified"}, 2, OTHER | {"stage": "target"})
    assert ("stage", "target", 2) in [(one.field, one.value, one.of) for one in told]
