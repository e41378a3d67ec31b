"""What the pages say is so: playbooks compile, links lead somewhere, commands run."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path

import pytest

from orchestrator.cli import main
from orchestrator.language import check

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted(ROOT.glob("docs/**/*.md"))]


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(
        rf"^```{language}\n(.*?)^```", page.read_text("utf-8"), re.MULTILINE | re.DOTALL
    )


def in_words(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("page", PAGES, ids=in_words)
def test_playbooks_on_the_pages_compile(page: Path):
    for source in blocks(page, "yaml"):
        if re.match(r"(#.*\n)*name:", source):
            checked = check(source, page.name)
            assert checked.plan, "\n".join(map(str, checked.problems))


@pytest.mark.parametrize("page", PAGES, ids=in_words)
def test_links_within_the_repository_lead_somewhere(page: Path):
    for target in re.findall(r"\]\(([^)#]+)", page.read_text("utf-8")):
        if "{" not in target and not re.match(r"[a-z]+:", target):
            assert (page.parent / target).exists(), target


@pytest.mark.last
def test_the_first_steps_of_the_readme_work_as_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    """In an empty folder, one after the other, as somebody would paste them on a Tuesday."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tuesday.txt").write_text("2027-03-02T10:00:00+00:00", "utf-8")
    monkeypatch.setenv("ABM_CLOCK", "file:tuesday.txt")
    answers = run(commands(ROOT / "README.md"), capsys)
    assert "Publish" in answers["$ abm tasks --user mona"]


@pytest.mark.last
def test_simulations_run_as_the_page_has_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    """After the first steps of the readme, up to the two signatures."""
    page = ROOT / "docs" / "simulating.md"
    monkeypatch.chdir(tmp_path)
    first = commands(ROOT / "README.md")
    run(first[: first.index("$ abm sign spring --by sam") + 1], capsys)
    (rates,) = blocks(page, "yaml")
    Path("rates.yaml").write_text(rates, "utf-8")
    draws = find_spec("altair") and find_spec("vl_convert")
    lines = [line for line in commands(page) if draws or "--html" not in line]
    answers = run(lines, capsys)
    assert "in the first run" in answers[lines[1]]


def commands(page: Path) -> list[str]:
    (block,) = blocks(page, "console")
    return block.splitlines()


def run(lines: Iterable[str], capsys: pytest.CaptureFixture[str]) -> dict[str, str]:
    """What each command answers; none of them fails."""
    answers = {}
    for line in lines:
        abm, *words = shlex.split(line.removeprefix("$ "))
        assert abm == "abm"
        code = main(words)
        answers[line] = "".join(capsys.readouterr())
        assert code == 0, f"{line}\n{answers[line]}"
    return answers
