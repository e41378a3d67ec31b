"""The matcher's cases to hold, and the properties that make its answers trustworthy."""

import csv
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.matching import AccountIndex, Candidate, Match, Record, Verdict
from tests.accounts.companies import ALIKE

ACCEPT, REVIEW, NONE = Verdict.ACCEPT, Verdict.REVIEW, Verdict.NONE

CAST = [
    *ALIKE,
    Candidate(14, "Siemens Healthineers AG", ("siemens-healthineers.com",), (), "Germany"),
    Candidate(15, "Deutsche Telekom AG", ("telekom.com",), ("T-Mobile International",), "Germany"),
    Candidate(16, "Acme Holdings Ltd", ("acme.co.uk",), (), "United Kingdom"),
    Candidate(17, "Ford Credit", ("ford.com",), (), "United States"),
    Candidate(18, "Ford Motor Company", ("ford.com",), (), "United States"),
    Candidate(22, "Philips (Koninklijke) NV", ("philips.com",), (), "Netherlands"),
]

CASES = [
    # the domain speaks
    (Record(website="https://www.DELTA.com/en?x=1"), ACCEPT, 1),
    (Record("Delta Airlines", email="ops@mail.delta.com"), ACCEPT, 1),
    (Record("T-Mobile Intl", website="telekom.com"), ACCEPT, 15),
    # the domain and the name disagree
    (Record("Apple Orchard Farms", website="delta.com"), REVIEW, 1),
    (Record("Kohl's", website="schwab.com"), REVIEW, 6),
    (Record("Exxon Mobil", website="another-company.com"), REVIEW, 5),
    (Record("Exxon Mobil", website="exxonmobil.de"), ACCEPT, 5),
    # one domain, two companies
    (Record(website="ford.com"), REVIEW, None),
    (Record("Ford Motor Co", website="ford.com"), ACCEPT, 18),
    (Record("Ford Credit", website="ford.com"), ACCEPT, 17),
    # the name in other spellings
    (Record("EXXONMOBIL CORP"), ACCEPT, 5),
    (Record("SCHWAB CHARLES"), ACCEPT, 6),
    (Record("Kohl&#8217;s"), ACCEPT, 11),
    (Record("LOREAL", country="FR"), ACCEPT, 12),
    (Record("7 Eleven"), ACCEPT, 10),
    (Record("3M"), ACCEPT, 7),
    (Record("H.P."), ACCEPT, 8),
    (Record("astra intl"), ACCEPT, 21),
    (Record("Exxon Mobill Corporation"), ACCEPT, 5),
    # alike, and not the same
    (Record("Delta Apparel, Inc.", country="United States"), NONE, None),
    (Record("American Express Company", country="United States"), NONE, None),
    (Record("Bank of Montreal"), NONE, None),
    (Record("BD"), NONE, None),
    (Record("VF Corp"), NONE, None),
    (Record("Coop Himmelblau"), NONE, None),
    (Record("Group"), NONE, None),
    # namesakes
    (Record("First Bancorp"), REVIEW, None),
    (Record("First Bancorp", city="Raleigh", country="US"), ACCEPT, 4),
    # numbers tell funds apart
    (Record("Apollo Fund II"), REVIEW, 9),
    (Record("Apollo Fund I"), ACCEPT, 9),
    # one word in another country may be somebody else
    (Record("Siemens", country="Germany"), ACCEPT, 13),
    (Record("Siemens", country="Peru"), REVIEW, 13),
    # free mail and shared hosts say nothing
    (Record(email="anna@gmail.com"), NONE, None),
    (Record(website="https://www.linkedin.com/company/delta"), NONE, None),
    (Record("n/a", email="anna@web.de"), NONE, None),
    (Record("self employed"), NONE, None),
    (Record(), NONE, None),
    # malformed
    (Record(email="a@b@delta.com"), NONE, None),
    (Record(website="10.0.0.1"), NONE, None),
    (Record("\x00\u202e\ud800" * 50), NONE, None),
    (Record("Delta Air Lines" + "!" * 10_000), ACCEPT, 1),
]


@pytest.fixture(scope="module")
def index():
    return AccountIndex(CAST)


@pytest.mark.parametrize(("record", "verdict", "account_id"), CASES, ids=lambda v: str(v)[:50])
def test_cases_to_hold(index, record, verdict, account_id):
    match = index.match(record)
    assert match.verdict is verdict, match
    assert account_id is None or match.account_id == account_id, match
    assert match.reasons
    assert 0 <= match.score <= 1


def test_a_holding_is_not_its_operating_company(index):
    assert index.match(Record("Acme Ltd", country="GB")).verdict is not ACCEPT


def test_a_subsidiary_with_its_own_name_goes_to_its_own_account(index):
    assert index.match(Record("Siemens Healthineers", country="DE")).account_id == 14


def test_a_branch_in_another_country_is_not_taken_for_its_parent(index):
    assert index.match(Record("Siemens (China) Ltd", country="CN")).verdict is not ACCEPT


def test_an_empty_index_knows_nobody():
    assert AccountIndex().match(Record("Acme", "acme.com")).verdict is NONE


def test_what_is_added_is_found_by_the_next_question():
    index = AccountIndex(CAST)
    assert index.match(Record("Zephyr Robotics GmbH")).verdict is NONE
    index.add(Candidate(99, "Zephyr Robotics"))
    assert index.match(Record("Zephyr Robotics GmbH")).account_id == 99
    assert len(index) == len(CAST) + 1


def test_a_duplicated_account_is_a_question_not_a_guess():
    index = AccountIndex([Candidate(5, "Zephyr Robotics"), Candidate(3, "Zephyr Robotics Ltd")])
    match = index.match(Record("Zephyr Robotics"))
    assert (match.verdict, match.account_id, match.runner_up) == (REVIEW, 3, 5)


def test_progress_counts_every_record(index):
    seen: list[tuple[int, int]] = []
    index.match_many([Record("3M"), Record("HP")], progress=lambda *at: seen.append(at))
    assert seen == [(1, 2), (2, 2)]


words = st.sampled_from(
    ["delta", "air", "first", "bancorp", "siemens", "fund", "ii", "acme", "ltd", "mobil", "exxn"]
)
records = st.builds(
    Record,
    name=st.one_of(st.lists(words, max_size=4).map(" ".join), st.text(max_size=30)),
    website=st.sampled_from(["", "delta.com", "acme.co.uk", "web.de", "x.invalid", "ford.com"]),
    country=st.sampled_from(["", "US", "Germany", "Atlantis"]),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(records, max_size=6))
def test_alone_or_in_a_batch_the_answer_is_the_same(index, batch):
    assert index.match_many(batch) == [index.match(record) for record in batch]


@settings(max_examples=60, deadline=None)
@given(records, st.permutations(CAST))
def test_the_order_of_accounts_does_not_matter(index, record, cast):
    def essence(match: Match):
        return match.verdict, match.account_id, round(match.score, 3)

    assert essence(AccountIndex(cast).match(record)) == essence(index.match(record))


@settings(max_examples=80, deadline=None)
@given(records)
def test_an_answer_is_complete_and_no_text_breaks_it(index, record):
    match = index.match(record)
    assert match.reasons
    assert (match.account_id is None) == (match.verdict is NONE)
    assert match.runner_up is None or match.runner_up != match.account_id


def test_every_shipped_company_finds_itself():
    file = Path(__file__).parents[2] / "data" / "companies" / "accounts.csv"
    with file.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    index = AccountIndex(
        Candidate(at, row["name"], (row["website"],), (), row["country"], row["city"])
        for at, row in enumerate(rows)
    )
    sample = range(0, len(rows), 7)
    found = index.match_many(
        [
            Record(rows[at]["name"], rows[at]["website"], country=rows[at]["country"])
            for at in sample
        ]
    )
    assert [match.account_id for match in found] == list(sample)
    assert {match.verdict for match in found} == {ACCEPT}
