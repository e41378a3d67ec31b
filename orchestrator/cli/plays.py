"""Commands about what: check and apply playbooks, enroll accounts, pause, resume and stop."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from accounts.errors import AbmError, Problem, Problems
from orchestrator.cli import findings, project
from orchestrator.cli.failures import EXPECTED
from orchestrator.cli.output import Json, counted, problem_lines, say, say_json, say_table, when
from orchestrator.cli.starting import renew_schema

if TYPE_CHECKING:
    from orchestrator.alignment import Agreement
    from orchestrator.app import App
    from orchestrator.engine.context import Context
    from orchestrator.engine.plays.enrolling import Enrolled
    from orchestrator.language import Vocabulary
    from orchestrator.scenarios.suite import Suite
    from orchestrator.terms import Plan

    Words = tuple[Agreement, Vocabulary]

AGREEMENT = "agreement.yml"
_YAML = (".yml", ".yaml")
MOST = 20  # refused accounts that are listed; --json has them all

By = Annotated[str, typer.Option("--by", metavar="USER", help="Who decides.")]


# ---------------------------------------------------------------- check and apply


class Form(StrEnum):
    """How findings are told."""

    TEXT = "text"
    JSON = "json"
    SARIF = "sarif"
    GITHUB = "github"


def check(
    files: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[FILE]...", help="Default: agreement.yml and all of playbooks/."),
    ] = None,
    form: Annotated[
        Form, typer.Option("--format", help="For people, programs, code scanners or GitHub.")
    ] = Form.TEXT,
    as_json: Json = False,
) -> None:
    """Check playbooks and the agreement; every problem with its place and the mend."""
    wanted = files or _all_files(project.find())
    words = _words()
    if words:
        renew_schema(project.find())
    suites: dict[Path, Suite] = {}
    found = {file: _problems(file, words, suites) for file in wanted}
    _say_found(found, Form.JSON if as_json else form)
    if any(one.severity == "error" for problems in found.values() for one in problems):
        raise typer.Exit(EXPECTED)


def _say_found(found: Mapping[Path, Sequence[Problem]], form: Form) -> None:
    match form:
        case Form.JSON:
            say_json([{"file": file, "problems": problems} for file, problems in found.items()])
        case Form.SARIF:
            say(findings.sarif(found))
        case Form.GITHUB:
            for line in findings.github(found):
                say(line)
        case Form.TEXT:
            for problems in found.values():
                say_problems(problems)
            say(f"{counted(len(found), 'file')} checked: {_tally(found.values())}")


def _all_files(folder: Path) -> list[Path]:
    found = [folder / AGREEMENT, *sorted((folder / "playbooks").rglob("*"))]
    files = [path for path in found if path.is_file() and path.suffix in _YAML]
    if not files:
        raise AbmError(f"there is nothing to check in {folder}", "playbooks stand in playbooks/")
    return [near(path) for path in files]


def near(path: Path) -> Path:
    """The path as it is seen from the current folder, where it lies below."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path


def _problems(file: Path, words: Words | None, suites: dict[Path, Suite]) -> Sequence[Problem]:
    """All that is wrong with a file; scenarios of one folder read each playbook once."""
    from orchestrator.engine import agreement
    from orchestrator.engine.plays import playbook_files
    from orchestrator.scenarios.suite import Suite, alone, is_scenario

    if is_scenario(file):
        folder = file.absolute().parent
        home = next(one for one in folder.parents if one.name == "playbooks")
        if not words:
            return alone(file)
        suite = suites.setdefault(home, Suite(near(home), *words))
        return suite.problems_of(file)
    content = playbook_files.read(file)
    if not is_agreement(file, text_of(content)):
        return playbook_files.problems_of(file, words and words[1])
    try:
        agreement.parse(text_of(content), str(file))
    except Problems as error:
        return error.problems
    return ()


def vocabulary() -> Vocabulary | None:
    """The names that playbooks may use; None outside a project."""
    words = _words()
    return words and words[1]


def _words() -> Words | None:
    """What the project agreed, and the names that playbooks may use; None outside a project."""
    try:
        project.find()
    except AbmError:
        if project.chosen.get():
            raise
        return None
    return agreed_words()


def agreed_words() -> Words:
    """The project's agreement as it is written, or the one in force where there is no such file;
    and the names that playbooks may use under it."""
    from orchestrator.engine import agreement
    from orchestrator.engine.plays import playbook_files

    settings, file = project.settings(), project.find() / AGREEMENT
    if file.is_file():
        try:
            agreed = agreement.parse(text_of(playbook_files.read(file)), str(file))
        except Problems:
            pass  # told when the file itself is checked
        else:
            return agreed, playbook_files.vocabulary_of(agreed, settings)
    with project.opened() as app, app.ctx.db.reading() as session:
        agreed = agreement.current(session)
    return agreed, playbook_files.vocabulary_of(agreed, settings)


def _tally(problems: Iterable[Sequence[Problem]]) -> str:
    """`2 errors, 1 warning`."""
    kinds = Counter(one.severity for of_file in problems for one in of_file)
    return ", ".join(counted(kinds[kind], kind) for kind in sorted(kinds)) or "nothing to mend"


def say_problems(problems: Sequence[Problem]) -> None:
    """Each with the line in which it stands."""
    from orchestrator.engine.plays.playbook_files import read

    sources = {file: text_of(read(Path(file))) for file in {one.file for one in problems}}
    for problem in problems:
        say("\n".join([*problem_lines(problem, sources[problem.file]), ""]))


def not_agreed(ctx: Context) -> str:
    """The hint where `abm check` may find nothing: it goes by the agreement as it is written."""
    from orchestrator.engine import agreement
    from orchestrator.engine.plays import playbook_files

    file = project.find() / AGREEMENT
    if not file.is_file():
        return ""
    with ctx.db.reading() as session:
        in_force = agreement.is_in_force(session, text_of(playbook_files.read(file)))
    return "" if in_force else f"{AGREEMENT} is not in force yet: `abm apply {AGREEMENT}`"


def plan_of(named: str) -> Plan:
    """The plan of a file, or else of the version in force of a playbook of that name."""
    from orchestrator.engine.plays import playbook_files
    from orchestrator.language import check

    file = Path(named)
    if file.is_file() or file.suffix in _YAML:
        groups = playbook_files.groups_beside(file)
        checked = check(playbook_files.read(file), named, vocabulary(), groups)
        if checked.plan is None:
            say_problems(checked.problems)
            raise typer.Exit(EXPECTED)
        return checked.plan
    from orchestrator.engine.plays.enrolling import current

    with project.opened() as app, app.ctx.db.reading() as session:
        return current(app.ctx, session, named)[2]


def apply(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Playbooks, agreement.")],
    by: By = "",
) -> None:
    """Store playbooks as new versions, and the agreement as the one in force."""
    from orchestrator.engine.plays.playbook_files import read
    from orchestrator.engine.staff.auditing import recorded

    sources = {file: text_of(read(file)) for file in files}
    # The agreement first: the playbooks speak of its segments and personas.
    ordered = sorted(files, key=lambda file: not is_agreement(file, sources[file]))
    with project.working() as app:
        if by:
            app.user(by)
        for file in ordered:
            about = _about(file, sources[file])
            ctx = recorded(app.ctx, project.deed("apply", about, file.name, by=by))
            try:
                say(_apply(replace(app, ctx=ctx), file, sources[file], by))
            except Problems as error:
                say_problems(error.problems)
                reason = f"{file} was not applied: {error.reason}"
                raise AbmError(reason, not_agreed(app.ctx)) from None


def _apply(app: App, file: Path, source: str, by: str) -> str:
    from orchestrator.engine import agreement
    from orchestrator.engine.plays import playbook_files, playbooks

    if is_agreement(file, source):
        changed = agreement.apply(app.ctx, source, str(file))
        return f"{file}: " + ("in force from now on" if changed else "in force already")
    done = playbooks.apply(app.ctx, source, str(file), by, playbook_files.groups_beside(file))
    say_problems(done.warnings)
    new = "now" if done.changed else "as before"
    return f"{file}: {done.playbook} is at version {done.number} {new}"


_AGREES = re.compile(r"^(segments|personas|account_team|score|sign_off|holdout)\s*:", re.MULTILINE)
_NAME = re.compile(r"^name\s*:\s*[\"']?([\w-]+)", re.MULTILINE)
_PLAYS = re.compile(r"^(name|steps)\s*:", re.MULTILINE)


def is_agreement(file: Path, source: str) -> bool:
    """Whether it is the agreement: by its name, or by what it says."""
    return file.name == AGREEMENT or bool(_AGREES.search(source) and not _PLAYS.search(source))


def _about(file: Path, source: str) -> str:
    """What a file changes, in the words of the audit log."""
    named = _NAME.search(source)
    return "agreement" if is_agreement(file, source) else f"playbook {named[1] if named else ''}"


def text_of(content: bytes) -> str:
    """A file's text; what is no UTF-8 in it is kept for whoever tells of it."""
    return content.decode("utf-8-sig", "surrogateescape")


def schema(
    group: Annotated[bool, typer.Option("--group", help="That of groups of steps.")] = False,
) -> None:
    """Print the language as JSON Schema, for editors; `abm init` and `check` keep it in .abm/."""
    import json

    from orchestrator.language import json_schema

    say(json.dumps(json_schema(group=group), indent=1))


# ---------------------------------------------------------------- enroll


def enroll(
    playbook: Annotated[str, typer.Argument(help="Its name.")],
    accounts: Annotated[
        list[str] | None, typer.Argument(metavar="ACCOUNT…", help="Names, domains or ids.")
    ] = None,
    segment: Annotated[str, typer.Option(metavar="NAME", help="All accounts of it.")] = "",
    list_name: Annotated[str, typer.Option("--list", metavar="NAME", help="All on it.")] = "",
    by: By = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Change nothing.")] = False,
    as_json: Json = False,
) -> None:
    """Let signed target accounts start a playbook, at its pace."""
    from orchestrator.engine.plays.enrolling import enroll
    from orchestrator.engine.plays.targets import called

    if not accounts and not segment and not list_name:
        raise typer.BadParameter("say which accounts: their names, --segment or --list")
    about, detail = f"playbook {playbook}", f"list={list_name} segment={segment}"
    with project.recorded("enroll", about, detail, by=by, dry_run=dry_run) as app:
        ids = called(app.ctx, accounts or [])
        done = enroll(
            app.ctx, playbook, accounts=ids, segment=segment, list_name=list_name, by=by,
            dry_run=dry_run,
        )  # fmt: skip
    if as_json:
        say_json({**_plain(done), "dry_run": dry_run})
    else:
        _say_enrolled(done, dry_run)


def _plain(done: Enrolled) -> dict[str, object]:
    return {
        "playbook": done.playbook, "version": done.version, "enrolled": done.accounts,
        "refused": done.refused, "counts": done.counts,
    }  # fmt: skip


def _say_enrolled(done: Enrolled, dry_run: bool) -> None:
    would = "would be " if dry_run else ""
    into = f"{done.playbook}, version {done.version}"
    say(f"{counted(len(done.accounts), 'account')} {would}enrolled in {into}")
    if done.refused:
        rules = ", ".join(f"{rule} {number}" for rule, number in done.counts.most_common())
        say(f"{counted(len(done.refused), 'account')} {would}left out: {rules}")
        rows = [[one.account, one.reason] for one in done.refused[:MOST]]
        say_table(["account", "because"], rows)
        if len(done.refused) > MOST:
            say(f"and {len(done.refused) - MOST:,} more: --json shows them all")


# ---------------------------------------------------------------- pause, resume, stop


class What(StrEnum):
    """What may be paused, resumed and stopped."""

    PLAYBOOK = "playbook"
    ACCOUNT = "account"


Kind = Annotated[What, typer.Argument(help="playbook or account.")]
Name = Annotated[str, typer.Argument(help="Its name; an account's domain or id, too.")]
Play = Annotated[
    str, typer.Option("--play", metavar="PLAYBOOK", help="Only this play of the account.")
]
Reason = Annotated[str, typer.Option(metavar="TEXT", help="Why; it stands on the log.")]


def pause(
    kind: Kind,
    name: Name,
    until: Annotated[
        str, typer.Option(metavar="DATE", help="Resume by itself then; as 2026-03-02.")
    ] = "",
    play: Play = "",
    reason: Reason = "",
    by: By = "",
) -> None:
    """Hold a playbook or an account; nothing leaves meanwhile, tasks stay workable."""
    from orchestrator.engine.plays import holding

    with project.recorded("pause", f"{kind.value} {name}", f"until={until}", by=by) as app:
        zone = app.ctx.settings.workspace.zone
        at = instant(until, zone) if until else None
        done = holding.pause(
            app.ctx, holding.target(app.ctx, kind.value, name, play), by=by, reason=reason, until=at
        )
    say(f"{done}" + (f" until {when(at, zone)}" if at else ""))


def resume(kind: Kind, name: Name, play: Play = "", reason: Reason = "", by: By = "") -> None:
    """Let a playbook or an account that was paused go on."""
    from orchestrator.engine.plays import holding

    with project.recorded("resume", f"{kind.value} {name}", by=by) as app:
        target = holding.target(app.ctx, kind.value, name, play)
        say(f"{holding.resume(app.ctx, target, by=by, reason=reason)}")


def stop(kind: Kind, name: Name, play: Play = "", reason: Reason = "", by: By = "") -> None:
    """End all plays of a playbook or an account for good; open tasks are cancelled."""
    from orchestrator.engine.plays import holding

    with project.recorded("stop", f"{kind.value} {name}", by=by) as app:
        target = holding.target(app.ctx, kind.value, name, play)
        say(f"{holding.stop(app.ctx, target, by=by, reason=reason)}")


def instant(said: str, zone: str) -> datetime:
    """The begin of a day on the workspace's clock, or an instant with its own offset."""
    try:
        at = datetime.fromisoformat(said.strip())
    except ValueError:
        hint = "write it as 2026-03-02 or 2026-03-02T09:00"
        raise AbmError(f"{said!r} is no date", hint) from None
    return at if at.tzinfo else at.replace(tzinfo=ZoneInfo(zone))
