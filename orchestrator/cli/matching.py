"""Commands about which records are one company: find doubles, merge them, part them again."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

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
    from orchestrator.engine.deduping import Doubles, Sorted
    from orchestrator.engine.merging import Done

By = Annotated[str, typer.Option("--by", metavar="USER", help="Who decides.")]


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
    as_json: Json = False,
) -> None:
    """Find accounts that are one company, the surest first; nothing is merged."""
    if file:
        _dedupe_file(file, out, limit, as_json)
        return
    if out:
        raise typer.BadParameter("--out is for a file: `abm dedupe FILE.csv --out OUT.csv`")
    from accounts.deduping import TIE_BREAKERS
    from orchestrator.engine.deduping import doubles

    words = tuple(filter(None, map(str.strip, keep.split(",")))) or TIE_BREAKERS
    with project.opened() as app, progress("comparing accounts") as comparing:
        found = doubles(app.ctx, words, comparing)
    if as_json:
        say_json(found[:limit])
        return
    for one in found[:limit]:
        _say_doubles(one)
    if len(found) > limit:
        say(f"{len(found) - limit:,} more: --limit {len(found)}")
    if not found:
        say("no two accounts seem to be one company")


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
    from orchestrator.engine.deduping import of_file

    try:
        data = file.read_bytes()
    except OSError as error:
        raise AbmError(f"{file} cannot be read: {error.strerror}") from None
    with progress(f"comparing {file.name}") as comparing:
        found = of_file(data, comparing)
    if out:
        _write(out, found.text)
    if as_json:
        say_json({"rows": found.rows, "rejected": found.rejected, "pairs": found.pairs,
                  "clusters": found.clusters[:limit]})  # fmt: skip
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
    from orchestrator.engine.merging import merge as merge_accounts
    from orchestrator.engine.merging import named

    with project.opened() as app:
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
    from orchestrator.engine.merging import in_words

    into = f"{one.other} ({one.other_id}) lives on in {one.survivor} ({one.survivor_id})"
    say(clean(f"{into}: {in_words(one.counts) or 'nothing had to move'}"))
    for play in one.plays:
        say(clean(f"  {play}"))
    _say_told(one.told)
    if one.id:
        say(f"  to part them again: abm unmerge {one.id} --by USER")


def unmerge(
    merge_id: Annotated[int, typer.Argument(metavar="ID", help="As `abm merge` and `log` say.")],
    by: By,
    as_json: Json = False,
) -> None:
    """Part accounts that were merged; what changed since stays, and is named."""
    from orchestrator.engine.parting import unmerge as part

    with project.opened() as app:
        done = part(app.ctx, merge_id, by)
    if as_json:
        say_json(done)
        return
    say(clean(f"{done.other} is an account of its own again, apart from {done.survivor}"))
    for line in done.left:
        say(clean(f"  left as it is: {line}"))
