"""A phone lends weight to a likeness of names, asks a person where there is none, never decides."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.matching import AccountIndex, Candidate, Record, Rules, Verdict
from accounts.matching.phones import Phones, phone_of

ACCEPT, REVIEW, NONE = Verdict.ACCEPT, Verdict.REVIEW, Verdict.NONE

BERLIN, SWITCHBOARD = "+493012345678", "+442079460000"
CAST = [
    Candidate(1, "Siemens AG", ("siemens.com",), (), "Germany", phones=(BERLIN,)),
    Candidate(2, "Kelso Insurance plc", ("kelso.com",), (), "United Kingdom",
              phones=("020 7946 0000", "+44 20 7946 0001")),
    Candidate(3, "Kelso Textiles Ltd", (), (), "United Kingdom", phones=(SWITCHBOARD,)),
    Candidate(4, "Zephyr Robotics", phones=("+33123456789",)),
    Candidate(5, "Zephyr Robotics Ltd", phones=("+33123456780",)),
    Candidate(6, "Apollo Fund I", phones=("+12125550100",)),
    *[Candidate(at, f"Tenant {at} of Harbor House", phones=("+12125550199",))
      for at in range(20, 26)],
]  # fmt: skip

CASES = [
    # alone it is a question
    (Record(phone=BERLIN), REVIEW, 1, "same phone as 'Siemens AG'"),
    (Record(phone="030/12345678", country="Germany"), REVIEW, 1, "same phone as"),
    (Record(phone="(030) 123 456 78"), REVIEW, 1, "same phone as"),
    (Record("Orchid Ferries", phone=BERLIN), REVIEW, 1, "the name is another one"),
    (Record("n/a", phone=BERLIN), REVIEW, 1, "same phone as"),
    # with a name that would be a question it is an answer
    (Record("Siemens", country="Peru"), REVIEW, 1, "one word in another country"),
    (Record("Siemens", country="Peru", phone=BERLIN), ACCEPT, 1, "same phone"),
    (Record("Zephyr Robotics"), REVIEW, 4, "is as close"),
    (Record("Zephyr Robotics", phone="+33 1 23 45 67 80"), ACCEPT, 5, "same phone"),
    (Record("Siemens AG", phone=BERLIN), ACCEPT, 1, "same phone"),
    # but what contradicts it stays a question
    (Record("Siemens", "another-company.com", phone=BERLIN), REVIEW, 1, "another domain"),
    (Record("Apollo Fund II", phone="+1 212 555 0100"), REVIEW, 6, "number differs"),
    (Record("Orchid Ferries", "siemens.com", phone=BERLIN), REVIEW, 1, "say different companies"),
    # a switchboard of several says less, one of many says nothing
    (Record(phone=SWITCHBOARD), REVIEW, 2, "same phone as 'Kelso Insurance plc' and 'Kelso Tex"),
    (Record("Kelso", phone=SWITCHBOARD), REVIEW, None, "same phone, as 1 more have"),
    (Record(phone="+12125550199"), NONE, None, "no account is near it"),
    # what is unknown or no number is neutral
    (Record(phone="+493099999999"), NONE, None, ""),
    (Record(phone="12345"), NONE, None, ""),
    (Record(phone="\x00\ud800" * 99), NONE, None, ""),
    (Record("Siemens AG", phone="+493099999999"), ACCEPT, 1, "same name"),
    (Record("Siemens AG", phone="call me"), ACCEPT, 1, "same name"),
]


@pytest.fixture(scope="module")
def index():
    return AccountIndex(CAST)


@pytest.mark.parametrize(("record", "verdict", "account_id", "said"), CASES, ids=str)
def test_what_a_phone_tells(index, record, verdict, account_id, said):
    match = index.match(record)
    assert match.verdict is verdict, match
    assert account_id is None or match.account_id == account_id, match
    assert said in "; ".join(match.reasons)


def test_a_question_is_never_as_sure_as_an_answer(index):
    strict = AccountIndex(CAST, Rules(accept=0.4, review=0.2))
    for record, *_ in CASES:
        match = strict.match(record)
        assert (match.score >= 0.4) <= (match.verdict is not REVIEW)


def test_alone_in_a_batch_or_from_a_file_the_answer_is_the_same(index, tmp_path):
    records = [record for record, *_ in CASES]
    alone = [index.match(record) for record in records]
    assert index.match_many(records) == alone
    index.save(tmp_path / "index")
    assert AccountIndex.load(tmp_path / "index").match_many(records) == alone


def test_a_number_goes_with_its_account_and_never_to_whom_a_person_ruled_out():
    now = AccountIndex(CAST)
    assert now.match(Record(phone=BERLIN), without=[1]).verdict is NONE
    now.update(Candidate(1, "Siemens AG", phones=("+4989636",)))
    assert now.match(Record(phone=BERLIN)).verdict is NONE
    now.remove(1)
    assert now.match(Record(phone="+4989636")).verdict is NONE


def test_without_a_phone_on_both_sides_nothing_is_read(monkeypatch):
    def refuse(*_):
        raise AssertionError("a phone was read")

    monkeypatch.setattr("accounts.matching.table.phone_of", refuse)
    silent = AccountIndex([Candidate(1, "Siemens AG")])
    silent.match_many([Record("Siemens AG", phone=BERLIN), Record("Siemens"), Record(phone="1")])


@given(st.text(max_size=40), st.sampled_from(["", "DE", "US", "Atlantis"]))
def test_no_text_breaks_a_number(text, country):
    phones, found = Phones(), phone_of(text, country)
    if found:
        phones.add(1, [found])
        assert phones.owners(found) == [1]
    assert phones.owners("+15") == []
