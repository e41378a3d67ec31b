"""The language by example: bad playbooks beside what is said about them, and good ones.

`bad/NAME.yaml` stands beside `bad/NAME.out`, the problems exactly as they are printed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from accounts.errors import Problem
from orchestrator.language import (
    Checked,
    canonical,
    check,
    check_group,
    digest,
    from_canonical,
    json_schema,
)
from orchestrator.language.codes import Code
from orchestrator.language.source import load_yaml
from tests.orchestrator.language.names import GROUPS, HERE, VOCABULARY

BAD = sorted((HERE / "bad").rglob("*.yaml"))
GOOD = sorted((HERE / "good").glob("*.yaml"))
GOOD_GROUPS = sorted((HERE / "good" / "groups").glob("*.yaml"))


def stem(path: Path) -> str:
    return path.stem


@cache
def told(path: Path) -> str:
    return "".join(f"{problem}\n" for problem in problems_of(path))


def problems_of(path: Path) -> tuple[Problem, ...]:
    if path.parent.name == "groups":
        return check_group(path.read_bytes(), path.name, path.stem, VOCABULARY, GROUPS)
    return checked(path).problems


def checked(path: Path) -> Checked:
    return check(path.read_bytes(), path.name, VOCABULARY, GROUPS)


# ---------------------------------------------------------------- bad ones


@pytest.mark.parametrize("path", BAD, ids=stem)
def test_a_bad_playbook_is_told_all_that_is_wrong(path: Path) -> None:
    assert told(path) == path.with_suffix(".out").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", [p for p in BAD if p.parent.name == "bad"], ids=stem)
def test_only_errors_keep_a_playbook_from_running(path: Path) -> None:
    found = checked(path)
    errors = [one for one in found.problems if one.severity == "error"]
    assert found.problems
    assert (found.plan is None) == bool(errors)
    assert (": warning: " in told(path)) == bool(found.warnings)


# Those of scenarios have theirs in tests/scenarios.
OWN_CODES = [code for code in Code if not code.startswith("ABM7")]


@pytest.mark.parametrize("code", OWN_CODES, ids=lambda code: code.name.lower())
def test_every_finding_has_its_example(code: Code) -> None:
    severity = ": warning: .*" if code.severity == "warning" else ": (?!warning: ).*"
    examples = [path.stem for path in BAD if re.search(f"{severity}\\[{code}\\]", told(path))]
    assert examples


def test_no_expectation_outlives_its_playbook() -> None:
    pages = {path.stem for path in (HERE / "bad").rglob("*.out")}
    assert pages == {path.stem for path in BAD}


def test_every_problem_says_how_to_mend_it_or_names_what_is_wanted() -> None:
    silent = [
        problem
        for path in BAD
        for problem in problems_of(path)
        if not problem.hint and problem.code not in SPEAK_FOR_THEMSELVES
    ]
    assert not silent


# Their messages say what is wanted instead.
SPEAK_FOR_THEMSELVES = {
    Code.WRONG_TYPE, Code.WRONG_VALUE, Code.WRONG_COUNT, Code.TOO_BIG, Code.DOCUMENT,
    Code.BAD_NAME, Code.BAD_CONDITION,
}  # fmt: skip


# ---------------------------------------------------------------- good ones


@pytest.mark.parametrize("path", GOOD, ids=stem)
def test_a_good_playbook_has_a_plan_and_no_problem(path: Path) -> None:
    found = checked(path)
    assert found.problems == ()
    assert found.plan


@pytest.mark.parametrize("path", GOOD_GROUPS, ids=stem)
def test_a_good_group_has_no_problem(path: Path) -> None:
    assert problems_of(path) == ()


@pytest.mark.parametrize("path", GOOD, ids=stem)
def test_a_plan_survives_being_stored(path: Path) -> None:
    plan = checked(path).sound()
    stored = json.loads(json.dumps(canonical(plan)))
    assert from_canonical(stored) == plan
    assert digest(from_canonical(stored)) == digest(plan)


@pytest.mark.parametrize("path", GOOD, ids=stem)
def test_prerequisites_stand_before_what_waits_for_them(path: Path) -> None:
    steps = checked(path).sound().steps
    for number, step in enumerate(steps):
        assert set(step.after.steps) <= {one.id for one in steps[:number]}


def test_good_playbooks_use_every_key_there_is() -> None:
    used = {key for path in GOOD for key in keys_written(path)}
    assert {key for key in keys_known(json_schema()) if key not in used} == set()


def keys_written(path: Path) -> Iterator[str]:
    nodes = [load_yaml(path.read_bytes(), path.name)]
    for node in nodes:
        yield from (key.text for key, _ in node.pairs)
        nodes += [value for _, value in node.pairs] + list(node.items)


def keys_known(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        yield from schema.get("properties", ())
        for part in schema.values():
            yield from keys_known(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from keys_known(part)


def test_editors_find_nothing_wrong_with_good_playbooks() -> None:
    jsonschema = pytest.importorskip("jsonschema")
    schema = json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    for path in GOOD:
        errors = list(validator.iter_errors(plain(load_yaml(path.read_bytes(), path.name))))
        assert not errors, path


def plain(node: Any) -> Any:
    """What an editor hands to its validator."""
    if node.kind == "map":
        return {key.text: plain(value) for key, value in node.pairs}
    return [plain(item) for item in node.items] if node.kind == "list" else node.value
