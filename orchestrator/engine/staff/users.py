"""Our own people: who may decide, sign, and be given work."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from zoneinfo import ZoneInfo, available_timezones

from sqlmodel import Session

from accounts.errors import AbmError
from accounts.identity import clean_text
from accounts.nearest import nearest
from accounts.records import User
from orchestrator.engine.agreement import TEAMS
from orchestrator.engine.context import Context
from orchestrator.store.staff import users
from orchestrator.zones import country_code

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}")
_ROLE = re.compile(r"[a-z][a-z0-9_/-]{0,63}")


@dataclass(frozen=True, slots=True)
class Member:
    """One of us, as `abm user list` shows them."""

    id: int
    name: str
    full_name: str
    team: str
    role: str
    title: str
    email: str
    zone: str
    country: str
    active: bool


def find(session: Session, name: str) -> User:
    """The user with that short name, in whatever case; AbmError names the nearest."""
    wanted = clean_text(name).casefold()
    if user := users.named(session, wanted):
        return user
    known = [user.name for user in users.everybody(session)]
    raise AbmError(
        f"there is no user {name!r}", nearest(wanted, known) or "`abm user add` makes one"
    )


def user_id(session: Session, name: str) -> int:
    """The id of the user with that short name; AbmError as `find`."""
    user = find(session, name)
    assert user.id is not None
    return user.id


def add(
    ctx: Context,
    name: str,
    team: str,
    email: str,
    *,
    full_name: str = "",
    role: str = "",
    title: str = "",
    zone: str = "",
    country: str = "",
) -> Member:
    """Add one of us. Zone and country are the workspace's where none is given.

    AbmError for a name that is taken, and for anything that is no such thing as it says.
    """
    row = newcomer(
        ctx, name, team, email, full_name=full_name, role=role, title=title, zone=zone,
        country=country,
    )  # fmt: skip
    with ctx.db.writing() as session:
        if users.named(session, row.name):
            raise AbmError(f"there is a user {row.name} already", "`abm user list` shows them all")
        session.add(row)
        session.flush()
        return _member(row)


def newcomer(
    ctx: Context, name: str, team: str, email: str, *, full_name: str = "", role: str = "",
    title: str = "", zone: str = "", country: str = "",
) -> User:  # fmt: skip
    """The row of somebody new, not stored yet; AbmError for anything that is no such thing as it
    says."""
    workspace = ctx.settings.workspace
    return User(
        name=_name(name),
        full_name=clean_text(full_name),
        team=known_team(team),
        email=_email(email),
        role=_role(role),
        title=clean_text(title),
        zone=_zone(zone or workspace.zone),
        country=_country(country or workspace.country),
        created_at=ctx.clock.now(),
    )


def change(ctx: Context, name: str, said: Mapping[str, str]) -> Member:
    """Say something else of a user: email, full_name, role, title, zone, country by their names.

    AbmError as `add`, and where nothing is said.
    """
    if not said:
        raise AbmError("nothing was said that would change", "such as --full-name")
    read = {"email": _email, "role": _role, "zone": _zone, "country": _country}
    with ctx.db.writing() as session:
        user = find(session, name)
        for field, text in said.items():
            setattr(user, field, read.get(field, clean_text)(text))
        session.add(user)
        session.flush()
        return _member(user)


def everybody(ctx: Context) -> list[Member]:
    """All of us, by team and name."""
    with ctx.db.reading() as session:
        return [_member(user) for user in users.everybody(session)]


def _member(user: User) -> Member:
    assert user.id is not None
    return Member(
        user.id, user.name, user.full_name, user.team, user.role, user.title, user.email,
        user.zone, user.country, user.active,
    )  # fmt: skip


# ---------------------------------------------------------------- what may be said


def _name(text: str) -> str:
    name = clean_text(text).casefold()
    if not _NAME.fullmatch(name):
        hint = "letters, digits, . - and _, at most 40, as dana or dana.reed"
        raise AbmError(f"{text!r} is no short name", hint)
    return name


def known_team(text: str) -> str:
    """The team that the text names; AbmError says which there are."""
    team = clean_text(text).casefold()
    if team not in TEAMS:
        raise AbmError(f"there is no team {text!r}", nearest(team, TEAMS))
    return team


def _role(text: str) -> str:
    role = clean_text(text).casefold()
    if role and not _ROLE.fullmatch(role):
        raise AbmError(f"{text!r} is no role", "one word, as owner, sdr, exec or agency/social")
    return role


def _email(text: str) -> str:
    from email_validator import EmailNotValidError, validate_email

    try:
        found = validate_email(text.strip(), check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        raise AbmError(f"{text!r} is no e-mail address", str(error)) from None
    return found.normalized


def _zone(text: str) -> str:
    try:
        return ZoneInfo(text).key  # listing all zones, to find another spelling, takes its time
    except (OSError, ValueError, KeyError):
        zones = {name.casefold(): name for name in available_timezones()}
    wanted = clean_text(text).replace(" ", "_").casefold()
    if wanted not in zones:
        near = get_close_matches(wanted, zones, 1)
        hint = f"did you mean {zones[near[0]]}?" if near else "an IANA name, as Europe/Berlin"
        raise AbmError(f"{text!r} is no time zone", hint)
    return zones[wanted]


def _country(text: str) -> str:
    code = country_code(text) if text else ""
    if code is None:
        raise AbmError(f"{text!r} is no country", "its name in English or its code, as DE")
    return code
