"""Scores in a scenario: they grow by the agreement's weights and fade, as in the real run."""

from __future__ import annotations

import pytest

from orchestrator.alignment import Agreement
from orchestrator.language import check
from orchestrator.scenarios.happened import play
from orchestrator.scenarios.reading import read, stage

PLAY = """\
name: play
for: {signed: no}
committee: {buyer: {role: champion}, friend: {role: user}}
steps:
  - {id: mail, email: {to: buyer, template: email/x}, after: []}
  - {id: ring, call: {to: buyer}, wait: 10d, when: account.engagement >= 8}
  - {id: own, social: {to: friend}, after: [], wait: 10d, when: contact.engagement >= 8}
  - {id: sign, wait_for: {until: account.engagement >= 20, at_most: 30d}, after: []}
  - {id: told, todo: {text: Look}, when: any.outcome('sign') == 'reached'}
"""
AGREED = Agreement(weights={"clicked": 10, "reply.refusal": -50}, half_life_days=30)
CLICK = "{at: day 9 15:00, event: clicked, who: ann, step: mail}"
EARLY = CLICK.replace("day 9 15:00", "day 1 10:00")


def tasks(events: str, given: str = "", agreed: Agreement = AGREED) -> set[str]:
    """The steps whose tasks open."""
    told = f"title: x\ncontacts: {{ann: {{role: champion}}}}\n{given}events: [{events}]\n"
    plan = check(PLAY, "play.yaml").sound()
    staged = stage(read(told, "x.yaml", "play"), plan, agreed)
    assert staged
    return {one.name for one in play(staged).tasks} & {"ring", "own", "told"}


@pytest.mark.parametrize(
    ("events", "opened"),
    [
        ("", set()),
        (CLICK, {"ring"}),
        (EARLY, set()),  # its 10 have faded to less than 8
        (f"{CLICK}, {EARLY}", {"ring"}),  # 18
        (f"{CLICK}, {CLICK}", {"ring", "told"}),
        ("{at: day 9 09:00, score: {engagement: 12}}", {"ring"}),
        ("{at: day 2 09:00, score: {engagement: 9}}", set()),  # what is told fades, too
        (f"{CLICK}, {{at: day 10 09:00, score: {{engagement: 1}}}}", set()),  # and is so from then
    ],
)
def test_a_score_grows_by_what_happens_and_fades(events: str, opened: set[str]):
    assert tasks(events) == opened


def test_who_is_added_with_a_score_keeps_it():
    uma = "{at: day 9 09:00, add: {uma: {role: user, engagement: 9}}}"
    assert tasks(uma) == {"own"}
    assert tasks(uma.replace("9}}}", "5}}}")) == set()


def test_without_weights_a_score_is_what_the_scenario_says():
    assert tasks(f"{CLICK}, {CLICK}", agreed=Agreement()) == set()
    assert tasks("", "account: {engagement: 8}\n", agreed=Agreement()) == {"ring"}
    assert tasks("", "account: {engagement: 8}\n") == set()
