"""Links to files on an account: entries of the shared log, and so is taking one away."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from sqlmodel import Session

from accounts.errors import AbmError
from orchestrator.engine.context import Context
from orchestrator.store.companies import log
from orchestrator.store.companies.people import family, heads
from orchestrator.store.pages import links
from orchestrator.store.pages.links import ADDED, TAKEN, Link
from orchestrator.store.staff.users import Person, person_of
from orchestrator.store.tasks import notes

LONGEST_TITLE = 120  # characters
LONGEST = 1000  # characters of an address


def of_account(ctx: Context, account_id: int) -> list[Link]:
    """The links on an account, the newest first."""
    with ctx.db.reading() as session:
        return _standing(session, _head(session, account_id))


def add(ctx: Context, account_id: int, user_id: int, title: str, url: str) -> int:
    """Put a link on an account for both teams; the id of its entry.

    AbmError for an account that there is not, a title that is none, and whatever is no plain
    https address.
    """
    title, url = _title(title), _address(url)
    said = f"added the link “{title}”"
    with ctx.db.writing() as session:
        head, user = _head(session, account_id), _person(session, user_id)
        if not notes.is_account(session, head):
            raise AbmError(f"there is no account {account_id}")
        return _write(ctx, session, head, user, ADDED, said, title=title, url=url)


def take(
    ctx: Context, account_id: int, user_id: int, link_id: int, *, anybodys: bool = False
) -> None:
    """Take a link away: one's own, or `anybodys` where that is allowed.

    AbmError for a link that does not stand on the account, or is somebody else's.
    """
    with ctx.db.writing() as session:
        head, user = _head(session, account_id), _person(session, user_id)
        found = next((one for one in _standing(session, head) if one.id == link_id), None)
        if found is None:
            raise AbmError(f"there is no link {link_id} on that account")
        if found.by_id != user.id and not anybodys:
            raise AbmError("this link is somebody else's", f"ask {found.by or 'ops'}, or ops")
        said = f"took away the link “{found.title}”"
        _write(ctx, session, head, user, TAKEN, said, link=link_id)


def _head(session: Session, account_id: int) -> int:
    return heads(session, [account_id]).get(account_id, account_id)


def _standing(session: Session, head: int) -> list[Link]:
    return links.links(session, family(session, [head]).of([head]))


def _person(session: Session, user_id: int) -> Person:
    user = person_of(session, user_id)
    if user is None:
        raise AbmError(f"there is no user {user_id}")
    return user


def _write(
    ctx: Context, session: Session, account_id: int, user: Person, kind: str, said: str, **data: Any
) -> int:
    entry = log.entry(
        kind, at=ctx.clock.now(), account_id=account_id, team=user.team, actor_id=user.id,
        text=said, flow_run_id=ctx.flow_run_id, **data,
    )  # fmt: skip
    log.write(session, [entry])
    id_: int = entry["id"]
    return id_


# ---------------------------------------------------------------- what a link may be


def _title(text: str) -> str:
    title = text.strip()
    if not title:
        raise AbmError("a link has a title", "say what lies there")
    if len(title) > LONGEST_TITLE:
        raise AbmError(f"a title has at most {LONGEST_TITLE} characters, this one {len(title)}")
    if not title.isprintable():
        raise AbmError("a title is one line, without control characters")
    return title


def _address(text: str) -> str:
    """A plain https address: what a browser reads in it is what people read."""
    url, hint = text.strip(), "such as https://files.example.com/brief.pdf"
    if len(url) > LONGEST:
        raise AbmError(f"an address has at most {LONGEST} characters, this one {len(url)}")
    if not url.isprintable() or any(one in url for one in ' \\"<>'):
        raise AbmError("an address has no spaces, quotes, \\ or control characters", hint)
    try:
        parts = urlsplit(url)
        sound = parts.scheme == "https" and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port or an IPv6 address that is none
        sound = False
    if not sound:
        raise AbmError("a link begins with https:// and names a host", hint)
    if "@" in parts.netloc:
        raise AbmError("a link carries no name or password", hint)
    return url
