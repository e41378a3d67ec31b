"""As of when the scores are, and the slices in which they come to a later hour.

The Tick of `FADING` says it. While the scores are on their way, accounts up to an id stand at the
new hour and the others at the old one; that id moves on in the transaction that changes them, so
that whoever comes next, after a crash or beside another process, goes on exactly there.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    bindparam,
    case,
    exists,
    func,
    literal,
    or_,
    select,
    tuple_,
)
from sqlalchemy import update as update_
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, SQLModel

from accounts.columns import Instant
from accounts.records import SCORED
from orchestrator.records import Tick
from orchestrator.store.companies.scoring import LEAST, is_one_of
from orchestrator.store.statements import insert_new

_TABLES = SQLModel.metadata.tables
ACCOUNT, CONTACT, ACTIVITY = _TABLES["account"], _TABLES["contact"], _TABLES["activity"]
AGREEMENT, TICK = _TABLES["agreement_version"], _TABLES["tick"]

FADING = "fading"
LAST = 2**63 - 1  # no account's id is larger

_LOCK = 0x66616465  # "fade": any number that nobody else takes
_PATIENCE = "100ms"  # PostgreSQL looks for a deadlock after a second
_GAVE_WAY = frozenset({"55P03", "40P01"})  # lock_not_available, deadlock_detected
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Place(NamedTuple):
    """A place in the log: all before it has been looked at."""

    at: datetime
    id: int


class Standing(NamedTuple):
    """As of when the scores are, and by which agreement (its id; 0 before the first).

    While they are on their way: to which hour and agreement, and how far they have come.
    """

    as_of: datetime
    agreement: int
    target: datetime | None = None
    by: int = 0
    reached: int = 0  # accounts up to this id stand at the target
    looked: Place | None = None  # what happened up to here is counted anew at the target

    def of(self, account_id: int) -> datetime:
        """As of when the score of this account and of its people stands."""
        return self.target if self.target and account_id <= self.reached else self.as_of

    def arrived(self) -> Standing:
        """The same at the end of the way."""
        return Standing(self.target or self.as_of, self.by)


# ---------------------------------------------------------------- where they stand


class Asked(NamedTuple):
    """Where the scores stand (None at first), and the newest agreement's id (None: none yet)."""

    standing: Standing | None
    newest: int | None


# Built once: it is asked four times a second.
_ASKED = select(
    select(TICK.c.started_at).where(TICK.c.concern == FADING).scalar_subquery(),
    select(TICK.c.counts).where(TICK.c.concern == FADING).scalar_subquery(),
    select(func.max(AGREEMENT.c.id)).scalar_subquery(),
)


def ask(session: Session) -> Asked:
    """What tells whether scores are stale."""
    as_of, counts, newest = session.connection().execute(_ASKED).one()
    return Asked(_standing(as_of, counts) if as_of else None, newest)


def share(session: Session) -> Standing | None:
    """Where the scores stand, and go on standing until the end of the transaction."""
    if session.connection().dialect.name == "postgresql":
        session.connection().execute(select(func.pg_advisory_xact_lock_shared(_LOCK)))
    return ask(session).standing


def hold(session: Session, hour: datetime) -> Asked:
    """The same for whoever moves them on: alone until the end of the transaction.

    At first they are as of `hour`. An event's transaction may hold a row that we want and wait for
    us: then `gave_way` tells our error.
    """
    if session.connection().dialect.name == "postgresql":
        session.connection().execute(select(func.pg_advisory_xact_lock(_LOCK)))
        session.connection().exec_driver_sql(f"SET LOCAL lock_timeout = '{_PATIENCE}'")
    insert_new(session, Tick, [_tick(Standing(hour, 0), "")])
    return ask(session)


def gave_way(error: OperationalError) -> bool:
    """Whether the transaction ended because somebody else had a row that it wanted."""
    return getattr(error.orig, "sqlstate", None) in _GAVE_WAY


def mark(session: Session, standing: Standing, run: str) -> None:
    """Say where the scores stand from now on."""
    row = update_(TICK).where(TICK.c.concern == FADING).values(_tick(standing, run))
    session.connection().execute(row)


def _tick(standing: Standing, run: str) -> dict[str, Any]:
    return {
        "concern": FADING, "started_at": standing.as_of, "ended_at": standing.as_of, "error": "",
        "counts": _counts(standing), "flow_run_id": run,
    }  # fmt: skip


def _counts(standing: Standing) -> dict[str, int]:
    """Instants as microseconds: a Tick counts in whole numbers."""
    counts = {"agreement": standing.agreement}
    if standing.target:
        way = {"target": _us(standing.target), "by": standing.by, "reached": standing.reached}
        counts |= way
    if standing.looked:
        counts |= {"looked_at": _us(standing.looked.at), "looked_id": standing.looked.id}
    return counts


def _standing(as_of: datetime, counts: Mapping[str, int]) -> Standing:
    known = Standing(as_of, counts.get("agreement", 0))
    if "target" not in counts:
        return known
    looked = None
    if "looked_at" in counts:
        looked = Place(_instant(counts["looked_at"]), counts["looked_id"])
    target = _instant(counts["target"])
    return known._replace(target=target, by=counts["by"], reached=counts["reached"], looked=looked)


def _us(at: datetime) -> int:
    return (at - _EPOCH) // timedelta(microseconds=1)


def _instant(us: int) -> datetime:
    return _EPOCH + timedelta(microseconds=us)


# ---------------------------------------------------------------- slices


def slice_end(session: Session, after: int, size: int) -> int:
    """The last account of a slice: of up to `size` that have a score, with about twice as many
    of their people; `LAST` when so many are not left."""
    ends = (
        select(key).where(SCORED, key > after).order_by(key).offset(number - 1).limit(1)
        for key, number in ((ACCOUNT.c.id, size), (CONTACT.c.account_id, 2 * size))
    )
    found = (session.connection().execute(end).scalar() for end in ends)
    return min((id_ for id_ in found if id_ is not None), default=LAST)


def _faded(table: Any, key: ColumnElement[int]) -> Any:
    faded = table.c.engagement * bindparam("factor", type_=table.c.engagement.type)
    # What is next to nothing becomes nothing: else it would fade for ever.
    left = case((func.abs(faded) < LEAST, 0.0), else_=faded)
    within = (SCORED, key > bindparam("after"), key <= bindparam("upto"))
    return update_(table).where(*within).values(engagement=left)


_FADED = [_faded(CONTACT, CONTACT.c.account_id), _faded(ACCOUNT, ACCOUNT.c.id)]


def fade(session: Session, after: int, upto: int, factor: float) -> int:
    """Multiply the scores of accounts after one id up to another; how many of them have one."""
    values = {"after": after, "upto": upto, "factor": factor}
    return [session.connection().execute(faded, values).rowcount for faded in _FADED][-1]


# Two seeks for an account at which nothing ever happened: weighing it costs twenty times as much.
_WEIGHTY = or_(
    ACCOUNT.c.engagement != 0,
    exists().where(ACTIVITY.c.account_id == ACCOUNT.c.id),
    exists(
        select(CONTACT.c.id).where(CONTACT.c.account_id == ACCOUNT.c.id, CONTACT.c.engagement != 0)
    ),
)


def weighty(session: Session, after: int, size: int, among: int) -> tuple[list[int], int]:
    """The next `size` accounts that have a score or may get one, in order, of the next `among`;
    and the account up to which that is all of them, `LAST` at the end."""
    there = select(ACCOUNT.c.id).where(ACCOUNT.c.id > after).order_by(ACCOUNT.c.id)
    end = session.connection().execute(there.offset(among - 1).limit(1)).scalar()
    upto = LAST if end is None else end
    found = there.where(ACCOUNT.c.id <= upto, _WEIGHTY).limit(size)
    ids = list(session.connection().execute(found).scalars())
    return ids, ids[-1] if len(ids) == size else upto


class Entry(NamedTuple):
    """An entry of the log: where it stands, whose it is, and whether its kind is one of those."""

    place: Place
    account_id: int | None
    counts: bool


def entries(session: Session, kinds: Collection[str], after: Place, limit: int) -> Sequence[Entry]:
    """The next entries of the log, in its order."""
    place = tuple_(ACTIVITY.c.at, ACTIVITY.c.id)
    last = tuple_(literal(after.at, Instant()), literal(after.id, BigInteger()))
    columns = (ACTIVITY.c.at, ACTIVITY.c.id, ACTIVITY.c.account_id, is_one_of(kinds))
    query = select(*columns).where(place > last).order_by(ACTIVITY.c.at, ACTIVITY.c.id)
    rows = session.connection().execute(query.limit(limit))
    return [Entry(Place(at, id_), account, bool(counts)) for at, id_, account, counts in rows]
