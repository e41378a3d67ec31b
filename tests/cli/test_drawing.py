"""draw: of the real command, in a real project."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace
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


def test_a_png_is_painted_sharply_and_not_too_large(
    abm: Abm, file: Path, monkeypatch: pytest.MonkeyPatch
):
    painted: list[float] = []

    def svg_to_png(svg: str, scale: float) -> bytes:
        painted.append(scale * float(ET.fromstring(svg).get("width") or 0))
        return b"\x89PNG"

    monkeypatch.setitem(sys.modules, "vl_convert", SimpleNamespace(svg_to_png=svg_to_png))
    picture = file.with_suffix(".png")
    assert abm("draw", file, "--png", picture) == ""
    assert picture.read_bytes() == b"\x89PNG"
    steps = "".join(f"  - id: s{n}\n    call: {{to: champion}}\n    wait: 1d\n" for n in range(150))
    file.write_text(PLAY + steps, encoding="utf-8")
    abm("draw", file, "--png", picture, "--out", file.with_suffix(".svg"))
    small, large = painted
    assert small > 2 * 200
    assert large == pytest.approx(16_000)
    assert file.with_suffix(".svg").exists()


def test_a_real_png_is_an_image(abm: Abm, file: Path):
    pytest.importorskip("vl_convert")
    picture = file.with_suffix(".png")
    abm("draw", file, "--png", picture)
    assert picture.read_bytes().startswith(b"\x89PNG\r\n\x1a\n")


def test_without_a_painter_the_way_out_is_told(
    abm: Abm, file: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    told = abm("draw", file, "--png", file.with_suffix(".png"), code=1)
    assert "pip install vl-convert-python" in told
    assert not file.with_suffix(".png").exists()
