"""Numbers are ordered the same by the fast way for many of them and by the plain one."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from accounts.matching.clues import CORE, INITIALS, START, Clues, in_runs, ordered

SMALL = st.integers(-5, 5)


@given(st.lists(st.tuples(SMALL, SMALL), max_size=20), st.sampled_from([1, 40]))
def test_equal_keys_are_ordered_by_ids_however_many_there_are(
    pairs: list[tuple[int, int]], times: int
) -> None:
    many = pairs * times
    key, ids = np.array(many, np.int64).reshape(-1, 2).T
    assert [many[at] for at in ordered(key, ids).tolist()] == sorted(many)


@given(st.lists(st.integers(-(2**62), 2**62)))
def test_runs_come_out_in_order(numbers: list[int]) -> None:
    assert in_runs(np.array(numbers, np.int64)).tolist() == sorted(numbers)


KNOWN = st.sampled_from([3, 4, CORE | 5, INITIALS | 5, START | 5, START | 6])


@given(st.lists(KNOWN), st.lists(KNOWN), st.lists(KNOWN | st.just(-1), max_size=8))
def test_few_clues_find_what_they_find_among_many(
    folded: list[int], fresh: list[int], asked: list[int]
) -> None:
    index = Clues()
    index.fold(np.array(folded, np.int64), np.arange(len(folded), dtype=np.int32))
    for row, clue in enumerate(fresh, start=len(folded)):
        index.add(clue, row)
    few = index.among(np.array(asked, np.int64), 2)
    many = index.among(np.array(asked + [-1] * 100, np.int64), 2)
    assert sorted(zip(*few, strict=True)) == sorted(zip(*many, strict=True))
