"""Parents and children on one domain, and accounts that are as close: who a record is then."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.errors import AbmError
from accounts.matching import AccountIndex, Candidate, Record, RollUp, Rules, Verdict
from accounts.standing import TIE_BREAKERS, Standing

ACCEPT, REVIEW, NONE = Verdict.ACCEPT, Verdict.REVIEW, Verdict.NONE

PARENT = Candidate(1, "Kelso Group plc", ("kelso.com",), (), "United Kingdom", "Leeds")
CHILD = Candidate(2, "Kelso Robotics GmbH", ("kelso.com",), (), "Germany", parent_id=1)
UNLISTED = Candidate(3, "Kelso Textiles Ltd", (), (), "United Kingdom", parent_id=1)
GRANDCHILD = Candidate(4, "Kelso Sensors", ("kelso.com",), (), "Germany", parent_id=2)
BOUGHT = Candidate(5, "Umbra Optics", ("umbra-optics.com",), (), "France", parent_id=1)
STRANGER = Candidate(9, "Aeris Resources", ("aeris.com.au",), (), "Australia")

FAMILY = [PARENT, CHILD, UNLISTED, BOUGHT, STRANGER]


def index(*candidates: Candidate, **rules) -> AccountIndex:
    return AccountIndex(candidates, Rules(**rules))


# ---------------------------------------------------------------- the name decides


@pytest.mark.parametrize("roll_up", RollUp)
@pytest.mark.parametrize(
    ("record", "account_id", "said"),
    [
        (Record("Kelso Group", "kelso.com"), 1, "same domain kelso.com"),
        (Record("Kelso Group plc", email="jo@kelso.com"), 1, "same domain kelso.com"),
        (Record("Kelso", "kelso.com"), 1, "same domain kelso.com"),
        (Record("Kelso Robotics", "kelso.com"), 2, "same domain kelso.com"),
        (Record("Kelso Robotic", "kelso.com"), 2, "same domain kelso.com"),
        (Record("Kelso Textiles", "kelso.com"), 3, "the domain of its parent 'Kelso Group plc'"),
        (Record("Kelso Textile", "kelso.com"), 3, "the domain of its parent 'Kelso Group plc'"),
        (Record("Umbra Optics", "kelso.com"), 5, "the domain of its parent 'Kelso Group plc'"),
        (Record("Umbra Optics", "umbra-optics.com"), 5, "same domain umbra-optics.com"),
    ],
    ids=str,
)
def test_a_name_on_the_familys_domain_says_which_of_them_it_is(roll_up, record, account_id, said):
    match = index(*FAMILY, roll_up=roll_up).match(record)
    assert (match.verdict, match.account_id) == (ACCEPT, account_id), match
    assert said in "; ".join(match.reasons)


def test_a_child_lends_nothing_to_its_parent():
    match = index(*FAMILY).match(Record("Kelso Group", "umbra-optics.com"))
    assert match.verdict is REVIEW


def test_a_strangers_name_on_the_familys_domain_is_still_a_contradiction():
    assert index(*FAMILY).match(Record("Aeris Resources", "kelso.com")).verdict is REVIEW


# ---------------------------------------------------------------- it does not


@pytest.mark.parametrize(
    ("roll_up", "verdict", "account_id", "said"),
    [
        ("child", ACCEPT, 2, "'Kelso Robotics GmbH' is a child of 'Kelso Group plc', which is as"),
        ("parent", ACCEPT, 1, "'Kelso Robotics GmbH' is a child of 'Kelso Group plc': rolled up"),
        ("ask", REVIEW, 1, "'Kelso Robotics GmbH' is a child of 'Kelso Group plc'"),
    ],
)
def test_without_a_name_the_settings_say_who_it_is(roll_up, verdict, account_id, said):
    match = index(*FAMILY, roll_up=RollUp(roll_up)).match(Record(email="jo@kelso.com"))
    assert (match.verdict, match.account_id) == (verdict, account_id), match
    assert match.runner_up == 3 - account_id
    assert said in "; ".join(match.reasons)


def test_several_levels_go_down_to_the_last_or_up_to_the_first():
    family = [*FAMILY, GRANDCHILD]
    record = Record(website="kelso.com")
    assert index(*family).match(record).account_id == 4
    up = index(*family, roll_up=RollUp.PARENT).match(record)
    assert (up.verdict, up.account_id) == (ACCEPT, 1)


def test_several_children_are_a_question_unless_their_place_tells_them_apart():
    french = Candidate(6, "Kelso Foods SA", ("kelso.com",), (), "France", parent_id=1)
    children = index(*FAMILY, french)
    asked = children.match(Record(website="kelso.com"))
    assert asked.verdict is REVIEW
    assert {asked.account_id, asked.runner_up} <= {1, 2, 6}
    near = children.match(Record(website="kelso.com", country="France"))
    assert (near.verdict, near.account_id) == (ACCEPT, 6)
    assert "same country FR" in near.reasons


def test_children_of_one_name_go_up_to_a_parent_that_was_not_near():
    names = [Candidate(at, "Kelso Robotics", parent_id=1) for at in (2, 3)]
    parent = Candidate(1, "Umbra Holding", ("umbra.com",))
    up = index(parent, *names, roll_up=RollUp.PARENT).match(Record("Kelso Robotics"))
    assert (up.verdict, up.account_id) == (ACCEPT, 1)
    assert "'Kelso Robotics' is a child of 'Umbra Holding': rolled up" in "; ".join(up.reasons)
    ask = index(parent, *names, roll_up=RollUp.ASK).match(Record("Kelso Robotics"))
    assert ask.verdict is REVIEW
    assert "are children of 'Umbra Holding'" in "; ".join(ask.reasons)


def test_a_parent_that_a_person_ruled_out_is_not_rolled_up_to():
    up = index(*FAMILY, roll_up=RollUp.PARENT)
    assert up.match(Record(website="kelso.com"), without=[1]).account_id == 2


@pytest.mark.parametrize("roll_up", RollUp)
@pytest.mark.parametrize(
    "parents",
    [{1: 1}, {1: 2, 2: 1}, {1: 2, 2: 3, 3: 1}, {2: 77}, {1: 2, 2: 2}, {1: 3, 3: 2, 2: 3}],
    ids=str,
)
def test_parents_in_a_ring_or_unknown_ones_are_a_question_and_nothing_hangs(roll_up, parents):
    cast = [replace(one, parent_id=parents.get(one.id)) for one in (PARENT, CHILD, UNLISTED)]
    match = index(*cast, roll_up=roll_up).match(Record(website="kelso.com"))
    assert match.verdict in (ACCEPT, REVIEW)
    assert match.account_id in (1, 2, 3)
    named = index(*cast, roll_up=roll_up).match(Record("Kelso Robotics", "kelso.com"))
    assert (named.verdict, named.account_id) == (ACCEPT, 2)


@given(
    st.dictionaries(st.integers(1, 8), st.integers(1, 9), max_size=8),
    st.sampled_from(RollUp),
    st.randoms(use_true_random=False),
)
def test_no_family_tree_breaks_the_matcher_or_depends_on_the_order(parents, roll_up, random):
    cast = [
        Candidate(at, f"Kelso {at % 3}", ("kelso.com",), parent_id=parents.get(at))
        for at in range(1, 9)
    ]
    record = Record("Kelso", "kelso.com")
    found = index(*cast, roll_up=roll_up).match(record)
    random.shuffle(cast)
    again = index(*cast, roll_up=roll_up).match(record)
    assert (found.verdict, found.account_id) == (again.verdict, again.account_id)


def test_a_family_that_changes_is_known_as_it_is_now(tmp_path):
    now = index(*FAMILY)
    now.update(replace(UNLISTED, parent_id=None))
    alone = now.match(Record("Kelso Textiles", "kelso.com"))
    assert alone.verdict is REVIEW
    assert "the name is that of 'Kelso Textiles Ltd'" in alone.reasons
    now.update(UNLISTED)
    now.save(tmp_path / "index")
    loaded = AccountIndex.load(tmp_path / "index")
    assert loaded.match(Record("Kelso Textiles", "kelso.com")).verdict is ACCEPT


# ---------------------------------------------------------------- accounts that are as close

SINCE = datetime(2026, 1, 1, tzinfo=UTC)


def standing(id_: int, **fields) -> Standing:
    known = {"owner": False, "tier": 0, "open_opportunity": False, "contacts": 0}
    return Standing(id_, **(known | {"created_at": SINCE} | fields))


def twin(id_: int, domain: str = "", **fields) -> Candidate:
    domains = (domain,) if domain else ()
    return Candidate(id_, "Zephyr Robotics Ltd", domains, standing=standing(id_, **fields))


ASKED = [
    Record("Zephyr Robotics"),
    Record("Zephyr Robotics", "zephyr.com"),
    Record(website="zephyr.com"),
]


@pytest.mark.parametrize("record", ASKED, ids=str)
@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"owner": True}, "2 accounts are as close: it has an owner"),
        ({"tier": 1}, "2 accounts are as close: its tier is the highest"),
        ({"open_opportunity": True}, "2 accounts are as close: it has an open opportunity"),
        ({"contacts": 3}, "2 accounts are as close: it has the most contacts"),
        ({"created_at": SINCE - timedelta(1)}, "2 accounts are as close: it is the oldest"),
    ],
)
def test_each_tie_breaker_decides_and_is_named(record, fields, why):
    for cast in permutations([twin(1, "zephyr.com"), twin(2, "zephyr.com", **fields)]):
        match = index(*cast, tie_breakers=TIE_BREAKERS).match(record)
        assert (match.verdict, match.account_id, match.runner_up) == (ACCEPT, 2, 1), match
        assert why in match.reasons


@pytest.mark.parametrize("record", ASKED, ids=str)
def test_where_none_is_named_or_none_tells_them_apart_a_person_is_asked(record):
    alike = [twin(1, "zephyr.com"), twin(2, "zephyr.com")]
    owned = [twin(1, "zephyr.com"), twin(2, "zephyr.com", owner=True)]
    unknown = [replace(one, standing=None) for one in owned]
    for cast, words in (
        (alike, TIE_BREAKERS),
        (owned, ()),
        (owned, ["tier"]),
        (unknown, ["owner"]),
    ):
        match = index(*cast, tie_breakers=tuple(words)).match(record)
        assert (match.verdict, match.account_id, match.runner_up) == (REVIEW, 1, 2)


def test_the_order_of_tie_breakers_is_ones_own():
    cast = [twin(1, owner=True), twin(2, contacts=9)]
    record = Record("Zephyr Robotics")
    assert index(*cast, tie_breakers=("owner", "most_contacts")).match(record).account_id == 1
    assert index(*cast, tie_breakers=("most_contacts", "owner")).match(record).account_id == 2


def test_a_tie_is_among_all_that_are_as_close():
    cast = [twin(1), twin(2), twin(3, owner=True)]
    match = index(*cast, tie_breakers=("owner",)).match(Record("Zephyr Robotics"))
    assert (match.account_id, match.reasons[-1]) == (3, "3 accounts are as close: it has an owner")


def test_more_than_can_be_compared_are_a_question():
    cast = [twin(at, owner=at == 30) for at in range(1, 31)]
    match = index(*cast, tie_breakers=("owner",)).match(Record("Zephyr Robotics"))
    assert match.verdict is REVIEW


def test_a_tie_breaker_settles_a_tie_and_no_doubt():
    cast = [twin(1, "zephyr.com"), twin(2, "zephyr.com", owner=True)]
    match = index(*cast, tie_breakers=("owner",)).match(Record("Kelso Insurance", "zephyr.com"))
    assert match.verdict is REVIEW
    assert "the domain and the name say different companies" in match.reasons


def test_the_family_comes_before_the_tie_breakers():
    cast = [
        replace(twin(1, "zephyr.com", owner=True)),
        replace(twin(2, "zephyr.com"), parent_id=1),
        replace(twin(3, "zephyr.com", contacts=4), parent_id=1),
    ]
    match = index(*cast, tie_breakers=("owner", "most_contacts")).match(
        Record(website="zephyr.com")
    )
    assert match.account_id == 3
    ask = index(*cast, tie_breakers=("owner",), roll_up=RollUp.ASK).match(ASKED[2])
    assert ask.verdict is REVIEW


def test_a_tie_breaker_that_does_not_exist_is_refused():
    cast = [twin(1), twin(2)]
    with pytest.raises(AbmError, match="'size' is no tie-breaker"):
        index(*cast, tie_breakers=("size",)).match(Record("Zephyr Robotics"))


def test_a_loaded_index_knows_what_tie_breakers_look_at(tmp_path):
    cast = [twin(1), twin(2, owner=True)]
    rules = Rules(tie_breakers=("owner",))
    AccountIndex(cast, rules).save(tmp_path / "index")
    assert AccountIndex.load(tmp_path / "index", rules).match(ASKED[0]).account_id == 2
