"""The drop folder: whole files only, nothing lost, nothing twice, whatever lies there."""

from __future__ import annotations

import json
import os
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from accounts.errors import AbmError
from orchestrator.engine.events import ingesting
from orchestrator.engine.events.inbox import receive
from orchestrator.engine.events.ingesting import ingest, waiting
from orchestrator.engine.ticking import due, tick
from orchestrator.records import Activity, Inbox, Tick
from tests.support.desk import Desk

CLICK = {"kind": "clicked", "email": "ann.archer@acme.example", "at": "2026-03-03T10:00:00Z"}


def drop(world: Desk, name: str, content: object) -> Path:
    """A file that was written elsewhere and moved into the folder."""
    folder = world.ctx.settings.drop
    folder.mkdir(parents=True, exist_ok=True)
    beside = folder / f".{name}"
    if isinstance(content, bytes):
        beside.write_bytes(content)
    else:
        beside.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
    os.utime(beside, (1, 1))
    return beside.rename(folder / name)


def lie(world: Desk) -> list[str]:
    """Every file below the folder."""
    folder = world.ctx.settings.drop
    return sorted(str(one.relative_to(folder)) for one in folder.rglob("*") if not one.is_dir())


def test_a_file_is_taken_put_aside_and_told(desk: Desk):
    drop(desk, "events.json", [CLICK, CLICK | {"kind": "visit"}])
    assert waiting(desk.ctx)
    assert ingest(desk.ctx) == {"files": 1, "stored": 2, "applied": 2}
    assert lie(desk) == ["done/events.json"]
    assert not waiting(desk.ctx)
    assert sorted(desk.kinds()) == ["clicked", "visit"]


def test_the_same_file_again_under_any_name_changes_nothing(desk: Desk):
    for name in ("events.json", "again.json", "events.json"):
        drop(desk, name, [CLICK])
        ingest(desk.ctx)
    assert desk.kinds() == ["clicked"]
    assert lie(desk) == ["done/again.json", "done/events.json", "done/events~2.json"]


def test_an_empty_folder_or_none_is_no_work(here: Desk):
    assert not waiting(here.ctx)
    assert ingest(here.ctx) == {}


def test_a_file_that_is_still_written_waits(here: Desk, monkeypatch: pytest.MonkeyPatch):
    folder = here.ctx.settings.drop
    folder.mkdir(parents=True)
    with (folder / "slow.json").open("w") as file:
        file.write('[{"kind": "visit"},')
        file.flush()
        assert not waiting(here.ctx)
        file.write('{"kind": "intent"}]')
    assert ingest(here.ctx) == {}
    monkeypatch.setattr(ingesting, "SETTLED", 0.05)
    time.sleep(0.06)
    assert ingest(here.ctx)["stored"] == 2


def test_what_is_hidden_half_named_or_of_another_kind_is_left_alone(here: Desk):
    for name in (".hidden.json", "x.json.tmp", "notes.txt", "x.tmp"):
        drop(here, name, [CLICK])
    assert not waiting(here.ctx)
    assert ingest(here.ctx) == {}
    assert len(lie(here)) == 4


def test_a_broken_file_goes_aside_with_its_reason(here: Desk, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(ingesting, "SETTLED", 0.0)
    drop(here, "a.json", "{")
    drop(here, "b.csv", b"")
    drop(here, "c.json", "[" * 100_000)
    drop(here, "d.json", [CLICK])
    assert ingest(here.ctx) == {"files": 4, "bad_files": 3, "stored": 1, "applied": 1}
    bad = here.ctx.settings.drop / "bad"
    assert "not readable as JSON" in (bad / "a.json.reason").read_text()
    assert "empty" in (bad / "b.csv.reason").read_text()
    assert "nested too deeply" in (bad / "c.json.reason").read_text()
    assert "done/d.json" in lie(here)


def test_of_a_partly_broken_file_the_good_events_are_taken(here: Desk):
    drop(here, "mixed.json", f'{json.dumps(CLICK)}\n{{"kind": }}\n')
    assert ingest(here.ctx) == {"files": 1, "stored": 1, "applied": 1, "rejected": 1}
    assert lie(here) == ["bad/mixed.json.rejects.csv", "done/mixed.json"]
    rejects = (here.ctx.settings.drop / "bad/mixed.json.rejects.csv").read_text()
    assert rejects.splitlines()[1].startswith('"2","not readable as JSON')


def test_links_folders_pipes_and_giants_harm_nobody(
    here: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    folder = here.ctx.settings.drop
    folder.mkdir(parents=True)
    secret = tmp_path / "secret.json"
    secret.write_text(json.dumps([CLICK]))
    (folder / "link.json").symlink_to(secret)
    (folder / "nowhere.json").symlink_to(tmp_path / "nothing")
    (folder / "folder.json").mkdir()
    os.mkfifo(folder / "pipe.json")
    monkeypatch.setattr(ingesting, "FILE_CAP", 1_000)
    monkeypatch.setattr(ingesting, "SETTLED", 0.0)
    drop(here, "giant.json", "x" * 1_001)
    assert ingest(here.ctx) == {"files": 3, "bad_files": 3}
    assert secret.exists()
    assert "a link is not followed" in (folder / "bad/link.json.reason").read_text()
    assert (folder / "folder.json").is_dir()
    assert not waiting(here.ctx)


def test_a_file_that_nobody_may_read_goes_aside(here: Desk, monkeypatch: pytest.MonkeyPatch):
    path = drop(here, "mine.json", [CLICK])
    path.chmod(0)

    def denied(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", denied)  # root may read everything
    assert ingest(here.ctx) == {"files": 1, "bad_files": 1}
    assert "Permission denied" in (path.parent / "bad/mine.json.reason").read_text()


def test_a_file_that_cannot_be_put_aside_is_told_once_and_blocks_nobody(
    here: Desk, monkeypatch: pytest.MonkeyPatch
):
    drop(here, "a.json", [CLICK])
    drop(here, "b.json", [CLICK | {"kind": "visit"}])
    rename = Path.rename

    def stuck(self: Path, target: Path) -> Path:
        if self.name == "a.json":
            raise OSError(30, "Read-only file system")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", stuck)
    with pytest.raises(AbmError, match=r"a\.json cannot be put aside: Read-only file system"):
        ingest(here.ctx)
    assert sorted(here.kinds()) == ["clicked", "visit"]
    assert not waiting(here.ctx)
    assert ingest(here.ctx) == {}


def test_an_event_that_breaks_us_is_set_aside_alone(here: Desk, monkeypatch: pytest.MonkeyPatch):
    def fragile(ctx, events):
        if any(event.source_id == "3" for event in events):
            raise RuntimeError("a bug of ours")
        return receive(ctx, events)

    monkeypatch.setattr(ingesting, "receive", fragile)
    drop(here, "x.json", [CLICK | {"id": number} for number in range(5)])
    assert ingest(here.ctx) == {"files": 1, "stored": 4, "applied": 4, "rejected": 1}
    rejects = (here.ctx.settings.drop / "bad/x.json.rejects.csv").read_text()
    assert "a bug of ours" in rejects


def test_a_crash_before_the_file_is_put_aside_repeats_nothing(desk: Desk):
    class Killed(BaseException):
        """As if the process died."""

    def die(point: str) -> None:
        if point == "ingested":
            raise Killed

    drop(desk, "x.json", [CLICK])
    with pytest.raises(Killed):
        ingest(replace(desk.ctx, probe=die))
    assert desk.kinds() == ["clicked"]
    assert ingest(desk.ctx) == {"files": 1, "repeated": 1}
    assert desk.kinds() == ["clicked"]


def test_two_processes_with_the_same_folder_take_each_file_once(desk: Desk):
    for number in range(6):
        drop(desk, f"{number}.json", [CLICK | {"id": number * 10 + n} for n in range(10)])
    with ThreadPoolExecutor(2) as pool:
        both = [pool.submit(ingest, desk.ctx) for _ in range(2)]
        assert sum(one.result()["stored"] for one in both) == 60
    assert len(desk.all(Inbox)) == len(desk.all(Activity)) == 60


def test_a_tick_finds_the_files_and_counts_them(desk: Desk):
    drop(desk, "x.json", [CLICK])
    assert "ingest" in due(desk.ctx)
    assert tick(desk.ctx, "react").counts["stored"] == 1
    assert [one.error for one in desk.all(Tick)] == [""]
