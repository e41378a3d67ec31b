"""Our own people are added once, checked word by word, and found by their short name."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from accounts.errors import AbmError
from orchestrator.app import App
from orchestrator.clock import ManualClock
from orchestrator.engine.context import Context
from orchestrator.engine.staff import users
from orchestrator.settings import Settings, Workspace
from orchestrator.store.database import Database
from tests.support.cast import NOW


@pytest.fixture
def ctx(migrated_sqlite: Path, tmp_path: Path) -> Iterator[Context]:
    """A workspace in Vienna without anybody."""
    url = f"sqlite:///{shutil.copyfile(migrated_sqlite, tmp_path / 'abm.db')}"
    settings = Settings(project=tmp_path, workspace=Workspace(zone="Europe/Vienna", country="AT"))
    made = Context(Database(url), ManualClock(NOW), settings, {})
    yield made
    made.db.dispose()


def test_a_user_is_as_said_and_else_as_the_workspace(ctx: Context):
    dana = users.add(ctx, "Dana", "sales", "dana@us.example", role="SDR", zone="europe/london")
    assert (dana.name, dana.role, dana.zone, dana.country) == ("dana", "sdr", "Europe/London", "AT")
    mara = users.add(ctx, "mara", "marketing", "mara@us.example", country="Germany")
    assert (mara.zone, mara.country) == ("Europe/Vienna", "DE")
    assert [one.name for one in users.everybody(ctx)] == ["mara", "dana"]


@pytest.mark.parametrize(
    ("said", "error", "hint"),
    [
        ({"name": "d ana"}, "'d ana' is no short name", "as dana"),
        ({"name": ""}, "no short name", ""),
        ({"name": "dana\\x1b[2J"}, "no short name", ""),
        ({"team": "saless"}, "there is no team 'saless'", "did you mean 'sales'?"),
        ({"team": "x"}, "there is no team", "known are "),
        ({"email": "dana"}, "no e-mail address", "@"),
        ({"email": "a@x.com, b@x.com"}, "no e-mail address", ""),
        ({"zone": "Europe/Lodnon"}, "no time zone", "did you mean Europe/London?"),
        ({"zone": "Mars/Phobos"}, "no time zone", ""),
        ({"country": "Atlantis"}, "no country", "as DE"),
        ({"role": "two words"}, "no role", "as owner"),
    ],
)
def test_what_is_no_such_thing_is_refused(
    ctx: Context, said: dict[str, str], error: str, hint: str
):
    whole = {"name": "dana", "team": "sales", "email": "dana@us.example", **said}
    with pytest.raises(AbmError, match=error) as failed:
        users.add(ctx, **whole)
    assert hint in failed.value.hint
    assert not users.everybody(ctx)


def test_a_name_is_taken_once(ctx: Context):
    users.add(ctx, "dana", "sales", "dana@us.example")
    with pytest.raises(AbmError, match="a user dana already"):
        users.add(ctx, "DANA", "ops", "other@us.example")


def test_a_user_is_found_or_the_nearest_is_named(ctx: Context):
    with pytest.raises(AbmError, match="abm user add"):
        App(ctx).user("dana")
    dana = users.add(ctx, "dana", "sales", "dana@us.example")
    assert App(ctx).user(" Dana ") == dana.id
    with pytest.raises(AbmError, match="did you mean 'dana'"):
        App(ctx).user("dnaa")
    with pytest.raises(AbmError, match="known are dana"):
        App(ctx).user("xyz")
