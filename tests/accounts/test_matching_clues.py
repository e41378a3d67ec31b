"""Numbers are ordered the same by the fast way for many of them and by the plain one."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from accounts.matching.clues import in_runs, ordered

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
