"""`abm test`: playbooks against their scenarios, as an engineer tests a program."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from difflib import unified_diff
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from accounts.errors import AbmError, Problem
from orchestrator.cli import plays, project
from orchestrator.cli.failures import EXPECTED
from orchestrator.cli.output import Json, ask, clean, counted, say, say_json

if TYPE_CHECKING:
    from orchestrator.scenarios.coverage import Covered
    from orchestrator.scenarios.suite import Result, Suite

RED, GREEN, DIM = "31", "32", "2"


def run(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[PATH|PLAYBOOK]...", help="Default: all of playbooks/tests/."),
    ] = None,
    keyword: Annotated[
        str, typer.Option("-k", metavar="WORDS", help="Only those with all of them in their name.")
    ] = "",
    cover: Annotated[
        bool, typer.Option("--coverage", help="Say what no scenario exercises.")
    ] = False,
    least: Annotated[
        int, typer.Option("--min-coverage", metavar="N", min=0, max=100, help="Fail below N %.")
    ] = 0,
    show: Annotated[bool, typer.Option("--log", help="Show the whole log of each.")] = False,
    update: Annotated[
        bool, typer.Option("--update", help="Show, and on a yes write, what happened instead.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="With --update: yes.")] = False,
    junit: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the results as JUnit XML, too.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Test playbooks: let each scenario happen in a dry run, and compare what came of it."""
    suite = _suite()
    files = _chosen(suite, paths or [], keyword)
    results = [suite.run(file) for file in files]
    if update:
        results = [_updated(suite, one, yes) for one in results]
    names = {one.playbook for one in results if one.playbook in suite.names}
    names |= {*suite.names} if not (paths or keyword) else set()
    covers = list(suite.covered(sorted(names)))
    if junit:
        _write_junit(junit, results)
    below = [one for one in covers if one.percent < least]
    if as_json:
        say_json({"scenarios": [_plain(one) for one in results], "coverage": _covers(covers)})
    else:
        _say_results(suite, results, show)
        if cover or below:
            _say_coverage(suite, covers if cover else below)
        _say_summary(results, below, least)
    if below or not all(one.passed for one in results):
        raise typer.Exit(EXPECTED)


def _suite() -> Suite:
    from orchestrator.scenarios.suite import Suite

    agreed, known = plays.agreed_words()
    return Suite(plays.near(project.find() / "playbooks"), agreed, known)


def _chosen(suite: Suite, paths: Sequence[Path], keyword: str) -> list[Path]:
    files = suite.files([_place(suite, path) for path in paths])
    words = keyword.casefold().split()
    chosen = [f for f in files if all(w in f"{f.parent.name}/{f.stem}".casefold() for w in words)]
    if not chosen:
        what = f"no scenario is called like '{keyword}'" if files else "there are no scenarios"
        raise AbmError(what, "they stand in playbooks/tests/PLAYBOOK/NAME.yaml")
    return chosen


def _place(suite: Suite, path: Path) -> Path:
    """The path itself, or where the scenarios of the playbook stand whose file or name it is."""
    for name, file in suite.names.items():
        if str(path) == name or (path.is_file() and path.samefile(file)):
            return suite.home(name)
    if not path.exists():
        raise AbmError(f"{path} cannot be read: there is no such file, and no such playbook")
    return path


# ---------------------------------------------------------------- update


def _updated(suite: Suite, result: Result, yes: bool) -> Result:
    """The scenario again, with what happened written into it if somebody says so."""
    if result.passed or result.outcome is None or result.staged is None:
        return result
    from orchestrator.scenarios.suite import source_of
    from orchestrator.scenarios.updating import updated

    was = source_of(result.file)
    fresh = updated(was, result.staged.expect, result.outcome)
    name = str(result.file)
    for line in unified_diff(was.splitlines(), fresh.splitlines(), name, name, lineterm=""):
        say(_painted(line))
    if not (yes or ask(f"Write this into {name}?")):
        return result
    try:
        result.file.write_text(fresh, "utf-8", newline="\n")
    except OSError as error:
        raise AbmError(f"{name} cannot be written: {error.strerror}") from error
    return suite.run(result.file)


# ---------------------------------------------------------------- for people


def _say_results(suite: Suite, results: Iterable[Result], show: bool) -> None:
    told: set[str] = set()
    for one in results:
        if one.playbook in suite.names and one.playbook not in told:
            told.add(one.playbook)
            _say_broken(suite.checked(one.playbook).problems)
        if not one.passed or show:
            _say_result(one, show)


def _say_broken(problems: Sequence[Problem]) -> None:
    errors = [one for one in problems if one.severity == "error"]
    plays.say_problems(errors)


def _say_result(one: Result, show: bool) -> None:
    head = f"{one.playbook}/{one.name}: {one.title}"
    said = _colour("passed", GREEN) if one.passed else _colour("FAILED", RED)
    say(f"{said}  {clean(head)}")
    plays.say_problems(one.problems)
    for failure in one.failures:
        say(clean(f"{one.file}:{failure.line}:{failure.col}: {failure.message}"))
        for line in failure.diff:
            say("    " + _painted(line))
    for line in one.outcome.log if show and one.outcome else ():
        say(clean(f"    {line}"))
    say()


def _painted(line: str) -> str:
    colour = {"+": GREEN, "-": RED, "@": DIM}.get(line[:1], "")
    return _colour(clean(line), colour)


def _colour(text: str, code: str) -> str:
    return f"\x1b[{code}m{text}\x1b[0m" if code and sys.stdout.isatty() else text


def _say_coverage(suite: Suite, covers: Iterable[Covered]) -> None:
    for one in covers:
        parts = ", ".join(
            f"{met} of {counted(of, kind, 'branches' if kind == 'branch' else '')}"
            for kind, (met, of) in one.counts.items()
        )
        say(f"{one.playbook}: {one.percent} % covered: {parts}")
        for point in one.missing:
            place = f"{suite.names[one.playbook]}:{point.line}: " if point.line else ""
            say(clean(f"  {place}{point.kind} {point.name} never happens"))


def _say_summary(results: Sequence[Result], below: Sequence[Covered], least: int) -> None:
    failed = sum(not one.passed for one in results)
    seconds = sum(one.seconds for one in results)
    ends = f"{failed} failed, {len(results) - failed} passed" if failed else "all passed"
    for one in below:
        ends += f"; {one.playbook} is covered to {one.percent} %, not to {least} %"
    say(f"{counted(len(results), 'scenario')} in {seconds:.1f} s: {ends}")


# ---------------------------------------------------------------- for programs


def _plain(one: Result) -> dict[str, Any]:
    return {
        "playbook": one.playbook, "name": one.name, "title": one.title, "file": one.file,
        "passed": one.passed, "seconds": round(one.seconds, 4), "problems": one.problems,
        "failures": one.failures, "log": one.outcome.log if one.outcome else [],
        "ends": one.outcome.ends if one.outcome else "",
    }  # fmt: skip


def _covers(covers: Iterable[Covered]) -> list[dict[str, Any]]:
    return [{**one._asdict(), "percent": one.percent} for one in covers]


def _write_junit(file: Path, results: Sequence[Result]) -> None:
    from orchestrator.cli.junit import junit

    try:
        file.write_text(junit(results), "utf-8", newline="\n")
    except OSError as error:
        raise AbmError(f"{file} cannot be written: {error.strerror}") from error
