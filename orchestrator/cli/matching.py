"""Commands about which records are one company: match, find doubles, merge, part them again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from accounts.errors import AbmError
from orchestrator.cli import project
from orchestrator.cli.output import (
    Json,
    clean,
    counted,
    note,
    progress,
    say,
    say_json,
    say_table,
)

if TYPE_CHECKING:
    from accounts.deduping import Told
    from accounts.tables import Rejected
    from orchestrator.engine.companies.matching import Asked, Found, Matched
    from orchestrator.engine.review.deduping import Doubles, Sorted
    from orchestrator.engine.review.merging import Done

By = Annotated[str, typer.Option("--by", metavar="USER", help="Who decides.")]


# ---------------------------------------------------------------- match


def match(
    records: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="RECORD",
            help="A name, a domain, an e-mail, or 'name=…, country=…'; asked of the workspace.",
        ),
    ] = None,
    accounts: Annotated[
        Path | None, typer.Option(metavar="A.csv", help="A list of accounts, with --queries.")
    ] = None,
    queries: Annotated[
        Path | None, typer.Option(metavar="Q.csv", help="A list of records to find among them.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="OUT.csv", help="Where the lists' answer goes.")
    ] = None,
    rejects: Annotated[
        Path | None,
        typer.Option(metavar="FILE", dir_okay=False, help="Where rows go that say nothing."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Say which account a record is, how sure that is and why; or answer a whole list.

    `abm match calibrate` corrects the matcher by your own decisions.
    """
    if accounts and queries and out and not records:
        _match_lists(accounts, queries, out, rejects, as_json)
    elif records and not any((accounts, queries, out, rejects)):
        _match_records(records, as_json)
    else:
        raise typer.BadParameter(
            "say either records, or lists: --accounts A.csv --queries Q.csv --out OUT.csv"
        )


def _match_records(words: Sequence[str], as_json: bool) -> None:
    from orchestrator.cli.typed import records_of
    from orchestrator.engine.companies.matching import match_records

    asked = list(records_of(words))
    with project.opened() as app:
        found = match_records(app.ctx, asked)
    if as_json:
        say_json(found)
        return
    for one in found:
        _say_found(one)


def _say_found(one: Found) -> None:
    from orchestrator.engine.companies.matching import FIELDS

    said = ", ".join(filter(None, (getattr(one.record, field) for field in FIELDS)))
    answer = f"{one.account} ({one.account_id})" if one.account_id is not None else "no account"
    say(clean(f"{one.verdict.value}  {answer}, {one.probability:.2f}: {said[:200]}"))
    say(clean(f"        because {'; '.join(one.reasons)}"))
    if one.runner_up_id is not None:
        say(clean(f"        next: {one.runner_up} ({one.runner_up_id})"))


def _match_lists(
    accounts: Path, queries: Path, out: Path, rejects: Path | None, as_json: bool
) -> None:
    from orchestrator.engine.companies.matching import match_lists

    taken = {accounts.resolve(), queries.resolve()}
    for file in (out, *_rejects(rejects)):
        if file.resolve() in taken:
            raise AbmError(f"{file} would be written over another file", "name one of its own")
        taken.add(file.resolve())
    lists = _list(accounts, "account_id"), _list(queries, "query_id")
    rules = project.rules()
    with progress(f"matching {queries.name}") as matching, _writing(out) as answer:
        done = match_lists(*lists, answer, matching, rules=rules)
    _write_rejected(lists, done, rejects)
    if as_json:
        say_json(_summary(done, out))
        return
    verdicts = ", ".join(f"{done.verdicts[one]:,} {one}" for one in ("accept", "review", "none"))
    speed = f"{done.records_per_second:,.0f} a second"
    say(clean(f"{counted(done.records, 'record')} against {counted(done.accounts, 'account')}: "
              f"{verdicts}; {done.seconds:.1f} s, {speed}: see {out}"))  # fmt: skip


def _summary(done: Matched, out: Path) -> dict[str, object]:
    return {
        "accounts": done.accounts,
        "records": done.records,
        "verdicts": {one: done.verdicts[one] for one in ("accept", "review", "none")},
        "rejected": len(done.rejected),
        "rejected_accounts": len(done.rejected_accounts),
        "index_seconds": round(done.index_seconds, 3),
        "seconds": round(done.seconds, 3),
        "records_per_second": round(done.records_per_second),
        "out": clean(str(out)),
    }


def _list(file: Path, id_header: str) -> Asked:
    from accounts.tables import open_table
    from orchestrator.engine.companies.matching import asked

    try:
        reading = open_table(_read(file))
    except AbmError as error:
        if str(file) in error.reason:
            raise
        raise AbmError(f"{file}: {error.reason}", error.hint) from None
    found = asked(str(file), reading, id_header)
    for text in found.notices:
        note(clean(f"note: {file}: {text}"))
    return found


def _rejects(file: Path | None) -> tuple[Path, ...]:
    """Where rejected queries and rejected accounts go: each file can be mended and given again."""
    return (file, file.with_suffix(f".accounts{file.suffix}")) if file else ()


def _write_rejected(lists: tuple[Asked, Asked], done: Matched, rejects: Path | None) -> None:
    from accounts.tables import write_rejects

    queries_to, accounts_to = _rejects(rejects) or (None, None)
    for one, rejected, file in (
        (lists[1], done.rejected, queries_to),
        (lists[0], done.rejected_accounts, accounts_to),
    ):
        if rejected and file:
            _write(file, write_rejects(rejected, one.reading.headers))
        if rejected:
            note(clean(f"{one.name}: {_told_of(rejected)}: "
                       + (f"see {file}" if file else "--rejects FILE keeps them")))  # fmt: skip


def _told_of(rejected: Sequence[Rejected]) -> str:
    first = rejected[0]
    rows = counted(len(rejected), "row")
    return f"{rows} rejected, first line {first.line}, because {first.reason}"


# ---------------------------------------------------------------- doubles


def dedupe(
    file: Annotated[
        Path | None,
        typer.Argument(metavar="FILE.csv", help="A list of accounts. Default: the workspace's."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="OUT.csv", help="Where the file's answer goes.")
    ] = None,
    keep: Annotated[
        str,
        typer.Option(metavar="WORDS", help="What decides which to keep, as tier,oldest."),
    ] = "",
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="Show at most so many.")] = 50,
    queue: Annotated[
        bool, typer.Option("--ask", help="Put the workspace's doubles into `abm review`.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Find accounts that are one company, the surest first; nothing is merged."""
    if file and queue:
        raise typer.BadParameter("--ask is for the workspace's own accounts")
    if file:
        _dedupe_file(file, out, limit, as_json)
        return
    if out:
        raise typer.BadParameter("--out is for a file: `abm dedupe FILE.csv --out OUT.csv`")
    from orchestrator.engine.review.deduping import doubles
    from orchestrator.engine.review.pairs import ask

    words = tuple(filter(None, map(str.strip, keep.split(","))))
    opened = project.recorded("dedupe", "accounts", "ask") if queue else project.opened()
    with opened as app, progress("comparing accounts") as comparing:
        found = doubles(app.ctx, words, comparing)
        asked = ask(app.ctx, found) if queue else None
    if as_json:
        say_json(found[:limit])
        return
    for one in found[:limit]:
        _say_doubles(one)
    if len(found) > limit:
        say(f"{len(found) - limit:,} more: --limit {len(found)}")
    if not found:
        say("no two accounts seem to be one company")
    if asked is not None:
        say(f"{counted(asked, 'new question')}: abm review")


def _say_doubles(one: Doubles) -> None:
    others = " ".join(str(other.id) for other in one.others)
    say(clean(f"{one.probability:.2f}  keep {one.survivor} ({one.survivor_id}): {one.because}"))
    for other in one.others:
        why = "; ".join(other.reasons)
        say(clean(f"      {other.name} ({other.id}) {other.probability:.2f}: {why}"))
        _say_told(other.told)
    say(f"      abm merge {one.survivor_id} {others} --by USER")
    say()


def _say_told(told: Iterable[Told]) -> None:
    for one in told:
        lost = f"; {one.lost} is kept as {one.kept}" if one.kept else ""
        if one.lost and not one.kept:
            lost = f"; not {one.lost}"
        say(clean(f"        {one.field}: {one.value} ({one.why}{lost})"))


def _dedupe_file(file: Path, out: Path | None, limit: int, as_json: bool) -> None:
    from orchestrator.engine.review.deduping import of_file

    rules = project.rules()
    with progress(f"comparing {file.name}") as comparing:
        found = of_file(_read(file), comparing, rules)
    if out:
        _write(out, found.text)
    if as_json:
        say_json({"rows": found.rows, "rejected": found.rejected, "pairs": found.pairs,
                  "clusters": [{"members": one.members, "probability": one.probability}
                               for one in found.clusters[:limit]]})  # fmt: skip
        return
    if not out:
        _say_clusters(found, limit)
    say(f"{counted(found.rows, 'row')}, {counted(len(found.clusters), 'cluster')} of doubles, "
        f"{counted(found.pairs, 'pair')}" + f": see {out}" * bool(out))  # fmt: skip
    if found.rejected:
        note(f"{counted(found.rejected, 'row')} could not be read")


def _say_clusters(found: Sorted, limit: int) -> None:
    say_table(
        ["cluster", "row", "name", "probability", "because"],
        [
            [found.row_ids[cluster.ids[0]], found.row_ids[one.id], found.labels[one.id],
             f"{one.probability:.2f}", "; ".join(one.reasons)]
            for cluster in found.clusters[:limit]
            for one in cluster.members
        ],
    )  # fmt: skip


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise AbmError(f"{file} cannot be read: {error.strerror}") from None


@contextmanager
def _writing(file: Path) -> Iterator[TextIO]:
    """The file, written whole or not at all; a pipe or device, /dev/stdout too, as it is."""
    stream = file.parent in (Path("/dev"), Path("/dev/fd"))  # /dev/shm holds files as any folder
    device = stream or (file.exists() and not file.is_file())
    target, plain = file if device else file.resolve(), not device
    part = target.with_name(f".{target.name}.part") if plain else target
    try:
        with part.open("w", encoding="utf-8", newline="") as out:
            yield out
        if plain:
            part.replace(target)
    except OSError as error:
        raise AbmError(f"{file} cannot be written: {error.strerror}") from None
    finally:
        if plain:
            part.unlink(missing_ok=True)


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text, "utf-8")
    except OSError as error:
        raise AbmError(f"{file} cannot be written: {error.strerror}") from None


# ---------------------------------------------------------------- merge, and back


def merge(
    survivor: Annotated[str, typer.Argument(metavar="SURVIVOR", help="The account to keep.")],
    others: Annotated[
        list[str], typer.Argument(metavar="OTHER…", help="Those that live on in it: ids, names.")
    ],
    by: By,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show it, and write nothing.")] = False,
    as_json: Json = False,
) -> None:
    """Let accounts live on in another one, with all that is theirs; `abm unmerge` parts them."""
    from orchestrator.engine.review.merging import merge as merge_accounts
    from orchestrator.engine.review.merging import named

    about, detail = f"account {survivor}", f"from={','.join(others)}"
    with project.recorded("merge", about, detail, by=by, dry_run=dry_run) as app:
        ids = named(app.ctx, [survivor, *others])
        done = merge_accounts(app.ctx, ids[0], ids[1:], by, dry_run=dry_run)
    if as_json:
        say_json(done)
        return
    for one in done:
        _say_merge(one)
    if dry_run:
        say("nothing is written yet: the same without --dry-run writes it")


def _say_merge(one: Done) -> None:
    from orchestrator.engine.review.merging import in_words

    into = f"{one.other} ({one.other_id}) lives on in {one.survivor} ({one.survivor_id})"
    say(clean(f"{into}: {in_words(one.counts) or 'nothing had to move'}"))
    if one.ruled:
        note(clean(f"note: {one.ruled}"))
    for words in (*one.plays, *one.same, *(f"{who}: they stay two" for who in one.unsure)):
        say(clean(f"  {words}"))
    _say_told(one.told)
    if one.id:
        say(f"  to part them again: abm unmerge {one.id} --by USER")


def unmerge(
    merge_id: Annotated[int, typer.Argument(metavar="ID", help="As `abm merge` and `log` say.")],
    by: By,
    as_json: Json = False,
) -> None:
    """Part accounts that were merged; what changed since stays, and is named."""
    from orchestrator.engine.review.parting import unmerge as part

    with project.recorded("unmerge", f"merge {merge_id}", by=by) as app:
        done = part(app.ctx, merge_id, by)
    if as_json:
        say_json(done)
        return
    say(clean(f"{done.other} is an account of its own again, apart from {done.survivor}"))
    for line in done.left:
        say(clean(f"  left as it is: {line}"))
