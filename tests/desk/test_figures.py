"""The figures of a large playbook stand for half a minute; those of a small one are never kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from orchestrator.clock import ManualClock
from orchestrator.engine.context import Context
from orchestrator.engine.plays import figures
from orchestrator.records import StepRun
from tests.support.cast import NOW
from tests.support.desk import Desk


class Watch(ManualClock):
    """Real time, too, moves only when a test moves it."""

    def lease_now(self) -> datetime:
        return self.now()


@pytest.mark.parametrize(
    ("large", "waits", "sees"),
    [(1, 0, 1), (1, 29, 1), (1, 30, 2), (2, 0, 2)],
)  # fmt: skip
def test_what_was_counted_stands_while_it_is_new(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, large: int, waits: int, sees: int
):
    monkeypatch.setattr(figures, "_FIGURES", {})
    monkeypatch.setattr(figures, "LARGE", large)
    watch = Watch(NOW)
    ctx = replace(desk.ctx, clock=watch)
    begin(desk, "insight")
    assert standing(ctx) == 1
    begin(desk, "ring")
    watch.advance(timedelta(seconds=waits))
    assert standing(ctx) == sees


def begin(desk: Desk, step: str) -> None:
    with desk.ctx.db.writing() as session:
        session.add(StepRun(enrollment_id=desk.play, step=step, status="open"))


def standing(ctx: Context) -> int:
    return sum(one["open"] for one in figures.standing(ctx, "play").values())


@pytest.mark.parametrize("count", [figures.standing, figures.came, figures.versions_of])
def test_each_figure_is_counted_once_however_many_look(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, count: Callable[[Context, str], Any]
):
    monkeypatch.setattr(figures, "_FIGURES", {})
    monkeypatch.setattr(figures, "LARGE", 0)
    first = count(desk.ctx, "play")
    assert first is count(desk.ctx, "play")
    assert first == count(replace(desk.ctx, clock=Watch(NOW + timedelta(days=9999))), "play")
