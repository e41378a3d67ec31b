"""Numbers are found where they stand, and what is none of them is not found."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from accounts.matching.hashed import Hashed

numbers = st.lists(st.integers(0, 2**63 - 1) | st.integers(0, 40), max_size=60, unique=True)


@given(numbers, numbers)
def test_each_number_has_its_place_and_no_other_has_one(known: list[int], others: list[int]):
    asked = np.array([*others, *known], np.int64)
    places = Hashed(np.array(known, np.int64)).places(asked).tolist()
    expected = {one: place for place, one in enumerate(known)}
    assert places == [expected.get(one, -1) for one in asked.tolist()]
