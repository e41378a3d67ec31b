"""The repository's own copy of the matching lists is whole, and longer ones are always the same."""

from __future__ import annotations

import csv
import lzma
from collections import Counter

import pytest

from accounts.company_names import name_key
from benchmarks.matching_data import FOLDER, Questions, grown, messy, questions, repeats


@pytest.fixture(scope="module")
def asked() -> Questions:
    return questions()


def column(name: str, field: str) -> list[str]:
    with lzma.open(FOLDER / f"{name}.csv.xz", "rt", encoding="utf-8", newline="") as file:
        return [row[field] for row in csv.DictReader(file)]


def test_no_row_is_missing(asked: Questions):
    assert (len(asked.accounts), len(asked.queries)) == (14_507, 3_498)
    assert sum(true is not None for true in asked.truth) == 2_297
    assert all(account.name for account in asked.accounts)


def test_every_row_has_an_id_of_its_own():
    for name, field in (("accounts", "account_id"), ("queries", "query_id"), ("dedupe", "row_id")):
        ids = column(name, field)
        assert len(set(ids)) == len(ids), name


def test_the_truth_of_every_query_is_an_account(asked: Questions):
    known = column("accounts", "account_id")
    said = column("queries", "true_account_id")
    assert [known[true] if true is not None else "" for true in asked.truth] == said


def test_the_truth_is_mostly_a_name_that_begins_alike(asked: Questions):
    """A copy whose rows slipped by one would still have all its ids."""
    pairs = [
        (name_key(query.name).core[:2], name_key(asked.accounts[true].name).core[:2])
        for query, true in zip(asked.queries, asked.truth, strict=True)
        if true is not None and query.name
    ]
    assert sum(one == other for one, other in pairs) > 0.9 * len(pairs)


def test_the_list_with_repeats_has_the_pairs_that_its_page_says():
    listed = repeats()
    sizes = Counter(listed.clusters).values()
    assert (len(listed.rows), len(sizes)) == (7_756, 5_864)
    assert sum(size * (size - 1) // 2 for size in sizes) == 2_061


def test_names_alone_hide_every_other_field_and_leave_out_who_has_none(asked: Questions):
    named = asked.named
    assert all(one == one.bare and one.name for one in (*named.accounts, *named.queries))
    assert 3_300 < len(named.queries) == len(named.truth) < 3_498


def test_a_longer_list_begins_with_the_real_one_and_is_always_the_same(asked: Questions):
    longer = grown(asked.accounts, 16_000)
    assert longer[:14_507] == list(asked.accounts)
    assert longer == grown(asked.accounts, 16_000)
    assert grown(asked.accounts, 15_000) == longer[:15_000]
    assert grown(asked.accounts, 1_000) == list(asked.accounts[:1_000])


def test_made_names_are_new_ones_of_real_words(asked: Questions):
    made = grown(asked.accounts, 16_000)[14_507:]
    names = {one.name for one in made}
    assert len(names) == len(made)
    assert not names & {one.name for one in asked.accounts}
    words = {word for one in asked.accounts for word in one.name.split()}
    assert all(word in words for name in names for word in name.split())


def test_messy_queries_are_always_the_same(asked: Questions):
    some = messy(asked.accounts, 50)
    assert len(some) == 50
    assert some == messy(asked.accounts, 50)
