"""Rows against the people of an account: nobody is chosen between two, and no order matters."""

from __future__ import annotations

import time
from collections.abc import Sequence
from itertools import permutations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from accounts.people_matching import Person, Verdict, same_person
from accounts.people_settling import Settled, settle

SAME, ASK = Verdict.SAME, Verdict.ASK


def who(known: Sequence[str], *rows: str) -> list[str]:
    """What becomes of each row, in words: `J. = John` is John, `J. ? John` a question."""
    people = [_person(one) for one in known]
    told = [_person(one) for one in rows]
    return [
        _words(one, row, people, told) for one, row in zip(settle(people, told), told, strict=True)
    ]


def _person(said: str) -> Person:
    name, _, email = said.partition(" <")
    return Person(name, email.rstrip(">"))


def _words(one: Settled, row: Person, known: Sequence[Person], rows: Sequence[Person]) -> str:
    other = known[one.known] if one.known is not None else rows[one.new or 0]
    if one.known is None and other == row:
        return f"{row.name} is new"
    return f"{row.name} {'=' if one.verdict is SAME else '?'} {other.name}"


CASES = [
    ([], ["John Smith"], ["John Smith is new"]),
    (["John Smith"], ["J. Smith"], ["J. Smith = John Smith"]),
    ([], ["Bob Smith", "Robert Smith"],
     ["Bob Smith = Robert Smith", "Robert Smith is new"]),
    (["John Smith", "Jane Smith"], ["J. Smith"], ["J. Smith ? Jane Smith"]),
    (["John Smith", "Jane Smith"], ["J. Smith <john.smith@a.com>"], ["J. Smith = John Smith"]),
    (["John Smith"], ["J. Smith", "Jane Smith"], ["J. Smith ? John Smith", "Jane Smith is new"]),
    (["J. Smith"], ["John Smith"], ["John Smith = J. Smith"]),
    (["J. Smith"], ["John Smith", "Jane Smith"],
     ["John Smith ? J. Smith", "Jane Smith ? J. Smith"]),
    (["John Smith", "J. Smith"], ["Johnny Smith"], ["Johnny Smith ? John Smith"]),
    ([], ["J. Smith", "John Smith", "Johnny Smith"],
     ["J. Smith = Johnny Smith", "John Smith = Johnny Smith", "Johnny Smith is new"]),
    ([], ["J. Smith", "John Smith", "Jane Smith"],
     ["J. Smith ? Jane Smith", "John Smith is new", "Jane Smith is new"]),
    (["Ann Archer", "Ann Archer"], ["Ann Archer"], ["Ann Archer ? Ann Archer"]),
    (["Ann Archer <a@a.com>"], ["Ann Archer <b@a.com>"], ["Ann Archer ? Ann Archer"]),
    (["Ann Archer <a@a.com>", "Ann Archer <b@a.com>"], ["Ann Archer <b@a.com>"],
     ["Ann Archer = Ann Archer"]),
    (["Ann Archer <a@a.com>", "Ann Archer <b@a.com>"], ["Ann Archer"],
     ["Ann Archer ? Ann Archer"]),
    (["Alexander Petrov", "Alexandra Orlova"], ["Sasha Orlova"],
     ["Sasha Orlova = Alexandra Orlova"]),
    (["Anna Smith-Jones", "Amy Smith"], ["A. Smith"], ["A. Smith ? Amy Smith"]),
    (["Ann Archer"], ["Ann"], ["Ann ? Ann Archer"]),
    (["王小明"], ["Xiaoming Wang"], ["Xiaoming Wang = 王小明"]),
    ([], ["Ann Archer <info@a.com>", "Bo Brook <info@a.com>"],
     ["Ann Archer is new", "Bo Brook is new"]),
]  # fmt: skip


@pytest.mark.parametrize(("known", "rows", "ends"), CASES)
def test_who_is_who(known, rows, ends):
    assert who(known, *rows) == ends


@pytest.mark.parametrize(("known", "rows", "ends"), CASES)
def test_the_order_changes_nothing(known, rows, ends):
    for people in permutations(known):
        for told in permutations(zip(rows, ends, strict=True)):
            assert who(people, *(row for row, _ in told)) == [end for _, end in told]


def test_a_question_names_everybody_who_is_meant():
    (found,) = settle([Person("Jane Smith"), Person("John Smith")], [Person("J. Smith")])
    assert (found.verdict, found.known) == (ASK, 0)
    assert found.reasons == ("the initial J. fits Jane", "John Smith may be meant, too")
    assert found.probability < same_person(Person("J. Smith"), Person("Jane Smith")).probability


def test_who_is_known_is_never_taken_for_another_who_is():
    known = [Person("John Smith"), Person("Johnny Smith"), Person("J. Smith")]
    assert [one.known for one in settle(known, [Person("Ann Archer")])] == [None]


@pytest.mark.parametrize(
    "names",
    [
        [f"John Smith {n}" for n in range(3_000)],
        ["John Smith"] * 3_000,
        [f"{chr(97 + n % 26)}. Nguyen" for n in range(3_000)],
        [f"Ann{n} Archer" for n in range(3_000)],
        ["Ann"] * 1_500 + [f"Ann A{n}" for n in range(1_500)],
    ],
)
def test_many_alike_take_little_time(names):
    rows = [Person(name, f"p{at}@acme.com") for at, name in enumerate(names)]
    start = time.process_time()
    assert len(settle(rows[:1_000], rows[1_000:])) == 2_000
    assert time.process_time() - start < 3


# ---------------------------------------------------------------- whatever they are called

firsts = st.sampled_from(
    ["John", "J.", "Johnny", "Jane", "Bill", "William", "W.", "Ann", "Anna", ""]
)
lasts = st.sampled_from(
    ["Smith", "Smith Jr", "Smith-Jones", "Müller", "Mueller", "Featherstone", ""]
)
names = st.builds(lambda first, last: f"{first} {last}".strip(), firsts, lasts)
mails = st.sampled_from(["", "", "", "a@acme.com", "john.smith@acme.com", "info@acme.com"])
people = st.builds(Person, names, mails, st.sampled_from(["", "+4930123"]), gone=st.booleans())
crowds = st.lists(people, max_size=5)


def shape(settled: Settled, known: Sequence[Person], rows: Sequence[Person]) -> object:
    """What becomes of a row without any number."""
    other = known[settled.known] if settled.known is not None else rows[settled.new or 0]
    new = settled.known is None
    return settled.verdict, settled.probability, settled.reasons, other.name, other.email, new


@given(crowds, crowds, st.randoms(use_true_random=False))
def test_no_order_matters(known: list[Person], rows: list[Person], dice):
    before = [shape(one, known, rows) for one in settle(known, rows)]
    numbers, people = list(range(len(rows))), known.copy()
    dice.shuffle(numbers)
    dice.shuffle(people)
    told = [rows[number] for number in numbers]
    after = [shape(one, people, told) for one in settle(people, told)]
    assert after == [before[number] for number in numbers]


@given(crowds, crowds, people)
def test_one_more_who_is_alike_makes_no_question_sure(
    known: list[Person], rows: list[Person], one: Person
):
    assume(not any(same_person(row, one).sure for row in rows))
    before = settle(known, rows)
    for was, now in zip(before, settle([*known, one], rows), strict=True):
        assert was.verdict is SAME or now.verdict is ASK


@given(crowds, crowds)
def test_every_answer_stands_for_somebody_there(known: list[Person], rows: list[Person]):
    settled = settle(known, rows)
    for number, one in enumerate(settled):
        assert (one.known is None) != (one.new is None)
        if one.verdict is ASK:
            assert one.new != number
            assert one.reasons
        if one.new is not None:
            head = settled[one.new]
            assert head == Settled(SAME, new=one.new)
