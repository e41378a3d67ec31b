"""Pages of accounts. A page begins after the last line of the one before, so that the hundredth
costs no more than the first."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import Select, case, func, or_, select, tuple_
from sqlmodel import Session

from orchestrator.store.tables import ACCOUNT, ENROLLMENT, PLAYBOOK

LIVE = ("active", "paused")


class Line(NamedTuple):
    """An account as a list shows it, with the play that it is in."""

    id: int
    name: str
    domain: str
    country: str
    segment: str
    tier: int
    stage: str
    fit: float
    engagement: float
    play: str
    play_status: str


_LINE = (
    select(
        *(ACCOUNT.c[name] for name in Line._fields[:-2]),
        func.coalesce(ENROLLMENT.c.playbook, ""),
        func.coalesce(ENROLLMENT.c.status, ""),
    )
    .select_from(ACCOUNT)
    .outerjoin(
        ENROLLMENT, (ENROLLMENT.c.account_id == ACCOUNT.c.id) & ENROLLMENT.c.status.in_(LIVE)
    )
    .where(ACCOUNT.c.merged_into.is_(None))
)
# What a list can be sorted by; each ascends, so that what is most worth its while comes first.
SORTS: dict[str, Any] = {
    "name": ACCOUNT.c.name,
    "tier": case((ACCOUNT.c.tier > 0, ACCOUNT.c.tier), else_=99),
    "fit": -ACCOUNT.c.fit,
    "engaged": -ACCOUNT.c.engagement,
}


def place(line: Line, sort: str) -> str | float:
    """Where a line stands in the order of a sort."""
    if sort == "name":
        return line.name
    return {"tier": line.tier or 99, "fit": -line.fit, "engaged": -line.engagement}[sort]


def accounts(
    session: Session, *, said: str, tier: int, stage: str, play: str, sort: str,
    after: tuple[str | float, int] | None, limit: int,
) -> list[Line]:  # fmt: skip
    """At most `limit` accounts in the order of `sort`; an account has at most one live play."""
    by = SORTS[sort]
    query = _LINE.order_by(by, ACCOUNT.c.id).limit(limit)
    if after:
        query = query.where(tuple_(by, ACCOUNT.c.id) > after)
    if said:
        query = query.where(
            or_(
                ACCOUNT.c.name.icontains(said, autoescape=True),
                ACCOUNT.c.domain.icontains(said, autoescape=True),
            )
        )
    if tier:
        query = query.where(ACCOUNT.c.tier == tier)
    if stage:
        query = query.where(ACCOUNT.c.stage == stage)
    if play:
        query = query.where(ENROLLMENT.c.playbook == play)
    return [Line._make(row) for row in session.connection().execute(query)]


def _stages() -> Select[Any]:
    """From one stage to the next in their index: DISTINCT would read every account."""
    first = select(func.min(ACCOUNT.c.stage).label("name")).where(ACCOUNT.c.merged_into.is_(None))
    found = first.cte("found", recursive=True)
    following = first.where(ACCOUNT.c.stage > found.c.name).scalar_subquery()
    found = found.union_all(select(following).where(found.c.name.is_not(None)))
    return select(found.c.name).where(found.c.name.is_not(None)).order_by(found.c.name)


_STAGES = _stages()


def stages(session: Session) -> list[str]:
    """Every stage that an account is in."""
    return list(session.connection().execute(_STAGES).scalars())


def plays(session: Session) -> list[str]:
    """Every playbook, by name."""
    query = select(PLAYBOOK.c.name).order_by(PLAYBOOK.c.name)
    return list(session.connection().execute(query).scalars())
