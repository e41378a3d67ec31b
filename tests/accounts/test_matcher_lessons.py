"""What the matcher is taught beside real queries, on a handful of accounts."""

import numpy as np

from accounts.matching import Candidate, Record
from scripts.matcher_lessons import Question, Spelling, made_up, moved

ACCOUNTS = [
    Candidate(0, "Nordlund Steel AB", ("nordlund.se",), (), "Sweden", "Malmö"),
    Candidate(1, "Ahlgren Paper AB", (), (), "Sweden", "Lund"),
    Candidate(2, "Marwick Insurance plc", (), (), "United Kingdom", "Leeds"),
]


def test_a_moved_question_keeps_all_but_its_city_and_stays_in_its_country():
    asked = [Question(Record("Nordlund", country="Sweden"), 0, "a0")] * 200
    found = moved(asked, ACCOUNTS, np.random.default_rng(1))
    assert {one.record._replace(city="") for one in found} == {asked[0].record}
    cities = [one.record.city for one in found]
    assert set(cities) == {"Malmö", "Lund"}
    assert cities.count("Malmö") > cities.count("Lund")


def test_nobodys_question_has_a_city_of_its_country_as_well():
    asked = [Question(Record("Zephyr", country="Sweden"), -1, "q0")] * 50
    found = moved(asked, ACCOUNTS, np.random.default_rng(1))
    assert {one.record.city for one in found} == {"Malmö", "Lund"}


def test_the_same_seed_teaches_the_same():
    def questions():
        rng = np.random.default_rng(7)
        return made_up(ACCOUNTS, rng, 60, Spelling([one.name for one in ACCOUNTS], rng))

    assert questions() == questions()
    assert {one.truth for one in questions()} == {-1, 0, 1, 2}
