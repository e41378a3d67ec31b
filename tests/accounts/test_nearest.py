"""The word that was meant where another one stands."""

from __future__ import annotations

import pytest

from accounts.nearest import nearest

FRUIT = ("pear", "Apple", "quince")


@pytest.mark.parametrize(
    ("word", "allowed", "hint"),
    [
        ("pair", FRUIT, "did you mean 'pear'?"),
        ("APLE", FRUIT, "did you mean 'Apple'?"),
        ("xyz", FRUIT, "known are Apple, pear, quince"),
        ("xyz", [f"w{n:02}" for n in range(14)], "known are " + ", ".join(
            f"w{n:02}" for n in range(12)) + ", and 2 more"),
        ("pear" * 20, ["pear" * 20 + "s"], "known are " + "pear" * 20 + "s"),
        ("\u0440ear", FRUIT, ("the letter '\u0440' is CYRILLIC SMALL LETTER ER; "
                              "write it with a to z")),
        ("J\u00f6rk", ["J\u00f6rg", "Ann"], "did you mean 'J\u00f6rg'?"),
        ("xyz", (), ""),
    ],
)  # fmt: skip
def test_a_hint_names_the_nearest_word_or_what_there_is(word: str, allowed, hint: str):
    assert nearest(word, allowed) == hint
