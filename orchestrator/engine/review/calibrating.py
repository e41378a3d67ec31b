"""Correct the matcher's probabilities by people's own decisions, and take that back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlmodel import Session

from accounts.calibrating import Calibrated, Judged, calibrate
from accounts.errors import AbmError
from accounts.matching import Calibration
from accounts.records import CalibrationVersion
from orchestrator.engine.context import Context
from orchestrator.engine.staff import users
from orchestrator.store.companies import calibrations as store
from orchestrator.store.companies import reviews


@dataclass(frozen=True, slots=True)
class Report:
    """What people decided and what follows from it. `version` and `since` are of the correction
    that holds now: 0 and none where nobody has stored any; `stored` is a new one's number.

    `untold` decisions were about what something else than the matcher's model had asked.
    """

    answers: Mapping[str, int]
    untold: int
    accept: float
    version: int
    since: datetime | None
    present: Calibration
    found: Calibrated
    stored: int = 0


def report(ctx: Context) -> Report:
    """What the decisions say; nothing is changed."""
    with ctx.db.reading() as session:
        return _report(ctx, session)


def apply(ctx: Context, by: str) -> Report:
    """Let the correction hold for everybody who asks the matcher from now on.

    AbmError when there are too few decisions, or when it would not help.
    """
    with ctx.db.writing() as session:
        reviews.lock_imports(session)
        user_id = users.user_id(session, by)
        found = _report(ctx, session)
        if reason := why_not(found.found):
            raise AbmError(
                f"nothing is changed: {reason}", "`abm match calibrate` shows the report"
            )
        return _stored(ctx, session, found, found.found.calibration, user_id)


def reset(ctx: Context, by: str) -> Report:
    """Take every correction back: the matcher is as it was shipped; the versions are kept.

    AbmError when none holds.
    """
    with ctx.db.writing() as session:
        reviews.lock_imports(session)
        user_id = users.user_id(session, by)
        found = _report(ctx, session)
        if found.present == Calibration():
            raise AbmError("the matcher is as it was shipped", "there is nothing to take back")
        return _stored(ctx, session, found, Calibration(), user_id)


def why_not(found: Calibrated) -> str:
    """Why the correction is better not stored; "" when it helps."""
    if not found.enough:
        return "too few decisions, or too few of one kind, to learn from"
    return "" if found.helps else "it would not be better than what holds now"


def _report(ctx: Context, session: Session) -> Report:
    said = store.last_words(session)
    judged = [
        Judged(one.probability, one.answer == "same", one.doubted)
        for one in said
        if one.probability is not None
    ]
    present, version, since = Calibration(), 0, None
    if held := store.newest(session):
        present = Calibration(held.slope, held.shift, held.doubt)
        version, since = held.id or 0, held.at
    accept = ctx.settings.matching.rules.accept
    return Report(
        Counter(one.answer for one in said), len(said) - len(judged), accept, version, since,
        present, calibrate(judged, accept, present),
    )  # fmt: skip


def _stored(
    ctx: Context, session: Session, found: Report, calibration: Calibration, user_id: int
) -> Report:
    version = CalibrationVersion(
        **asdict(calibration), report=_figures(found.found), user_id=user_id, at=ctx.clock.now()
    )
    number = store.store(session, version)
    return Report(
        found.answers, found.untold, found.accept, number, version.at, calibration, found.found,
        number,
    )  # fmt: skip


def _figures(found: Calibrated) -> dict[str, object]:
    """What was known when it was stored, as JSON keeps it."""
    return asdict(found)
