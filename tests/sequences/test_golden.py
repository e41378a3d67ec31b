"""Sequences by example: an export of each tool and form beside all that becomes of it.

`golden/NAME.json` or `.csv` stands beside its `.out`: playbooks, templates, and what did not
translate. `UPDATE=1` in the environment writes them anew.
"""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

import pytest

from orchestrator.engine.plays.taking_over import Places, TakenOver, take_over
from orchestrator.messages import KNOWN
from orchestrator.sequences import VENDORS
from orchestrator.sequences.fields import UNTRANSLATED, VARIABLES

HERE = Path(__file__).parent / "golden"
EXPORTS = sorted([*HERE.glob("*.json"), *HERE.glob("*.csv")])
PLACES = Places(Path("playbooks"), Path("templates"))


def called(path: Path) -> str:
    return path.name


@cache
def taken(path: Path) -> list[TakenOver]:
    return take_over(path.read_bytes(), path.name, "", PLACES, None)


def told(path: Path) -> str:
    parts = list[str]()
    for one in taken(path):
        parts += [f"=== {file.as_posix()}\n{source}" for file, source in one.files.items()]
        lost = [f"{lost.step or 'all'}: {lost.what}\n" for lost in one.made.lost]
        parts.append("=== not translated\n" + "".join(lost))
        parts.append("=== abm check\n" + "".join(f"{problem}\n" for problem in one.problems))
    return "".join(parts)


@pytest.mark.parametrize("path", EXPORTS, ids=called)
def test_an_export_becomes_a_playbook_and_its_templates(path: Path):
    expected = path.with_name(f"{path.name}.out")
    if os.environ.get("UPDATE"):
        expected.write_text(told(path), encoding="utf-8")
    assert told(path) == expected.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", EXPORTS, ids=called)
def test_abm_check_has_nothing_to_say_but_what_was_listed(path: Path):
    for one in taken(path):
        assert all(f"'{UNTRANSLATED}." in problem.message for problem in one.problems)
        assert bool(one.problems) <= bool(one.made.lost)


def test_every_tool_has_an_example_of_each_form():
    names = {path.name for path in EXPORTS}
    assert {f"{vendor}.{form}" for vendor in VENDORS for form in ("json", "csv")} <= names


def test_no_expectation_outlives_its_export():
    assert {path.name.removesuffix(".out") for path in HERE.glob("*.out")} == set(
        map(called, EXPORTS)
    )


def test_every_variable_into_which_fields_translate_is_one_that_messages_have():
    assert set(VARIABLES.values()) <= KNOWN
