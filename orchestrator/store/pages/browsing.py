"""Pages of accounts. A page begins after the last line of the one before, so that the hundredth
costs no more than the first."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, NamedTuple

from sqlalchemy import Select, func, or_, select, tuple_
from sqlmodel import Session

from orchestrator.store.statements import among
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
Place = tuple[str | float, int]


class Sort(NamedTuple):
    """What a list is sorted by, and whether it rises; each has an index that ends with the id."""

    field: str
    rises: bool


SORTS = {
    "name": Sort("name", True), "tier": Sort("tier", True), "fit": Sort("fit", False),
    "engaged": Sort("engagement", False),
}  # fmt: skip


def place(line: Line, sort: str) -> str | float:
    """Where a line stands in the order of a sort."""
    found: str | float = getattr(line, SORTS[sort].field)
    return found


def accounts(
    session: Session, *, said: str, tier: int, stage: str, play: str, sort: str,
    after: Place | None, limit: int, only: Collection[int] | None = None,
) -> list[Line]:  # fmt: skip
    """At most `limit` accounts in the order of `sort`; an account has at most one live play.

    By tier, those that have none come last: another part of the same index. Where `only` is named,
    of these alone.
    """
    query, by = _that_fit(said, tier, stage, play), SORTS[sort]
    if only is not None:
        query = query.where(among(ACCOUNT.c.id, only))
    if sort != "tier":
        return _lines(session, query, by, after, limit)
    rest = after if after and not after[0] else None
    tiered = query.where(ACCOUNT.c.tier > 0)
    found = [] if rest else _lines(session, tiered, by, after, limit)
    if len(found) < limit:
        untiered = query.where(ACCOUNT.c.tier == 0)
        found += _lines(session, untiered, by, rest, limit - len(found))
    return found


def _lines(
    session: Session, query: Select[Any], by: Sort, after: Place | None, limit: int
) -> list[Line]:
    column = ACCOUNT.c[by.field]
    if after:
        place = tuple_(column, ACCOUNT.c.id)
        query = query.where(place > after if by.rises else place < after)
    ends = (column, ACCOUNT.c.id) if by.rises else (column.desc(), ACCOUNT.c.id.desc())
    rows = session.connection().execute(query.order_by(*ends).limit(limit))
    return [Line._make(row) for row in rows]


def _that_fit(said: str, tier: int, stage: str, play: str) -> Select[Any]:
    query = _LINE
    if said:
        query = query.where(
            or_(
                ACCOUNT.c.name.icontains(said, autoescape=True),
                ACCOUNT.c.domain.icontains(said, autoescape=True),
            )
        )
    if tier:  # a sum has no index: a quarter of all accounts would be sorted, to show fifty
        query = query.where(ACCOUNT.c.tier + 0 == tier)
    if stage:
        query = query.where(ACCOUNT.c.stage == stage)
    if play:
        query = query.where(ENROLLMENT.c.playbook == play)
    return query


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
