from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread

import pytest

from accounts.errors import AbmError
from orchestrator.clock import FileClock, ManualClock, SystemClock, clock_from, next_id

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def test_every_process_reads_the_same_business_time(tmp_path: Path):
    FileClock(tmp_path / "deep" / "clock").set(NOW)
    clock = clock_from("file:deep/clock", tmp_path)
    assert clock.now() == NOW
    assert clock.lease_now() - datetime.now(UTC) < timedelta(seconds=5)


@pytest.mark.parametrize("content", [None, "", "noon", "2026-03-02T09:00:00"])
def test_a_file_without_an_instant_says_what_to_write(tmp_path: Path, content: str | None):
    file = tmp_path / "clock"
    if content is not None:
        file.write_text(content)
    with pytest.raises(AbmError) as error:
        FileClock(file).now()
    assert "+00:00" in error.value.hint


def test_a_manual_clock_moves_business_time_only():
    clock = ManualClock(NOW)
    assert clock.advance(timedelta(days=1)) == clock.now() == NOW + timedelta(days=1)
    assert abs(clock.lease_now() - datetime.now(UTC)) < timedelta(seconds=5)


@pytest.mark.parametrize("setting", ["", "systm", "file:"])
def test_an_unknown_clock_is_refused(setting: str, tmp_path: Path):
    with pytest.raises(AbmError, match="unknown"):
        clock_from(setting, tmp_path)


def test_system_time_is_utc():
    assert SystemClock().now().utcoffset() == timedelta()


def test_ids_rise_fit_63_bits_and_never_repeat_across_threads():
    made: list[int] = []
    threads = [Thread(target=lambda: made.extend(next_id() for _ in range(5_000))) for _ in "123"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(made)) == 15_000
    assert 0 < max(made) < 2**63
    mine = [next_id() for _ in range(1_000)]
    assert mine == sorted(mine)


def test_a_forked_child_has_a_salt_of_its_own():
    salts = set()
    for _ in range(4):
        reader, writer = os.pipe()
        if not (child := os.fork()):
            os.write(writer, str(next_id() & 0x7FF).encode())
            os._exit(0)
        os.waitpid(child, 0)
        salts.add(os.read(reader, 20))
        os.close(reader)
        os.close(writer)
    assert len(salts) > 1
