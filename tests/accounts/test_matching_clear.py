"""What is clear at a glance is told at once, and told as a second look would tell it."""

from dataclasses import replace
from itertools import product

import pytest

from accounts.matching import AccountIndex, Candidate, Match, Record, RollUp, Rules, Verdict
from accounts.matching.batch import Batch
from accounts.matching.clear import Clear, nothing
from accounts.matching.ranking import Ranked, Scored
from accounts.matching.table import Table
from tests.accounts.companies import ALIKE

# Holdings, children, phones and shared domains: whatever a doubt or a tie may come from.
KIN = [
    Candidate(31, "Marble Foods Holding", ("marble.com",), (), "Germany", "Bonn"),
    Candidate(32, "Marble Foods GmbH", ("marble-foods.de",), (), "Germany", "Bonn"),
    Candidate(33, "Marble Foods Austria", ("marble.com",), (), "Austria", "", 31),
    Candidate(34, "Apollo Fund II", (), ("Apollo Second Fund",), "United States"),
    Candidate(35, "Onyx Optics (formerly Raven Lenses)", ("onyx.com",), (), "France",
              phones=("+33123456789",)),
    Candidate(36, "Onyx Optics Japan", ("onyx.com",), (), "Japan"),
]  # fmt: skip
NAMES = [one.name for one in ALIKE + KIN]
SPELT = [
    *NAMES,
    *[name.replace("e", "", 1) for name in NAMES],
    *[name.split()[0] for name in NAMES],
    *[f"{name} Holdings" for name in NAMES],
    "Raven Lenses", "Marble", "Onix Optics", "Kelp & Sons", "",
]  # fmt: skip
WHERE = [
    {}, {"country": "Germany"}, {"country": "Japan", "city": "Tokyo"},
    {"website": "marble.com"}, {"website": "onyx.com", "country": "France"},
    {"email": "jo@elsewhere.com"}, {"phone": "+33 1 23 45 67 89"},
]  # fmt: skip
ASKED = [Record(name, **where) for name, where in product(SPELT, WHERE)]


def told(matches: list[Match]) -> list[Match]:
    return [replace(one, reasons=one.reasons) for one in matches]


@pytest.mark.parametrize(
    "rules", [Rules(), Rules(roll_up=RollUp.PARENT), Rules(accept=0.2, review=0.1), Rules(0.9, 0.8)]
)
@pytest.mark.parametrize("listed", [ALIKE, ALIKE + KIN])
def test_a_second_look_says_the_same(
    monkeypatch: pytest.MonkeyPatch, listed: list[Candidate], rules: Rules
):
    index = AccountIndex(listed, rules)
    at_once = told(index.match_many(ASKED))

    def doubting(_: Rules, __: Table, ___: Batch, ____: Scored, ranked: Ranked) -> Clear:
        return nothing(ranked)

    monkeypatch.setattr("accounts.matching.verdicts.clear", doubting)
    assert told(index.match_many(ASKED)) == at_once
    assert {one.verdict for one in at_once} == set(Verdict)


def test_the_words_of_an_answer_are_of_the_accounts_as_they_were():
    index = AccountIndex(ALIKE + KIN)
    match = index.match(Record("Onyx Opticss", country="France"))
    for one in ALIKE:
        index.remove(one.id)
    index.update(Candidate(35, "Somebody Else"))
    for at in range(100, 300):
        index.add(Candidate(at, f"Quartz Paper {at}"))
    assert match.account_id == 35
    assert any("Onyx Optics" in reason for reason in match.reasons)
