"""Commands of the review queue: what a person should look at, the best question first."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from orchestrator.cli import project
from orchestrator.cli.output import Json, clean, counted, cut, say, say_json, screen

if TYPE_CHECKING:
    from orchestrator.engine.review.questions import Question

_ANSWERS = ("same", "new", "never")


class _Answering(TyperGroup):
    """`abm review 3 4 --same` is `abm review same 3 4`: ids come to mind before the answer."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        said = [word for word in _ANSWERS if f"--{word}" in args]
        if len(said) == 1:
            args = [said[0], *(one for one in args if one != f"--{said[0]}")]
        elif said or any(one.isdecimal() for one in args[:1]):
            raise typer.BadParameter("say one answer: --same, --new or --never")
        return super().parse_args(ctx, args)


reviews = typer.Typer(
    cls=_Answering,
    help="What the matcher was unsure about, the best question first.",
    invoke_without_command=True,
)

Ids = Annotated[list[int], typer.Argument(metavar="ID", help="Questions, as `abm review` says.")]
By = Annotated[str, typer.Option("--by", metavar="USER", help="Who decides.")]
Limit = Annotated[int, typer.Option(min=1, max=10_000, help="At most so many.")]


@reviews.callback()
def review_default(ctx: typer.Context, limit: Limit = 20, as_json: Json = False) -> None:
    """List open questions, the best first; `abm review ID… --same`, `--new` or `--never` say."""
    if ctx.invoked_subcommand is None:
        review_list(limit, as_json)


@reviews.command("list")
def review_list(limit: Limit = 20, as_json: Json = False) -> None:
    """List open questions, the one whose answer is worth most first."""
    from orchestrator.engine.review.questions import questions

    with project.opened() as app:
        found = questions(app.ctx, limit + 1)
    if as_json:
        say_json(found[:limit])
        return
    for one in found[:limit]:
        _say_question(one)
    if not found:
        say("nothing to decide")
        return
    if len(found) > limit:
        say(f"more are open: --limit {limit * 10}")
    say("abm review ID… --same, --new or --never, --by USER")


def _say_question(one: Question) -> None:
    """The two names under each other, then what speaks for and against, then why it stands here."""
    width = screen()
    gap = " " * (len(str(one.id)) + 2)
    for line in (
        f"{one.id}  {_said(one)}",
        f"{gap}{_may_be(one)}? {one.score:.2f}",
        f"{gap}{'; '.join(one.reasons)}",
        f"{gap}{one.because}; worth {one.worth:.1f}; {one.source}",
    ):
        shown = clean(line)
        say(cut(shown, width) if width else shown)
    say()


def _may_be(one: Question) -> str:
    account = f"{one.candidate} ({one.candidate_id})"
    return f"{one.record['person']} at {account}" if one.record.get("person") else account


def _said(one: Question) -> str:
    """The record in one line: the company first, for it is what is asked about."""
    if one.double_id:
        return f"{one.label} ({one.double_id})"
    said = one.record
    company, person = said.get("company", ""), said.get("name", "")
    names = (company, person) if one.kind != "account" else (person,)
    rest = (said.get(name, "") for name in ("website", "email", "city", "country"))
    shown = [text for text in (*names, *rest) if text]
    return ", ".join(dict.fromkeys(shown))


@reviews.command("same")
def review_same(ids: Ids, by: By) -> None:
    """Say that the two are one: names are remembered, accounts are merged."""
    _decide(ids, "same", by)


@reviews.command("new")
def review_new(ids: Ids, by: By) -> None:
    """Say that the row is another account: one that we know, or else a new one."""
    _decide(ids, "new", by)


@reviews.command("never")
def review_never(ids: Ids, by: By) -> None:
    """Say that the two are never one; a third account is asked about next."""
    _decide(ids, "never", by)


def _decide(ids: Iterable[int], answer: str, by: str) -> None:
    from orchestrator.engine.review.reviewing import Answer, decide
    from orchestrator.engine.staff.auditing import recorded

    served: set[int] = set()
    with project.working() as app:
        for one in ids:
            if one in served:
                continue
            deed = project.deed(f"review {answer}", f"question {one}", by=by)
            done = decide(recorded(app.ctx, deed), one, Answer(answer), by)
            served.update(done.serves)
            more = counted(len(done.serves) - 1, "question") if len(done.serves) > 1 else ""
            also = f", and {more} with it" if more else ""
            asked = ": may it be that one? It is asked again" if done.open else ""
            say(clean(f"{one}: {answer}, {done.account} ({done.account_id}){also}{asked}"))
