"""abm import sequence: what another tool runs, as a playbook and templates of ours."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from accounts.errors import AbmError
from orchestrator.cli import plays, project
from orchestrator.cli.output import (
    Json,
    ask,
    clean,
    counted,
    problem_lines,
    say,
    say_json,
    say_table,
)

if TYPE_CHECKING:
    from orchestrator.engine.plays.taking_over import Places, TakenOver

MOST_BYTES = 4 * 1024 * 1024 + 1  # enough to see that a file is too long


def import_sequence(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="An export, as JSON or CSV.")],
    vendor: Annotated[
        str,
        typer.Option(
            "--from", metavar="TOOL", help="outreach, salesloft or hubspot. Default: found out."
        ),
    ] = "",
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="Whose playbooks/ and templates/. Default: the project's."
        ),
    ] = None,
    commit: Annotated[bool, typer.Option("--commit", help="Write it, without asking.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Overwrite files.")] = False,
    as_json: Json = False,
) -> None:
    """Turn a sequence or cadence of another tool into a playbook: show it, then write it."""
    from orchestrator.engine.plays.taking_over import take_over, write

    taken = take_over(_read(file), file.name, vendor, _places(out), plays.vocabulary())
    if not as_json:
        for one in taken:
            _say(one)
    written = commit or (not as_json and ask("Write it?"))
    if written:
        write(taken, force=force)
    if as_json:
        say_json({"written": written, "sequences": [_plain(one) for one in taken]})
    else:
        say(_ending(taken, written=written))


def _read(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            return opened.read(MOST_BYTES)
    except OSError as error:
        raise AbmError(f"{file} cannot be read: {error.strerror}") from error


def _places(out: Path | None) -> Places:
    from orchestrator.engine.plays.taking_over import Places

    if out is not None:
        return Places(out / "playbooks", out / "templates")
    return Places(project.find() / "playbooks", project.settings().templates)


def _plain(one: TakenOver) -> dict[str, object]:
    return {
        "playbook": one.made.name,
        "vendor": one.made.vendor,
        "steps": one.made.lines,
        "not_translated": one.made.lost,
        "files": list(one.files),
        "existing": one.existing,
        "problems": one.problems,
    }


def _say(one: TakenOver) -> None:
    made = one.made
    say(f"{made.name}, from {made.vendor}: {counted(len(made.lines), 'step')}")
    say()
    say_table(
        ["step", "is", "waits", "was", "title"],
        [[line.id, line.kind, line.wait, line.was, line.title] for line in made.lines],
    )
    say()
    if made.lost:
        say("not translated:")
        say_table(["step", "what"], [[lost.step or "all", lost.what] for lost in made.lost])
        say()
    for problem in one.problems:
        say("\n".join([*problem_lines(problem, made.source), ""]))
    for path in one.files:
        say(clean(f"{path}{' exists already' if path in one.existing else ''}"))
    say()


def _ending(taken: Sequence[TakenOver], *, written: bool) -> str:
    files = counted(sum(len(one.files) for one in taken), "file")
    if not written:
        return f"nothing is written yet: --commit writes {files}"
    lost = sum(len(one.made.lost) for one in taken)
    left = f"; {counted(lost, 'thing')} to look at: they stand beside their steps" if lost else ""
    return f"written: {files}{left}"
