"""People's decisions correct the matcher for everybody, and that can be taken back."""

from __future__ import annotations

from random import Random

import pytest

from accounts.errors import AbmError
from accounts.matching import Calibration, Record, Verdict
from accounts.records import CalibrationVersion, Decision
from orchestrator.engine.companies.importing import draft, import_accounts
from orchestrator.engine.companies.matching import match_records
from orchestrator.engine.review import calibrating
from orchestrator.engine.review.questions import questions
from orchestrator.engine.review.reviewing import Answer, decide
from orchestrator.engine.staff import users
from tests.engine.test_pairs import rows
from tests.engine.world import World
from tests.support import cast
from tests.support.cast import NOW

LIKE = Record("Kelso Insurers Group", country="GB")


@pytest.fixture
def asked(world: World) -> World:
    """An account, and dana, who decides."""
    users.add(world.ctx, "dana", "sales", "dana@us.example")
    with world.db.writing() as session:
        cast.company(session, "Kelso Insurance plc", domain="kelso.com", country="GB",
                     name_key="kelso insurance")  # fmt: skip
    return world


def decided(world: World, number: int, *, shift: float = 0.0) -> None:
    """So many decisions about pairs of any probability; the model's odds are out by `shift`."""
    dice = Random(5)
    with world.db.writing() as session:
        for at in range(number):
            chance = dice.uniform(0.05, 0.95)
            odds = chance / (1 - chance) * 2.718**shift
            answer = "same" if dice.random() < odds / (1 + odds) else "never"
            session.add(
                Decision(kind="account", account_id=1, about=f"{at}|", answer=answer,
                         probability=chance, user_id=1, at=NOW)
            )  # fmt: skip


def test_few_decisions_change_nothing_and_say_so(asked: World):
    decided(asked, 10)
    found = calibrating.report(asked.ctx)
    assert sum(found.answers.values()) == found.found.decisions == 10
    assert not found.found.enough
    with pytest.raises(AbmError, match="too few decisions"):
        calibrating.apply(asked.ctx, "dana")
    assert not rows(asked, CalibrationVersion)


def test_a_correction_holds_for_everybody_and_is_taken_back(asked: World):
    [before] = match_records(asked.ctx, [LIKE])
    decided(asked, 400, shift=-2.5)
    done = calibrating.apply(asked.ctx, "dana")
    assert (done.stored, done.present) == (1, done.found.calibration)
    [after] = match_records(asked.ctx, [LIKE])
    assert after.probability < before.probability
    held = calibrating.report(asked.ctx)
    assert (held.version, held.since, held.present) == (1, NOW, done.present)
    assert calibrating.reset(asked.ctx, "dana").present == Calibration()
    assert match_records(asked.ctx, [LIKE]) == [before]
    with pytest.raises(AbmError, match="as it was shipped"):
        calibrating.reset(asked.ctx, "dana")
    assert [one.slope == 1 for one in rows(asked, CalibrationVersion)] == [False, True]
    assert rows(asked, CalibrationVersion)[0].report["decisions"] == 400


def test_the_same_decisions_do_not_correct_twice(asked: World):
    decided(asked, 400, shift=-2.5)
    calibrating.apply(asked.ctx, "dana")
    with pytest.raises(AbmError, match="would not be better"):
        calibrating.apply(asked.ctx, "dana")
    with pytest.raises(AbmError, match="did you mean 'dana'"):
        calibrating.reset(asked.ctx, "dane")


def test_a_draft_made_before_a_correction_is_planned_again(asked: World):
    decided(asked, 400, shift=-3)
    made = draft(asked.ctx, "accounts", b"name,country\nKelso Insurers Group,GB\n")
    extent = made.extent
    calibrating.apply(asked.ctx, "dana")
    again = draft(asked.ctx, "accounts", b"name,country\nKelso Insurers Group,GB\n")
    assert again.extent != extent


def test_an_answer_is_a_decision_with_the_models_own_probability(asked: World):
    import_accounts(asked.ctx, b"name,website\nKELSO INSURANCE,kelso-group.io\n")
    (one,) = questions(asked.ctx)
    decide(asked.ctx, one.id, Answer.NEVER, "dana")
    (said,) = rows(asked, Decision)
    assert (said.account_id, said.about, said.answer) == (
        1, "kelsoinsurance|kelso-group.io", "never",
    )  # fmt: skip
    assert said.doubted
    assert 0 < said.probability < 1
    assert calibrating.report(asked.ctx).answers == {"never": 1}


def test_the_last_word_about_a_pair_counts(asked: World):
    with asked.db.writing() as session:
        for answer in ("same", "never"):
            session.add(
                Decision(kind="double", account_id=1, about="2", answer=answer, probability=0.9,
                         user_id=1, at=NOW)
            )  # fmt: skip
    found = calibrating.report(asked.ctx)
    assert (found.answers, found.found.right) == ({"never": 1}, 0)


def test_what_the_model_was_not_asked_teaches_it_nothing(asked: World):
    decided(asked, 1)
    with asked.db.writing() as session:
        session.add(Decision(kind="contact", account_id=1, about="d", answer="same", user_id=1,
                             at=NOW))  # fmt: skip
    found = calibrating.report(asked.ctx)
    assert (found.found.decisions, found.untold) == (1, 1)


def test_whole_names_are_accepted_whatever_was_learned(asked: World):
    decided(asked, 400, shift=-3)
    calibrating.apply(asked.ctx, "dana")
    [found] = match_records(asked.ctx, [Record("Kelso Insurance", "kelso.com")])
    assert (found.verdict, found.account_id) == (Verdict.ACCEPT, 1)
