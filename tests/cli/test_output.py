"""Tables, excerpts and JSON, with names and replies that try to spoil them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.errors import Problem
from orchestrator.cli import output

HEADS = ["account", "tier", "why"]


def test_numbers_stand_to_the_right_and_no_line_ends_in_blanks():
    rows = [["Kelso", "2", ""], ["Northwind Bank", "11", "replied"]]
    assert output.table(HEADS, rows, None) == [
        "account         tier  why",
        "Kelso              2",
        "Northwind Bank    11  replied",
    ]


def test_the_widest_column_is_cut_first():
    rows = [["Kelso", "2", "w" * 90], ["Northwind Bank", "11", "replied"]]
    lines = output.table(HEADS, rows, 60)
    assert [output.columns_of(line) for line in lines[1:2]] == [60]
    assert lines[1].endswith("w…")
    assert "Northwind Bank" in lines[2]


def test_nothing_limits_the_last_column_of_a_piped_table():
    line = output.table(["name", "text"], [["N" * 200, "t" * 200]], None)[1]
    assert line.endswith("t" * 200)
    assert "N…" in line


@given(st.lists(st.lists(st.text(), min_size=3, max_size=3), min_size=1), st.integers(40, 120))
def test_no_text_makes_a_line_too_long_or_breaks_it(rows: list[list[str]], width: int):
    cells = [[output.clean(cell) for cell in row] for row in rows]
    for line in output.table(HEADS, cells, width):
        assert output.columns_of(line) <= width
        assert "\n" not in line
        assert "\t" not in line


@pytest.mark.parametrize("evil", ["\x1b[2J", "\x07", "a\rb", "\u202eevil", "\x9b31m", "\ud800"])
def test_control_characters_never_reach_the_terminal(evil: str):
    assert output.clean(evil).isprintable()


def test_wide_characters_take_two_columns():
    assert output.cut("日本電気株式会社", 9) == "日本電気…"
    assert output.columns_of("e\u0301") == 1


def test_a_problem_shows_its_line_and_a_caret():
    problem = Problem("p.yaml", 2, 5, "unknown key 'emial'", "did you mean email?", "key")
    assert output.problem_lines(problem, "steps:\n  - emial: {}\n") == [
        "p.yaml:2:5: unknown key 'emial' [key]",
        "    2 |   - emial: {}",
        "      |     ^",
        "    did you mean email?",
    ]


def test_a_problem_far_along_a_long_line_or_beyond_the_file_still_shows():
    long = "x" * 200 + "HERE" + "y" * 200
    _, line, caret = output.problem_lines(Problem("p", 1, 201, "wrong"), long)
    assert line[caret.index("^") :].startswith("HERE")
    assert len(line) < 80
    assert output.problem_lines(Problem("p", 9, 1, "wrong"), "one line") == ["p:9:1: wrong"]
    assert output.problem_lines(Problem("p", 0, 0, "empty"), "") == ["p: empty"]


class _Row(NamedTuple):
    at: datetime


@dataclass
class _Value:
    rows: tuple[_Row, ...]
    path: Path
    none: None = None


def test_json_has_objects_and_utc_instants():
    value = _Value((_Row(datetime(2026, 3, 2, 9, tzinfo=UTC)),), Path("a/b"))
    assert json.loads(json.dumps(output.plain(value))) == {
        "rows": [{"at": "2026-03-02T09:00:00+00:00"}],
        "path": "a/b",
        "none": None,
    }


def test_times_carry_the_zone_of_the_workspace():
    instant = datetime(2026, 7, 2, 7, tzinfo=UTC)
    assert output.when(instant, "Europe/Berlin") == "2026-07-02 09:00 CEST"
    assert output.when(None, "Europe/Berlin") == ""


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(-1, "0 s"), (0.4, "0 s"), (119, "119 s"), (120, "2 min"), (7_200, "2 h"), (2e6, "23 d")],
)
def test_lengths_of_time(seconds: float, said: str):
    assert output.took(seconds) == said
