"""Random accounts to merge, and the whole database as values, to compare before and after."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import Any

from sqlmodel import Session, SQLModel, select

from accounts.company_names import name_key
from accounts.records import Account, AccountTeam, Alias, Contact, ExternalId, Suppression, User
from orchestrator.records import Enrollment, PlaybookVersion, SeatHolder, Stop
from orchestrator.store.database import Database
from tests.support import cast
from tests.support.cast import NOW

# A counter that only goes forward, and a claim that somebody lost, are nothing that is put back.
FORWARD = {"fence", "owner", "lease_until", "woken_at", "next_start_at"}
NAMES = ("Ann Archer", "Bob Burns", "Cyd Cole", "Ann Archer")
FIELDS = ("website", "phone", "country", "city", "sector", "segment")


def whole(db: Database) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table but the log, the record of merges and what a parting rules, in the
    order of keys."""
    found = {}
    with db.reading() as session:
        for name, table in SQLModel.metadata.tables.items():
            if name not in ("activity", "account_merge"):
                rows = session.connection().execute(select(*table.c).order_by(*table.primary_key))
                found[name] = [_kept(dict(row)) for row in rows.mappings() if not _ruled(row)]
    return found


def _ruled(row: Any) -> bool:
    return bool(row.get("kind") == "apart")


def _kept(row: dict[str, Any]) -> dict[str, Any]:
    if row.get("status") == "claimed":
        row["status"] = "ready"
    return {name: value for name, value in row.items() if name not in FORWARD}


def furnish(session: Session, dice: Random, versions: list[PlaybookVersion], number: int) -> int:
    """An account with whatever may hang on one; its id."""
    fields = {name: dice.choice(["", f"{name} {dice.randrange(2)}"]) for name in FIELDS}
    name = f"Brook {'Ltd' * (number % 2)}{number}"
    account = cast.company(
        session, name, name_key=name_key(name).core, domain=dice.choice(["", f"b{number}.io"]),
        tier=dice.randrange(4), stage=dice.choice(["identified", "target"]),
        extra=dice.choice([{}, {"Source": str(number)}]), **fields,
    )  # fmt: skip
    if dice.random() < 0.3:
        account.paused_until, account.pause_reason = (
            NOW + timedelta(days=dice.randrange(9)),
            "not now",
        )
    if dice.random() < 0.5:
        account.moment_at = NOW - timedelta(days=dice.randrange(9))
    assert account.id is not None
    _known(session, dice, account.id, number)
    people = [_person(session, dice, account) for _ in range(dice.randrange(4))]
    _stops(session, dice, account.id, people)
    _plays(session, dice, account, people, versions)
    return account.id


def _known(session: Session, dice: Random, id_: int, number: int) -> None:
    for kind, value in (("name", "Brook Other"), ("domain", "brook.net"), ("row", "digest")):
        if dice.random() < 0.5:
            session.add(Alias(account_id=id_, kind=kind, value=value, created_at=NOW))
    if dice.random() < 0.5:
        session.add(
            ExternalId(
                kind="account", source="crm", value=str(number), account_id=id_, created_at=NOW
            )
        )
    if dice.random() < 0.4:
        session.add(Suppression(scope="account", value=str(id_), reason="legal", at=NOW))
    for role, user in (("owner", "dana"), ("sdr", "sam")):
        if dice.random() < 0.5:
            by = session.exec(select(User.id).where(User.name == user)).one()
            session.add(AccountTeam(account_id=id_, role=role, user_id=by or 0))


def _person(session: Session, dice: Random, account: Account) -> Contact:
    email = dice.choice(["", "ann@brook.io", "bob@brook.io", f"x{dice.randrange(99)}@brook.io"])
    left = dice.random() < 0.2
    person = cast.person(
        session, account, dice.choice(NAMES), email=email, email_key=email,
        phone=dice.choice(["", "+49301234567"]), title=dice.choice(["", "CFO", "COO"]),
        consent=dice.choice(["unknown", "granted", "refused"]), role=dice.choice(["", "champion"]),
        left_at=NOW if left else None, left_reason="gone" * left,
    )  # fmt: skip
    if dice.random() < 0.4:
        value = str(person.id)
        known = ExternalId(
            kind="contact", source="crm", value=value, contact_id=person.id, created_at=NOW
        )
        session.add(known)
    return person


def _stops(session: Session, dice: Random, id_: int, people: list[Contact]) -> None:
    for person in people:
        if dice.random() < 0.3:
            session.add(Stop(account_id=id_, contact_id=person.id, reason="opted out", at=NOW))


def _plays(
    session: Session, dice: Random, account: Account, people: list[Contact],
    versions: list[PlaybookVersion],
) -> None:  # fmt: skip
    live = dice.choice([None, "active", "paused"])
    for version in dice.sample(versions, len(versions)):
        status = live or dice.choice(["waiting", "ended", ""])
        if not status:
            continue
        play = cast.enrolled(session, account, version, status=status, **_standing(dice, status))
        if live or status == "ended":
            _work(session, dice, play, people)
        live = None
    for person in people:
        if dice.random() < 0.3:
            loose = cast.stored(session, Enrollment(**_ended(account, versions[0])))
            task = cast.task(session, loose, person, status=dice.choice(["open", "done"]))
            task.enrollment_id = dice.choice([None, loose.id])


def _ended(account: Account, version: PlaybookVersion) -> dict[str, Any]:
    return {
        "account_id": account.id, "playbook": version.playbook, "version_id": version.id,
        "status": "ended", "outcome": "completed", "waiting_since": NOW,
    }  # fmt: skip


def _standing(dice: Random, status: str) -> dict[str, Any]:
    if status == "waiting":
        return {"activated_at": None, "reason": "its turn", "next_due_at": NOW}
    due = dice.choice([None, NOW, NOW + timedelta(days=2)])
    return {"next_due_at": due, "reason": "rests" if status == "paused" else ""}


def _work(session: Session, dice: Random, play: Enrollment, people: list[Contact]) -> None:
    for person in people:
        statuses = ["ready", "draft", "sent", "claimed", "sending", "cancelled"]
        status = dice.choice(statuses)
        due = NOW + timedelta(hours=dice.randrange(3))
        cast.touch(session, play, person, "insight", status=status, due_at=due)
        if dice.random() < 0.5:
            purpose = dice.choice(["step", "reply", "approve"])
            cast.task(session, play, person, purpose=purpose, status=dice.choice(["open", "done"]))
        if dice.random() < 0.5:
            holder = SeatHolder(
                enrollment_id=play.id or 0, seat="champion", contact_id=person.id or 0, bound_at=NOW
            )
            session.add(holder)
    if dice.random() < 0.3:
        session.add(
            Stop(
                account_id=play.account_id,
                enrollment_id=play.id,
                reason="interest",
                keep=["ads"],
                at=NOW,
            )
        )
