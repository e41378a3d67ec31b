"""draw: of the real command, in a real project."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.cli.conftest import Abm

PLAY = """\
name: hello
title: Say <hello> & „grüß Gott"
for: {signed: no}
committee:
  champion: {role: champion}
steps:
  - id: ring
    call: {to: champion}
    overdue: [proceed]
"""


@pytest.fixture
def file(abm: Abm) -> Path:
    path = abm.project / "playbooks" / "hello.yaml"
    path.write_text(PLAY, encoding="utf-8")
    return path


def title(svg: str) -> str | None:
    return ET.fromstring(svg).findtext("{http://www.w3.org/2000/svg}title")


def test_a_file_is_drawn_to_stdout(abm: Abm, file: Path):
    assert title(abm("draw", file)) == 'Say <hello> & „grüß Gott"'


def test_out_writes_the_same_picture_and_says_nothing(abm: Abm, file: Path):
    picture = file.with_suffix(".svg")
    assert abm("draw", file, "--out", picture) == ""
    assert picture.read_text(encoding="utf-8") == abm("draw", file)


def test_a_name_means_the_version_that_was_applied(abm: Abm, file: Path):
    abm("apply", file)
    drawn = abm("draw", file)
    file.write_text(PLAY.replace("ring", "phone"), encoding="utf-8")
    assert abm("draw", "hello") == drawn


def test_a_playbook_with_errors_gives_its_findings_and_no_picture(abm: Abm, file: Path):
    file.write_text(PLAY.replace("[proceed]", "[procede]"), encoding="utf-8")
    picture = file.with_suffix(".svg")
    out = abm("draw", file, "--out", picture, code=1)
    assert out.startswith(f"{file}:9:")
    assert "<svg" not in out
    assert not picture.exists()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("nosuch",), "there is no playbook 'nosuch'"),
        (("nosuch.yaml",), "nosuch.yaml cannot be read: No such file or directory"),
        (("playbooks/hello.yaml", "--out", "no/where.svg"), "cannot be written: No such file"),
    ],
)
def test_what_is_not_there_is_told_in_a_line(
    abm: Abm, file: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], told: str
):
    monkeypatch.chdir(abm.project)
    assert told in abm("draw", *words, code=1)
