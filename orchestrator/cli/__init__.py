"""The `abm` command: parses, calls a use case, prints. Start-up imports nothing heavy."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from accounts.errors import AbmError
from orchestrator.cli import (
    auditing,
    calibrating,
    composing,
    demo,
    desk,
    drawing,
    failures,
    imports,
    matching,
    migrating,
    ops,
    plays,
    previewing,
    project,
    reviews,
    sequences,
    simulating,
    targets,
    testing,
    tokens,
    users,
    versions,
)


class _Commands(TyperGroup):
    """`abm match calibrate` is `abm calibrate`: `match` takes any other word for a record."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if args[:2] == ["match", "calibrate"]:
            args = args[1:]
        return super().resolve_command(ctx, args)


app = typer.Typer(
    cls=_Commands,
    help="Account-based marketing as one playbook for two teams.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"abm {version('abm-orchestrator')}")
        raise typer.Exit


@app.callback()
def _root(
    folder: Annotated[
        Path | None,
        typer.Option(
            "--project", metavar="DIR", help="The project. Default: the nearest abm.toml upwards."
        ),
    ] = None,
    _shown: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say which abm.")
    ] = False,
) -> None:
    project.chosen.set(folder)


# Every command there is, in the order in which a project meets them.
app.command()(ops.init)
app.command()(composing.new)
app.command()(plays.check)
app.command("test")(testing.run)
app.command()(plays.schema)
app.command()(versions.plan)
app.command()(drawing.draw)
app.command()(plays.apply)
app.command()(versions.versions)
app.command()(previewing.preview)
app.command()(simulating.simulate)
app.add_typer(imports.importing, name="import")
imports.importing.command("sequence")(sequences.import_sequence)
app.add_typer(reviews.reviews, name="review")
app.command()(matching.match)
app.command()(calibrating.calibrate)
app.command()(matching.dedupe)
app.command()(matching.merge)
app.command()(matching.unmerge)
app.add_typer(users.users, name="user")
app.command()(targets.nominate)
app.command()(targets.sign)
app.command()(plays.enroll)
app.command()(plays.pause)
app.command()(plays.resume)
app.command()(plays.stop)
app.command()(migrating.migrate)
app.command()(ops.tick)
app.command()(ops.up)
app.command()(ops.web)
app.command()(ops.worker)
app.add_typer(desk.tasks, name="tasks")
app.command()(desk.log)
app.command()(ops.status)
app.add_typer(ops.unknown, name="unknown")
app.add_typer(tokens.token, name="token")
app.add_typer(auditing.audit, name="audit")
app.command()(demo.demo)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; its exit code: 0, or one of `failures`."""
    said = list(sys.argv[1:] if argv is None else argv)
    try:
        code: int | None = app(said, prog_name="abm", standalone_mode=False)
    except typer.TyperException as error:
        return failures.usage(error)
    except (KeyboardInterrupt, typer.Abort):
        return failures.INTERRUPTED
    except AbmError as error:
        return failures.expected(error)
    except BrokenPipeError:  # the reader has seen enough: `abm log X | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:  # noqa: BLE001 - the last line of defence
        return failures.bug(error, said)
    return code or 0
