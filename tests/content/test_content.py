"""What we ship: an agreement, plays and words that check clean, run to their end and are humane."""

from __future__ import annotations

import csv
import re
from collections import Counter
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from orchestrator.alignment import Agreement
from orchestrator.engine import agreement
from orchestrator.language import Vocabulary, check
from orchestrator.messages import KNOWN, Library, Rendered
from orchestrator.scenarios.suite import Suite
from orchestrator.simulate import Answer, Simulated
from orchestrator.terms import Kind, OpenTask, Plan, Step
from tests.planner.plans import MONDAY, facts, person

ROOT = Path(__file__).parents[2]
PLAYBOOKS = sorted((ROOT / "playbooks").glob("*.*"))
LIBRARY = Library(ROOT / "templates")
MAILS = [name for name in LIBRARY.names() if name.startswith("email/")]
CALLS = [name for name in LIBRARY.names() if name.startswith("call/")]
MOST_WORDS = 120

FACTS: dict[str, Any] = {
    "account": {
        "name": "Acme & Sons",
        "domain": "acme.example",
        "website": "",
        "sector": "",
        "industry": "",
        "segment": "",
        "tier": 2,
        "city": "",
        "state": "",
        "country": "",
        "lost_reason": "",
    },
    "contact": {
        "name": "Ann Archer",
        "first_name": "Ann",
        "title": "",
        "role": "",
        "persona": "",
        "language": "",
    },
    "sender": {"name": "Sam Seller", "title": "Account Director", "email": "sam@us.example"},
    "workspace": {"name": "Northbeam"},
    "postal_address": "",
    "unsubscribe": "https://us.example/u/1",
}
# What everybody has read too often, and what presses instead of helping.
FILLER = (
    "hope this finds you", "hope you are well", "quick question", "just following up",
    "touching base", "circle back", "reaching out", "game-chang", "synerg", "best-in-class",
    "cutting-edge", "leverage", "pick your brain", "low-hanging", "act now", "last chance",
    "don't miss", "as per my last", "bumping this",
)  # fmt: skip


@cache
def agreed() -> Agreement:
    file = ROOT / "agreement.yml"
    return agreement.parse(file.read_text("utf-8"), file.name)


@cache
def vocabulary() -> Vocabulary:
    return Vocabulary(
        frozenset(agreed().segments),
        frozenset(agreed().personas),
        frozenset(agreed().roles),
        {name: LIBRARY.variables(name) for name in LIBRARY.names()},
        variables=KNOWN,
        insights=frozenset(name for name in LIBRARY.names() if LIBRARY.insight(name)),
        unsaid=frozenset(name for name in LIBRARY.names() if not LIBRARY.teaches(name)),
    )


@cache
def plan_of(file: Path) -> Plan:
    return check(file.read_bytes(), file.name, vocabulary()).sound()


def rendered(name: str) -> Rendered:
    return LIBRARY.render(name, FACTS)


def letter(name: str) -> str:
    """What a mail says between greeting and signature."""
    return rendered(name).text.partition("\n\n")[2].partition(FACTS["sender"]["name"])[0]


# ---------------------------------------------------------------- plays


def test_there_are_plays_for_each_way_of_working():
    tiers = {tier for file in PLAYBOOKS for tier in plan_of(file).tiers}
    assert len(PLAYBOOKS) >= 3
    assert tiers == {1, 2, 3}


@pytest.mark.parametrize("file", PLAYBOOKS, ids=lambda file: file.name)
def test_every_file_here_validates(file: Path):
    assert file.suffix == ".yaml"
    checked = check(file.read_bytes(), file.name, vocabulary())
    assert [str(problem) for problem in checked.problems] == []
    assert checked.plan
    assert checked.plan.name == file.stem


def whoever(task: OpenTask) -> Answer | None:
    """Nobody picks up, and nothing else goes wrong."""
    return "no_answer" if task.kind == Kind.CALL else "done", timedelta(hours=1)


def nobody(_task: OpenTask) -> Answer | None:
    return None


@pytest.mark.parametrize("file", PLAYBOOKS, ids=lambda file: file.name)
@pytest.mark.parametrize("answer", [whoever, nobody])
@pytest.mark.parametrize("tier", [1, 2, 3])
def test_every_play_comes_to_its_end_whatever_people_leave_undone(
    file: Path, answer: Any, tier: int
):
    there = facts(person(1, "champion"), person(2, "economic_buyer"), person(3, "champion"))
    there = there._replace(account=there.account._replace(tier=tier))
    play = Simulated(plan_of(file), there, MONDAY, answer).run(MONDAY + timedelta(days=200))
    assert play.ledger.status == "ended"
    assert play.ledger.sent


@pytest.mark.parametrize("file", PLAYBOOKS, ids=lambda file: file.name)
def test_every_play_ends_without_anybody_to_reach(file: Path):
    play = Simulated(plan_of(file), facts(), MONDAY, nobody).run(MONDAY + timedelta(days=200))
    assert play.ledger.status == "ended"


def test_every_play_says_what_it_is_for_and_the_page_says_what_to_steal_it_for():
    page = (ROOT / "docs/library.md").read_text("utf-8")
    assert {*re.findall(r"^\*\*`(\S+)`\*\*: ", page, re.MULTILINE)} == {
        file.stem for file in PLAYBOOKS
    }
    assert all(plan_of(file).goal for file in PLAYBOOKS)


def test_both_teams_have_work_in_the_plays_that_win_accounts():
    for name in ("onboarding-opener", "supplier-trust"):
        plan = plan_of(ROOT / "playbooks" / f"{name}.yaml")
        kinds = {step.kind for step in plan.steps}
        assert {Kind.ADS, Kind.EMAIL, Kind.CALL, Kind.HAND_BACK} <= kinds
        assert {stop.on for stop in plan.stops} == {"meeting_booked", "reply.interested"}
        assert all(Kind.ADS in stop.keep for stop in plan.stops)


# ---------------------------------------------------------------- scenarios


@cache
def suite() -> Suite:
    return Suite(ROOT / "playbooks", agreed(), vocabulary())


@pytest.mark.parametrize(
    "file", suite().files(), ids=lambda file: f"{file.parent.name}/{file.stem}"
)
def test_every_scenario_passes(file: Path):
    result = suite().run(file)
    assert [str(problem) for problem in result.problems] == []
    assert [failure.message for failure in result.failures] == []


@pytest.mark.parametrize("file", PLAYBOOKS, ids=lambda file: file.stem)
def test_no_part_of_a_play_is_without_a_scenario(file: Path):
    tests = Suite(ROOT / "playbooks", agreed(), vocabulary())
    for scenario in tests.files([ROOT / "playbooks" / "tests" / file.stem]):
        tests.run(scenario)
    [covered] = tests.covered([file.stem])
    assert covered.missing == ()
    assert covered.percent == 100


# ---------------------------------------------------------------- words


def steps() -> list[Step]:
    return [step for file in PLAYBOOKS for step in plan_of(file).steps]


def test_every_template_is_in_use():
    used = {variant.template for step in steps() for variant in step.variants}
    assert used - {""} == set(LIBRARY.names())


@pytest.mark.parametrize("name", LIBRARY.names())
def test_every_template_renders_and_asks_for_nothing_that_messages_lack(name: str):
    said = rendered(name)
    assert said.text.strip()
    assert LIBRARY.variables(name) <= KNOWN
    assert bool(said.html) == name.startswith("email/")


@pytest.mark.parametrize("name", MAILS)
def test_a_mail_is_short_and_asks_one_question(name: str):
    said = rendered(name)
    assert len(said.text.split()) < MOST_WORDS
    assert 0 < len(said.subject) <= 50
    assert said.text.startswith("Hi Ann,\n")
    # Lines of a list and quoted speech may ask something, too; the mail itself asks once.
    own = "\n".join(line for line in letter(name).split("\n") if not line.startswith("- "))
    assert own.count("?") == 1
    assert own.rstrip().endswith("?")


def test_what_a_mail_teaches_stands_in_one_line_of_its_own():
    taught = {name: LIBRARY.insight(name) for name in MAILS}
    said = [insight for insight in taught.values() if insight]
    assert len(said) == len(set(said)) >= 14
    assert all(len(one) <= 100 and one.endswith(".") for one in said)


@pytest.mark.parametrize("name", MAILS)
def test_a_mail_says_who_writes_and_how_to_get_no_more(name: str):
    assert "unsubscribe" in LIBRARY.variables(name)
    tail = rendered(name).text.partition("Sam Seller\n")[2]
    assert (
        tail == "Account Director, Northbeam\n\nNo more mails like this (https://us.example/u/1)\n"
    )


@pytest.mark.parametrize("name", MAILS)
def test_a_mail_that_comes_from_nobody_in_person_signs_once(name: str):
    sender = {"name": "Northbeam", "title": "", "email": "team@us.example"}
    said = LIBRARY.render(name, FACTS | {"sender": sender})
    assert said.text.endswith(
        "?\n\nNorthbeam\n\nNo more mails like this (https://us.example/u/1)\n"
    )


@pytest.mark.parametrize("name", LIBRARY.names())
def test_nothing_is_filler_and_no_number_is_made_up(name: str):
    said = rendered(name)
    words = f"{said.subject}\n{said.text}".casefold()
    assert [phrase for phrase in FILLER if phrase in words] == []
    assert not re.search(r"\d\s*(%|percent|x\b|times)|\b(double|triple|halve)", words)
    assert not re.search(r"!|\bre:|\bfwd?:", said.subject.casefold())


@pytest.mark.parametrize("name", CALLS)
def test_a_call_has_an_opening_two_questions_an_objection_and_a_close(name: str):
    said = rendered(name)
    parts = re.findall(r"^(OPENING|TWO QUESTIONS|LIKELY OBJECTION|CLOSE)", said.text, re.MULTILINE)
    assert parts == ["OPENING", "TWO QUESTIONS", "LIKELY OBJECTION", "CLOSE"]
    questions = said.text.partition("TWO QUESTIONS")[2].partition("LIKELY OBJECTION")[0]
    assert len(re.findall(r"^\d\. .*[?.]$", questions, re.MULTILINE)) == 2


# ---------------------------------------------------------------- the agreement


def test_each_segment_has_companies_in_the_data_that_we_ship():
    with (ROOT / "data/companies/accounts.csv").open(encoding="utf-8", newline="") as file:
        found = Counter(agreed().segment_of(dict(row)) for row in csv.DictReader(file))
    assert all(found[segment] >= 50 for segment in agreed().segments)
    assert {plan_of(file).segment for file in PLAYBOOKS} - {""} <= set(agreed().segments)


def test_titles_tell_the_personas_that_plays_reach():
    told = {
        "Group CFO": "cfo",
        "Head of Compliance & KYC": "compliance-lead",
        "VP Procurement": "procurement-lead",
        "Chief Operating Officer": "ops-lead",
        "CIO": "it-lead",
        "Gardener": "",
    }
    found = {title: agreed().persona_of(title) for title in told}
    assert {title: one.name if one else "" for title, one in found.items()} == told
    for file in PLAYBOOKS:
        for seat in plan_of(file).seats.values():
            if seat.persona:
                assert agreed().personas[seat.persona].role == seat.role


def test_the_agreement_keeps_some_accounts_untouched_and_a_whole_fit_is_a_hundred():
    assert agreed().holdout == 5
    assert sum(rule.points for rule in agreed().fit if rule.points > 0) == 100
    assert agreed().signed_for == timedelta(days=180)
