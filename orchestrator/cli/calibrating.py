"""The command that corrects the matcher by one's own decisions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from orchestrator.cli import project
from orchestrator.cli.output import Json, counted, say, say_json, say_table, when

if TYPE_CHECKING:
    from accounts.calibrating import Calibrated, Quality
    from accounts.matching import Calibration
    from orchestrator.engine.review.calibrating import Report


def calibrate(
    apply: Annotated[bool, typer.Option("--apply", help="Let the correction hold.")] = False,
    reset: Annotated[bool, typer.Option("--reset", help="Go back to the matcher as shipped.")] = (
        False
    ),
    by: Annotated[str, typer.Option("--by", metavar="USER", help="Who decides.")] = "",
    as_json: Json = False,
) -> None:
    """Say how right the matcher was by your own decisions, before and after a correction."""
    from orchestrator.engine.review import calibrating

    if apply and reset:
        raise typer.BadParameter("say either --apply or --reset")
    if (apply or reset) and not by:
        raise typer.BadParameter("say who decides: --by USER")
    detail = "reset" if reset else "apply"
    doing = project.recorded("match calibrate", "matcher", detail, by=by)
    with doing if by else project.opened() as app:
        zone = app.ctx.settings.workspace.zone
        if apply:
            found = calibrating.apply(app.ctx, by)
        else:
            found = calibrating.reset(app.ctx, by) if reset else calibrating.report(app.ctx)
    if as_json:
        say_json(found)
    elif found.stored:
        say(f"version {found.stored} holds from now on: {_line(found.present)}")
    else:
        _say_report(found, zone)


def _say_report(found: Report, zone: str) -> None:
    from orchestrator.engine.review.calibrating import why_not

    answers = ", ".join(f"{number:,} {answer}" for answer, number in sorted(found.answers.items()))
    told = found.found.decisions
    say(f"{counted(told + found.untold, 'decision')}{': ' if answers else ''}{answers}; "
        f"{told:,} of them about what the matcher itself had asked")  # fmt: skip
    since = f" since {when(found.since, zone)} (version {found.version})" if found.since else ""
    say(f"now{since}: {_line(found.present)}")
    if reason := why_not(found.found):
        say(f"nothing to change: {reason}")
    else:
        say(f"proposed: {_line(found.found.calibration)}")
    if found.found.before is not None:
        _say_figures(found.found)
    if not why_not(found.found):
        say("`abm match calibrate --apply --by USER` lets it hold, --reset takes it back")


def _say_figures(found: Calibrated) -> None:
    shown = [("now", found.before, found.threshold_before), ("then", found.after, found.threshold)]
    there = [(name, one, accepted) for name, one, accepted in shown if one is not None]
    say()
    say_table(
        ["", *(name for name, _, _ in there)],
        [
            ["Brier score (0 is best)", *(f"{one.brier:.3f}" for _, one, _ in there)],
            ["log loss (0 is best)", *(f"{one.log_loss:.3f}" for _, one, _ in there)],
            ["right of those accepted", *(_share(one.precision) for _, one, _ in there)],
            ["accepted of those right", *(_share(one.recall) for _, one, _ in there)],
            ["accepted from", *(f"{accepted:.3f}" for _, _, accepted in there)],
        ],
    )
    say()
    for name, one, _ in there:
        say_table([f"{name}: pairs", "were held to be right", "were right"], _bins(one))
        say()
    say(_CAUTION)


_CAUTION = """\
"then" is judged by five corrections, each learned without the decisions that it judges.
People see what was unsure, and pairs of accounts: what was accepted alone is not judged, nor is
what nobody asked about. Answer `abm dedupe --ask`, too, to have sure pairs judged."""


def _share(figure: float | None) -> str:
    return "-" if figure is None else f"{figure:.3f}"


def _bins(quality: Quality) -> list[list[object]]:
    return [[one.count, f"{one.predicted:.2f}", f"{one.right:.2f}"] for one in quality.bins]


def _line(one: Calibration) -> str:
    from accounts.matching import Calibration

    if one == Calibration():
        return "the matcher as it was shipped"
    return f"log-odds × {one.slope:.2f} {one.shift:+.2f}, with a doubt {one.doubt:+.2f}"
