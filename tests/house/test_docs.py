"""What the pages say is so: playbooks compile, links lead somewhere, commands run."""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Iterable
from contextlib import redirect_stderr, redirect_stdout
from importlib.util import find_spec
from io import StringIO
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


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the readme's steps were taken up to the two signatures, on a Tuesday."""
    folder = tmp_path_factory.mktemp("signed")
    (folder / "tuesday.txt").write_text("2027-03-02T10:00:00+00:00", "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("ABM_CLOCK", "file:tuesday.txt")
        run(steps(until_signed=True))
    return folder


@pytest.fixture
def project(signed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory: a copy of it."""
    monkeypatch.chdir(shutil.copytree(signed, tmp_path / "project"))
    monkeypatch.setenv("ABM_CLOCK", "file:tuesday.txt")
    return tmp_path / "project"


def test_the_first_steps_of_the_readme_work_as_written(project: Path):
    """In an empty folder, one after the other, as somebody would paste them."""
    answers = run(steps(until_signed=False))
    assert "Publish" in answers["$ abm tasks --user mona"]


def test_simulations_run_as_the_page_has_them(project: Path):
    page = ROOT / "docs" / "simulating.md"
    (rates,) = blocks(page, "yaml")
    Path("rates.yaml").write_text(rates, "utf-8")
    draws = find_spec("altair") and find_spec("vl_convert")
    lines = [line for line in commands(page) if draws or "--html" not in line]
    answers = run(lines)
    assert "in the first run" in answers[lines[1]]


def commands(page: Path) -> list[str]:
    (block,) = blocks(page, "console")
    return block.splitlines()


def steps(*, until_signed: bool) -> list[str]:
    """The readme's commands up to the second signature, or those after it."""
    lines = commands(ROOT / "README.md")
    signed = lines.index("$ abm sign spring --by sam") + 1
    return lines[:signed] if until_signed else lines[signed:]


def run(lines: Iterable[str]) -> dict[str, str]:
    """What each command answers; none of them fails."""
    answers = {}
    for line in lines:
        abm, *words = shlex.split(line.removeprefix("$ "))
        assert abm == "abm"
        said = StringIO()
        with redirect_stdout(said), redirect_stderr(said):
            code = main(words)
        answers[line] = said.getvalue()
        assert code == 0, f"{line}\n{answers[line]}"
    return answers
