"""What people decided about pairs, and the corrections that were learned from it."""

from __future__ import annotations

from sqlmodel import Session, col, select

from accounts.records import CalibrationVersion, Decision


def last_words(session: Session) -> list[Decision]:
    """The decision that stands about each pair, the oldest first."""
    found: dict[tuple[int, str], Decision] = {}
    for one in session.exec(select(Decision).order_by(col(Decision.id))):
        found[one.account_id, one.about] = one
    return sorted(found.values(), key=lambda one: one.id or 0)


def newest(session: Session) -> CalibrationVersion | None:
    """The version that holds; none as long as nobody has stored one."""
    query = select(CalibrationVersion).order_by(col(CalibrationVersion.id).desc()).limit(1)
    return session.exec(query).first()


def store(session: Session, version: CalibrationVersion) -> int:
    """Keep a version, which holds from now on; its number."""
    session.add(version)
    session.flush()
    return version.id or 0
