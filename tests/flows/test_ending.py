"""A process that was asked to end does so: after its work, and not after whoever never answers."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PRELUDE = """
import os, signal, threading, time
from pathlib import Path
from flows import ending
ending.GRACE, ending.LIMIT = {grace}, {limit}
ending.end_when_asked()
def ask():
    os.kill(os.getpid(), signal.SIGTERM)
def work(seconds):
    with ending.hands.hold():
        Path("begun").touch()
        time.sleep(seconds)
        Path("done").touch()
def begin(seconds):
    threading.Thread(target=work, args=[seconds]).start()
    while not Path("begun").exists():
        time.sleep(0.01)
"""


def ended(folder: Path, code: str, *, grace: float = 60, limit: float = 60) -> tuple[float, str]:
    """Seconds from start to end, and what it said; it must have ended well."""
    started = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", PRELUDE.format(grace=grace, limit=limit) + code], cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False,
        timeout=30,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return time.monotonic() - started, done.stderr


def test_what_can_end_by_itself_is_not_hurried(tmp_path: Path):
    code = "ask()\nending.stopping.wait()\ntime.sleep(0.5)\nPath('closed').touch()"
    _, said = ended(tmp_path, code)
    assert (tmp_path / "closed").exists()
    assert said == ""


@pytest.mark.parametrize(
    "stuck",
    ["time.sleep(600)", "threading.Thread(target=time.sleep, args=[600]).start()"],
    ids=["itself", "a thread"],
)
def test_whoever_only_waits_is_given_up(tmp_path: Path, stuck: str):
    _, said = ended(tmp_path, f"ask()\n{stuck}", grace=0.2)
    assert "ends now: Prefect did not let go within 0 s; no work was at hand" in said


def test_work_at_hand_is_finished_first(tmp_path: Path):
    ended(tmp_path, "begin(1)\nask()\ntime.sleep(600)", grace=0.1)
    assert (tmp_path / "done").exists()


def test_after_its_work_a_lane_has_the_same_grace_to_tell_prefect(tmp_path: Path):
    took, _ = ended(tmp_path, "begin(1)\nask()\ntime.sleep(600)", grace=1)
    assert took >= 2


def test_work_that_never_ends_is_cut_off_and_said(tmp_path: Path):
    _, said = ended(tmp_path, "begin(600)\nask()\ntime.sleep(600)", grace=0.1, limit=0.5)
    assert "work at hand did not end within 0 s; the next sweep takes it back" in said
    assert not (tmp_path / "done").exists()


def test_a_mute_reader_of_the_log_holds_nobody(tmp_path: Path):
    """Whoever reads stderr has stopped reading: its pipe is full."""
    code = """
read, write = os.pipe()
os.dup2(write, 2)
os.set_blocking(2, False)
try:
    while True:
        os.write(2, b"x" * 4096)
except BlockingIOError:
    os.set_blocking(2, True)
ask()
time.sleep(600)
"""
    ended(tmp_path, code, grace=0.1)


def test_a_signal_is_heard_wherever_it_strikes(tmp_path: Path):
    """Also while the main thread holds the lock of the event that it waits for."""
    code = """
import subprocess, sys
asker = subprocess.Popen([sys.executable, "-c", '''
import os, random, signal, time
while os.read(0, 1):
    time.sleep(random.random() / 2000)
    os.kill(os.getppid(), signal.SIGTERM)
'''], stdin=subprocess.PIPE, bufsize=0)
for _ in range(500):
    asked = threading.Event()
    give_back = ending.heed(asked.set)
    asker.stdin.write(b"!")
    while not asked.wait(1e-6):
        pass
    give_back()
"""
    ended(tmp_path, code)


def test_a_signal_that_strikes_another_thread_is_heard_while_the_main_one_sleeps(tmp_path: Path):
    code = """
def strike():
    signal.pthread_kill(threading.get_ident(), signal.SIGTERM)
threading.Timer(0.2, strike).start()
ending.stopping.wait()
"""
    ended(tmp_path, code)


def test_signals_are_given_back_and_asking_often_is_asking_once(tmp_path: Path):
    code = """
before = signal.getsignal(signal.SIGTERM)
heard = []
give_back = ending.heed(lambda: heard.append(1))
for _ in range(10_000):
    ask()
time.sleep(0.2)
give_back()
assert heard == [1], heard
assert signal.getsignal(signal.SIGTERM) is before
assert not ending.stopping.is_set()
"""
    ended(tmp_path, code)
