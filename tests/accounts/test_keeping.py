"""What is kept for the next question does not fill the memory."""

from __future__ import annotations

import tracemalloc
from collections.abc import Sequence

from accounts.company_names import name_key
from accounts.identity import domain_key
from accounts.keeping import LONGEST, forget, kept, kept_each
from accounts.matching.keys import keys_of


def test_an_answer_is_worked_out_once_unless_the_text_is_long():
    asked: list[str] = []

    @kept
    def double(text: str) -> str:
        asked.append(text)
        return text * 2

    short, long = "a" * LONGEST, "b" * (LONGEST + 1)
    for text in (short, long, short, long):
        assert double(text) == text * 2
    assert asked == [short, long, long]
    forget()
    assert double(short) == short * 2
    assert asked == [short, long, long, short]


def test_a_list_of_long_texts_is_not_kept():
    keys_of("company holding")  # the tables of words are made once
    domain_key("company.com")
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for at in range(300):
        text = f"company {at} " + "holding " * 1_000
        keys_of(text)
        name_key(text)
        domain_key(text)
    after = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert after - before < 500_000


def test_of_many_texts_only_new_ones_are_worked_out_and_together():
    asked: list[list[str]] = []

    @kept_each
    def doubled(texts: Sequence[str]) -> list[str]:
        asked.append(list(texts))
        return [text * 2 for text in texts]

    long = "b" * (LONGEST + 1)
    assert doubled(["a", long]) == ["aa", long * 2]
    assert doubled(["a", "c", long, "a"]) == ["aa", "cc", long * 2, "aa"]
    assert doubled(["c", "a"]) == ["cc", "aa"]
    assert asked == [["a", long], ["c", long]]
    forget()
    assert doubled(["a"]) == ["aa"]
