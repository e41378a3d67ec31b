"""Tracked files say nothing about the machine they were written on, and promise nothing."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# A class of one letter keeps a pattern from matching itself.
LEAKS = {
    "a path of one machine": re.compile(r"(?<![\w.])/(?:[w]ork|[r]oot|[h]ome/\w+)/"),
    "a package registry's host": re.compile(
        r"files\.[p]ythonhosted|[p]ypi\.org/simple|registry\.[n]pmjs|[i]ndex-url"
    ),
    "a promise": re.compile(r"(?:#|//|<!--).*\b(?:[T]ODO|[F]IXME|[X]XX)\b"),
}


def tracked_texts() -> list[tuple[str, str]]:
    """(path, content) of every tracked text file of code or pages; data is what it is."""
    run = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if run.returncode:
        pytest.skip("not a git checkout")
    names = [name for name in run.stdout.decode().split("\0") if name and (ROOT / name).is_file()]
    code = [name for name in names if not name.startswith("data/")]
    return [(name, (ROOT / name).read_text(encoding="utf-8", errors="ignore")) for name in code]


def test_no_tracked_file_leaks_or_promises():
    found = [
        f"{name}: {what}: {match[0]}"
        for name, text in tracked_texts()
        for what, pattern in LEAKS.items()
        for match in pattern.finditer(text)
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("text", "leaks"),
    [
        ("see /{}/main/x".format("work"), True),
        ("at /{}/jane/x".format("home"), True),
        ("https://acme.example/{}/with-us".format("work"), False),
        ("x = 1  # {}: later".format("todo".upper()), True),
        ("TODO = 'a kind of step'", False),
        ("a to-do list", False),
    ],
)
def test_the_patterns_know_a_leak(text: str, leaks: bool):
    assert any(pattern.search(text) for pattern in LEAKS.values()) is leaks
