"""Commands that take files in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial, wraps
from inspect import Parameter, Signature, signature
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar, get_type_hints

import typer

from accounts.errors import AbmError
from orchestrator.cli import project
from orchestrator.cli.output import (
    Json,
    ask,
    counted,
    note,
    progress,
    say,
    say_json,
    say_table,
    when,
)

if TYPE_CHECKING:
    from orchestrator.engine.companies.importing import Draft, Options, Report
    from orchestrator.engine.context import Context

    Made = TypeVar("Made", bound=Draft)

File = Annotated[Path, typer.Argument(metavar="FILE.csv", help="A CSV file with a header line.")]
Map = Annotated[
    list[str] | None,
    typer.Option("--map", metavar="FIELD=HEADER", help="Where a field stands; FIELD= drops it."),
]
Encoding = Annotated[
    str, typer.Option(metavar="NAME", help="As utf-8 or cp1252. Default: found out.")
]
Delimiter = Annotated[
    str, typer.Option(metavar="CHAR", help="What separates cells, as ; or tab. Default: found out.")
]
System = Annotated[
    str,
    typer.Option(metavar="NAME", help="Whose ids it has, as hubspot. Default: as the file says."),
]
Commit = Annotated[bool, typer.Option("--commit", help="Write it, without asking.")]
Rejects = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Where rejected rows go. Default: FILE.rejects.csv"),
]


@dataclass(frozen=True)
class Said:
    """What one says of any file: each field is a parameter of every command that takes one in."""

    file: File
    fields: Map = None
    encoding: Encoding = ""
    delimiter: Delimiter = ""
    commit: Commit = False
    rejects: Rejects = None
    as_json: Json = False

    def options(self, **more: Any) -> Options:
        """How to read the file; AbmError for a --map without a header."""
        from orchestrator.engine.companies.importing import Options

        pairs = dict(map(_pair, self.fields or ()))
        character = {"tab": "\t", "\\t": "\t"}.get(self.delimiter.casefold(), self.delimiter)
        return Options(pairs, self.encoding or None, character or None, **more)


def _pair(said: str) -> tuple[str, str]:
    field, is_pair, header = said.partition("=")
    if not is_pair:
        raise AbmError(f"--map {said!r} says no header", "write it as --map name='Company name'")
    return field.strip(), header.strip()


def _parameters(of: Callable[..., object]) -> dict[str, Parameter]:
    """By name, with their annotations as objects; each may stand at any place."""
    hints = get_type_hints(of, include_extras=True)
    return {
        name: one.replace(annotation=hints[name], kind=Parameter.KEYWORD_ONLY)
        for name, one in signature(of).parameters.items()
    }


def _of_a_file(command: Callable[..., None]) -> Callable[..., None]:
    """The command with the fields of `Said` for its parameter `said`, as typer reads them."""
    shared, own = _parameters(Said), _parameters(command)
    del own["said"]

    @wraps(command)
    def run(**given: Any) -> None:
        said = Said(**{name: given.pop(name) for name in shared})
        command(said, **given)

    run.__signature__ = Signature([*shared.values(), *own.values()])  # type: ignore[attr-defined]
    run.__annotations__ = {name: one.annotation for name, one in (shared | own).items()}
    return run


importing = typer.Typer(
    help="Take in accounts, contacts, opportunities, suppressions, sequences.", no_args_is_help=True
)


@importing.command("accounts")
@_of_a_file
def import_accounts(said: Said, system: System = "") -> None:
    """Take in companies: show what would happen, then write it."""
    _take_rows("accounts", said, said.options(system=system))


@importing.command("contacts")
@_of_a_file
def import_contacts(
    said: Said,
    system: System = "",
    new_accounts: Annotated[
        bool, typer.Option("--new-accounts", help="An unknown company becomes an account.")
    ] = False,
) -> None:
    """Take in people at companies that we know: show what would happen, then write it."""
    _take_rows("contacts", said, said.options(system=system, new_accounts=new_accounts))


@importing.command("opportunities")
@_of_a_file
def import_opportunities(said: Said, system: System = "") -> None:
    """Take in what a CRM says of deals: stages, amounts, close dates, owners."""
    from orchestrator.engine.events import opportunities

    options = said.options(system=system)
    _take("opportunities", said, options, opportunities.draft, opportunities.commit)


@importing.command("suppressions")
@_of_a_file
def import_suppressions(said: Said) -> None:
    """Take in who is not to be contacted; rules are only ever added."""
    _take_rows("suppressions", said, said.options())


def _take_rows(kind: str, said: Said, options: Options) -> None:
    from orchestrator.engine.companies import importing

    _take(kind, said, options, partial(importing.draft, kind=kind), importing.commit)


def _take(
    kind: str, said: Said, options: Options, read: Callable[..., Made],
    write: Callable[[Context, Made, Callable[[int, int], None]], object],
) -> None:  # fmt: skip
    """Read a file, show what it would do, and write it once somebody agrees."""
    with project.recorded(f"import {kind}", f"file {said.file.name}") as app:
        with progress(f"reading {said.file.name}") as reading:
            draft = read(app.ctx, source=said.file, options=options, progress=reading)
        if not said.as_json:
            _say_plan(draft.report, app.ctx.settings.workspace.zone)
        if said.commit or (not said.as_json and ask("Write it?")):
            with progress("writing") as writing:
                write(app.ctx, draft, writing)
            _write_rejects(draft, said.rejects or said.file.with_suffix(".rejects.csv"))
    if said.as_json:
        say_json(draft.report)
    else:
        say(_ending(draft.report))


def _write_rejects(draft: Draft, file: Path) -> None:
    if text := draft.rejects:
        try:
            file.write_text(text, "utf-8")
        except OSError as error:
            reason = f"the rejected rows cannot be written to {file}: {error.strerror}"
            raise AbmError(reason, "the others are in; name another file with --rejects") from None
        rows = counted(draft.report.counts["rejected"], "row")
        note(f"{rows} rejected: see {file}, mend it and import it")


# ---------------------------------------------------------------- what is shown


def _say_plan(report: Report, zone: str) -> None:
    cells = {"\t": "tabs"}.get(report.delimiter, repr(report.delimiter))
    say(f"{report.file}: {counted(report.rows, 'row')}, {report.encoding}, separated by {cells}")
    for text in report.notices:
        say(f"note: {text}")
    if report.imported_at:
        say(f"note: this very content was imported at {when(report.imported_at, zone)}")
    say()
    say_table(
        ["field", "column", "because"],
        [[guess.field, guess.header, guess.how] for guess in report.columns],
    )
    if report.extra:
        say(f"no fields of ours, kept as they stand: {', '.join(report.extra)}")
    if report.system:
        say(f"ids are those of {report.system}: --system NAME says otherwise")
    if report.unused:
        say(f"not used: {', '.join(report.unused)}")
    say()
    say_table(
        ["rows", "are", "which means"],
        [[f"{number}", outcome, _MEANING[outcome]] for outcome, number in report.counts.items()
         if number],
    )  # fmt: skip
    say()
    say_table(
        ["line", "row", "is", "account", "because"],
        [[one.line, one.label, one.outcome, one.about, one.why] for one in report.samples],
    )
    say()


_MEANING = {
    "new": "not known yet",
    "changed": "known; something that nobody had told is filled in",
    "matched": "known; nothing to add",
    "same": "imported before, or asked about already",
    "duplicate": "the same as a row above",
    "unsure": "a person decides: `abm review`",
    "rejected": "not taken; kept in a file of rejects",
}


def _ending(report: Report) -> str:
    if not report.committed:
        return "nothing is written yet: --commit writes it"
    counts = report.counts
    unsure = f"; {counts['unsure']:,} to decide: abm review" if counts["unsure"] else ""
    return f"written: {counts['new']:,} new, {counts['changed']:,} changed{unsure}"
