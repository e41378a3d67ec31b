"""Children are ready or explain why not, and nothing of them outlives the parent."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from accounts.errors import AbmError
from flows import children
from flows.children import Child
from tests.support.processes import wait_until

# A child with a grandchild; both pids stand in a file.
FAMILY = """
import os, subprocess, sys, time
grandchild = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
with open("family.new", "w") as file:
    file.write(f"{os.getpid()} {grandchild.pid}")
os.rename("family.new", "family")
time.sleep(600)
"""
DEAF = "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"


def child(folder: Path, code: str, **more) -> Child:
    prelude = f"import os\nos.chdir({str(folder)!r})\n"
    return Child("the child", [sys.executable, "-c", prelude + code], folder / "it.log", **more)


def family(folder: Path) -> list[int]:
    wait_until((folder / "family").exists, "the family")
    return [int(pid) for pid in (folder / "family").read_text().split()]


def gone(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return True
    return state == "Z"  # dead; whoever adopted it reaps it in time


def test_a_child_that_cannot_start_tells_its_last_words(tmp_path: Path):
    broken = child(tmp_path, "raise SystemExit('no such port')", ready=lambda _pid: False)
    broken.start()
    with pytest.raises(AbmError, match="the child could not start") as failed:
        broken.wait_ready()
    assert "no such port" in failed.value.hint


def test_a_child_that_is_never_ready_is_not_waited_for_for_ever(tmp_path: Path):
    slow = child(
        tmp_path, "import time; time.sleep(600)", ready=lambda _pid: False, start_within=0.2
    )
    slow.start()
    with pytest.raises(AbmError, match=r"was not ready after 0 s"):
        slow.wait_ready()
    slow.stop()
    assert not slow.alive


def test_whoever_waits_can_be_asked_to_stop(tmp_path: Path):
    slow = child(tmp_path, "import time; time.sleep(600)", ready=lambda _pid: False)
    slow.start()
    assert not slow.wait_ready(stopping=lambda: True)
    slow.stop()


@pytest.mark.parametrize("prelude", ["", DEAF], ids=["polite", "deaf"])
def test_stopping_ends_the_whole_family(tmp_path: Path, prelude: str):
    parent = child(tmp_path, prelude + FAMILY, stop_within=0.3)
    parent.start()
    pids = family(tmp_path)
    parent.stop()
    parent.stop()
    wait_until(lambda: all(map(gone, pids)), "the end of all")


def test_a_new_start_ends_what_the_last_one_left_behind(tmp_path: Path):
    parent = child(tmp_path, FAMILY)
    parent.start()
    first, orphan = family(tmp_path)
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: not parent.alive, "its death")
    assert not gone(orphan)
    (tmp_path / "family").unlink()
    parent.start()
    wait_until(lambda: gone(orphan), "the orphan's end")
    assert family(tmp_path)[0] == parent.pid != first
    parent.stop()


def test_a_child_ends_when_its_parent_is_killed(tmp_path: Path):
    code = f"""
import sys, time
from pathlib import Path
from flows.children import Child
Child("it", [sys.executable, "-c", "import time; time.sleep(600)"], Path("log")).start()
child = Child("it", [sys.executable, "-c", {FAMILY!r}], Path("log"))
child.start()
time.sleep(600)
"""
    root = Path(__file__).parents[2]
    parent = subprocess.Popen(
        [sys.executable, "-c", code], cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(root)}
    )
    pid = family(tmp_path)[0]
    parent.kill()
    parent.wait()
    wait_until(lambda: gone(pid), "the child's end")
    os.kill(family(tmp_path)[1], signal.SIGKILL)


def test_ctrl_c_reaches_the_parent_only(tmp_path: Path):
    one = child(tmp_path, "import time; time.sleep(600)")
    one.start()
    assert os.getpgid(one.pid) == one.pid != os.getpgid(0)
    one.stop()


def test_logs_stay_small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(children, "LOG_BYTES", 1_000)
    (tmp_path / "it.log").write_text("x" * 1_001)
    talker = child(tmp_path, "print('hello')")
    talker.start()
    wait_until(lambda: not talker.alive, "its end")
    assert (tmp_path / "it.log").read_text() == "hello\n"
    assert (tmp_path / "it.old.log").read_text() == "x" * 1_001


def test_the_tail_is_short_however_long_the_log(tmp_path: Path):
    one = child(tmp_path, "")
    assert one.tail() == ""
    (tmp_path / "it.log").write_text("\n".join(map(str, range(100_000))))
    assert one.tail(2) == "99998\n99999"
