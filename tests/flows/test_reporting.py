"""A tick's page is readable, and no text of ours or of others breaks it."""

from __future__ import annotations

from datetime import UTC, datetime

from flows.reporting import REASONS, page
from orchestrator.records import Tick
from orchestrator.store.running.ticks import Happened

AT = datetime(2026, 3, 3, 11, 0, tzinfo=UTC)


def told(*rows: Happened, **fields) -> str:
    return page(Tick(concern="advance", started_at=AT, **fields), rows, "http://desk.example")


def test_what_was_done_stands_by_playbook():
    text = told(
        Happened("opener", "touch.sent", "", 1_200),
        Happened("opener", "step.held", "ring: no phone", 3),
        Happened("opener", "touch.held", "mail: reached 3 times in 7 days", 2),
        Happened("nurture", "task.opened", "", 7),
        counts={"decided": 1_234},
    )
    assert text.splitlines() == [
        "## advance: 1,234 decided",
        "",
        "At 2026-03-03 11:00 UTC. [What needs you](http://desk.example/ops)",
        "",
        "| playbook | sent | tasks opened | held |",
        "| --- | --- | --- | --- |",
        "| [opener](http://desk.example/playbooks/opener) | 1200 |  | 5 |",
        "| [nurture](http://desk.example/playbooks/nurture) |  | 7 |  |",
        "",
        "| times | what | playbook | reason |",
        "| --- | --- | --- | --- |",
        "| 3 | held | opener | ring: no phone |",
        "| 2 | held | opener | mail: reached 3 times in 7 days |",
    ]


def test_a_failure_stands_at_the_top():
    assert "\n\n**Failed:** the disk is full" in told(error="the disk is full")


def test_a_text_stays_in_its_cell_and_is_no_markup():
    evil = "a | b\n| c <script>alert(1)</script> & [x](javascript:y)"
    (line,) = [
        row for row in told(Happened("p", "step.held", evil, 1)).splitlines() if "a &" in row
    ]
    assert line.count("|") == 5
    assert "<script>" not in line
    assert "[x]" not in line


def test_a_thousand_reasons_are_cut_and_say_so():
    rows = [Happened("p", "step.held", f"reason {n}", 1) for n in range(1_000)]
    text = told(*rows)
    assert text.count("| reason ") == REASONS + 1  # and the head
    assert text.endswith(f"… and {1_000 - REASONS} more")
    assert "| [p](http://desk.example/playbooks/p) | 1000 |" in text


def test_kinds_that_ops_do_not_ask_for_are_left_out():
    assert "|" not in told(Happened("p", "visit", "", 3), counts={"applied": 3})
