"""Whatever stands in the file of a scenario, it is read or told what is wrong with it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.alignment import Agreement
from orchestrator.language import check
from orchestrator.scenarios.happened import play
from orchestrator.scenarios.moments import MOMENT
from orchestrator.scenarios.reading import read, stage
from orchestrator.scenarios.schema import SCENARIO

ROOT = Path(__file__).parents[2]
HOSTILE = sorted((ROOT / "tests/orchestrator/language/bad").rglob("*.yaml"))
PLAN = check((ROOT / "playbooks/onboarding-opener.yaml").read_bytes(), "x").sound()
SHIPPED = sorted((ROOT / "playbooks/tests/onboarding-opener").glob("*.yaml"))
PARTS = st.sampled_from(
    [
        *(f"{key.name}: " for key in SCENARIO.keys),
        "\n", "\n  - ", "{", "}", "[", "]", ", ", "ann", "ring", "day 3 09:00", "day 9999", "&a ",

        "*a", "who: ", "task: ", "ends: ", "at: ", "step: ", "event: ", "clicked", "connected",
        "x" * 99,
        "log: |\n    ", "!!python/object:os ", "\t", "2027-03-28 02:30", "until: 2099-01-01",
    ]
)  # fmt: skip


@pytest.mark.parametrize("file", HOSTILE, ids=lambda file: file.stem)
def test_hostile_files_get_problems(file: Path) -> None:
    assert read(file.read_bytes(), file.name).problems


@given(st.lists(PARTS, max_size=30).map("".join))
def test_any_text_gets_an_answer(text: str) -> None:
    told = read("title: x\n" + text, "x.yaml", PLAN.name)
    staged = stage(told, PLAN, Agreement())
    assert staged or told.problems
    if staged:
        play(staged)


@given(st.data())
def test_any_damaged_scenario_gets_an_answer(data: st.DataObject) -> None:
    source = data.draw(st.sampled_from(SHIPPED)).read_bytes()
    start = data.draw(st.integers(0, len(source)))
    end = data.draw(st.integers(start, min(start + 20, len(source))))
    told = read(source[:start] + data.draw(st.binary(max_size=4)) + source[end:], "x.yaml", "x")
    staged = stage(told, PLAN, Agreement())
    assert staged or told.problems
    if staged:
        play(staged)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("day 1 09:00", datetime(2027, 3, 1, 8, tzinfo=UTC)),
        ("day 28 02:30", datetime(2027, 3, 28, 1, 30, tzinfo=UTC)),  # the hour that is not there
        ("2027-03-29 09:00", datetime(2027, 3, 29, 7, tzinfo=UTC)),
    ],
)
def test_moments_are_the_accounts(text: str, instant: datetime) -> None:
    moment = MOMENT.parse(text)
    assert moment.instant(date(2027, 3, 1), ZoneInfo("Europe/Berlin")) == instant
