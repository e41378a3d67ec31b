"""An index that lives: it is changed without a rebuild, saved, loaded, and takes anything."""

import json
from dataclasses import replace

import numpy as np
import pytest

from accounts.errors import AbmError
from accounts.matching import AccountIndex, Candidate, Record, Rules, Verdict

WORDS = [
    "amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "harbor", "iris",
    "juniper", "kestrel", "lumen", "marble", "nimbus", "onyx", "prairie", "quartz", "raven",
    "sable", "tundra", "umber", "violet", "willow", "xenon", "yonder", "zephyr",
]  # fmt: skip
TRADES = ("Robotics", "Foods", "Logistics", "Energy", "Textiles", "Optics", "Paper", "Mining")
LIST = [
    Candidate(
        at,
        f"{WORDS[at % 26].title()} {WORDS[(at // 26 + at) % 26].title()} {TRADES[at % 8]} Ltd",
        (f"{WORDS[at % 26]}{at}.com",),
        (),
        ("Germany", "France", "")[at % 3],
    )
    for at in range(600)
]
ASKED = [
    *[Record(one.name, country=one.country) for one in LIST[:40]],
    *[Record(one.name.replace("e", "", 1)) for one in LIST[40:80]],
    *[Record("Somebody Else", website=one.domains[0]) for one in LIST[80:90]],
    Record("Quite Unknown Holdings"),
    Record(),
]


def test_what_was_added_one_by_one_is_found_like_what_was_there_from_the_start():
    grown = AccountIndex(LIST[:50])
    for one in LIST[50:]:
        grown.add(one)
    assert len(grown) == len(LIST)
    found = [grown.match(Record(one.name, one.domains[0])) for one in LIST[::7]]
    assert [match.account_id for match in found] == [one.id for one in LIST[::7]]
    assert {match.verdict for match in found} == {Verdict.ACCEPT}


def test_what_was_removed_is_found_no_more():
    index = AccountIndex(LIST)
    index.remove(LIST[5].id)
    assert len(index) == len(LIST) - 1
    match = index.match(Record(LIST[5].name, LIST[5].domains[0]))
    assert LIST[5].id not in (match.account_id, match.runner_up)
    with pytest.raises(KeyError):
        index.remove(LIST[5].id)


def test_an_account_is_known_as_it_is_now():
    index = AccountIndex(LIST)
    index.update(replace(LIST[5], name="Orchid Ferries", domains=("orchid-ferries.com",)))
    assert len(index) == len(LIST)
    assert index.match(Record("Orchid Ferries")).account_id == LIST[5].id
    assert index.match(Record(website="orchid-ferries.com")).account_id == LIST[5].id
    assert index.match(Record(website=LIST[5].domains[0])).account_id is None


def test_a_loaded_index_gives_the_same_answers(tmp_path):
    index = AccountIndex(LIST)
    index.add(Candidate(7_000, "Orchid Ferries", ("orchid.fr",)))
    index.remove(LIST[3].id)
    index.save(tmp_path / "accounts.index")
    loaded = AccountIndex.load(tmp_path / "accounts.index")
    assert len(loaded) == len(index)
    assert loaded.match_many(ASKED) == index.match_many(ASKED)
    loaded.add(Candidate(8_000, "Peony Shipyards"))
    assert loaded.match(Record("Peony Shipyards")).account_id == 8_000


def test_an_account_that_changes_often_is_found_like_one_that_never_did():
    index, still = AccountIndex(LIST), AccountIndex(LIST)
    for at in range(400):
        index.update(replace(LIST[at % 20], country=("Germany", "France")[at % 2]))
    for one in LIST[:20]:
        index.update(one)
    changed = [Record(one.name.replace("e", "", 1)) for one in LIST[:20]]
    assert len(index) == len(still)
    assert [match.account_id for match in index.match_many(changed)] == [
        match.account_id for match in still.match_many(changed)
    ]


def test_a_fold_lets_go_of_removed_accounts_and_of_nothing_else(tmp_path):
    kept = [one for one in LIST if one.id % 5]
    index = AccountIndex(LIST)
    for one in LIST[::5]:
        index.remove(one.id)
    more = [Candidate(1_000 + at, f"Orchid {word} Ferries") for at, word in enumerate(WORDS * 7)]
    for one in more:
        index.add(one)
    index.save(tmp_path / "accounts.index")
    expected = AccountIndex(kept + more).match_many(ASKED)
    assert index.match_many(ASKED) == expected
    assert AccountIndex.load(tmp_path / "accounts.index").match_many(ASKED) == expected


@pytest.mark.parametrize("content", [b"", b"name,website\n", b"PK\x03\x04 broken"])
def test_a_file_that_is_no_index_is_refused_by_name(tmp_path, content):
    file = tmp_path / "accounts.index"
    file.write_bytes(content)
    with pytest.raises(AbmError, match=r"accounts\.index is no index"):
        AccountIndex.load(file)


def test_an_index_of_another_version_says_so(tmp_path):
    file = tmp_path / "accounts.index"
    told = np.frombuffer(json.dumps({"version": 0}).encode(), np.uint8)
    with file.open("wb") as lines:
        np.savez(lines, index=told)
    with pytest.raises(AbmError, match="version 0"):
        AccountIndex.load(file)


def test_alone_or_among_hundreds_the_answer_is_the_same():
    index = AccountIndex(LIST)
    assert index.match_many(ASKED) == [index.match(record) for record in ASKED]


def test_no_record_breaks_anything():
    index = AccountIndex(LIST)
    hostile = [
        "x" * 10_000, "delta ember " * 900, "\x00\ud800\u202e" * 500, "(" * 10_000, "& + . " * 900,
        "=HYPERLINK(1)", "\u200f\u05d0\u05d1\u05d2 Ltd", "\ufdfa" * 2_000, "1 " * 3_000,
    ]  # fmt: skip
    for name in hostile:
        assert index.match(Record(name, name, name, name, name, name)).reasons


def test_what_a_person_ruled_out_is_not_offered_again():
    index = AccountIndex(LIST)
    one = LIST[9]
    match = index.match(Record(one.name, one.domains[0]), without=[one.id])
    assert one.id not in (match.account_id, match.runner_up)


def test_the_next_best_is_named_however_far_it_is():
    near = Candidate(1, "Quartz Kestrel Logistics", ("quartz.com",), ("Kwarz Kestrel Logistics",))
    far = Candidate(2, "Quarry Tundra Textiles")
    index = AccountIndex([near, far, *LIST[:3]])
    record = Record("Quartz Kestrel Logistiks")
    assert (index.match(record).account_id, index.match(record).runner_up) == (1, 2)


def test_who_is_the_next_best_does_not_hang_on_the_order_of_the_list():
    names = ["Delta Air Lines, Inc.", "First Bancorp", "First Bancorp, Inc.", "American Airlines"]
    cast = [Candidate(at, name, (), (), "United States") for at, name in enumerate(names)]
    record = Record("delta first bancorp", country="US")
    expected = AccountIndex(cast).match(record)
    for at in range(len(cast)):
        assert AccountIndex(cast[at:] + cast[:at]).match(record) == expected


def test_without_the_nearest_the_next_is_as_good_as_it_would_be_alone():
    double, record = replace(LIST[9], id=9_999), Record(LIST[9].name.replace("e", "", 1))
    found = AccountIndex([*LIST, double]).match(record, without=[9])
    assert (found.account_id, found.verdict) == (9_999, Verdict.ACCEPT)


def test_a_stricter_threshold_asks_a_person_instead():
    record = Record(LIST[40].name.replace("e", "", 1))
    assert AccountIndex(LIST).match(record).verdict is Verdict.ACCEPT
    strict = AccountIndex(LIST, Rules(accept=0.9999, review=0.1))
    assert strict.match(record).verdict is Verdict.REVIEW


def test_a_shared_host_tells_only_of_the_account_that_owns_it():
    index = AccountIndex([*LIST, Candidate(900, "LinkedIn Corporation", ("linkedin.com",))])
    assert index.match(Record(website="linkedin.com")).account_id == 900
    assert index.match(Record(website="linkedin.com/company/acme")).account_id is None
    assert index.match(Record(email="a@gmail.com")).account_id is None


def test_an_account_that_is_found_by_an_alias_is_not_said_to_have_that_name():
    index = AccountIndex([Candidate(1, "Kelso Insurance plc", aliases=("Air T, Inc.",))])
    assert index.match(Record("Air T")).reasons == ("another name of 'Kelso Insurance plc'",)
    assert index.match(Record("Kelso Insurance")).reasons == ("same name as 'Kelso Insurance plc'",)


def test_a_batch_that_finds_many_rows_is_looked_up_in_portions(monkeypatch: pytest.MonkeyPatch):
    listed = [Candidate(at, f"{word} Optics {at}") for at, word in enumerate(["Onyx", "Opal"] * 9)]
    asked = [Record(name) for name in ("Onix Optics", "Opall Optics 3", "Zebra", "Optics 7 Onyx")]
    index = AccountIndex(listed)
    index.add(Candidate(99, "Onix Opticians"))  # since the last fold
    whole = [(one.account_id, one.score, one.runner_up) for one in index.match_many(asked * 3)]
    monkeypatch.setattr("accounts.matching.blocking._ROOM", 8)
    apart = [(one.account_id, one.score, one.runner_up) for one in index.match_many(asked * 3)]
    assert apart == whole


def test_a_batch_without_any_name_is_answered():
    index = AccountIndex([Candidate(1, "Onyx", ("onyx.com",)), Candidate(2, "Opal")])
    answers = index.match_many([Record(website="onyx.com")] * 5)
    assert {one.account_id for one in answers} == {1}
