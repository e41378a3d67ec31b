"""What happens between a claim and its intent counts: nothing leaves that must not any more."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session

from accounts.consent import address_hash
from accounts.records import Account, Contact, Suppression
from orchestrator.engine.context import Context
from orchestrator.engine.events.inbox import receive
from orchestrator.engine.running.delivering import deliver
from orchestrator.records import Enrollment, Playbook, Stop
from orchestrator.terms import UNTIL_RESUMED, RawEvent
from tests.ledger import seed, witness
from tests.ledger.conftest import After, Post
from tests.support import cast
from tests.support.cast import NOW

House = Callable[..., Context]
TOMORROW = NOW + timedelta(days=1)


def _of(session: Session, table: type[Any], **changes: Any) -> None:
    """Change the first row of a table, as somebody else's transaction would."""
    row = session.get(table, "play" if table is Playbook else 1)
    for name, value in changes.items():
        setattr(row, name, value)


def _rule(scope: str, value: str, reason: str = "manual") -> Callable[[Session], None]:
    return lambda session: session.add(Suppression(scope=scope, value=value, reason=reason, at=NOW))


def _stop(**more: Any) -> Callable[[Session], None]:
    return lambda session: session.add(Stop(account_id=1, reason="a stop", at=NOW, **more))


def _move(session: Session) -> None:
    _of(session, Contact, account_id=cast.company(session, "Elsewhere").id)


def _merge(session: Session) -> None:
    _of(session, Account, merged_into=cast.company(session, "Bigger").id)


# name -> what happens, how the mail ends or is held, a word of the reason
FORBIDDEN: dict[str, tuple[Callable[[Session], None], str, str]] = {
    "the address": (_rule("address", "ann.archer@mail.acme.example"), "suppressed", "manual"),
    "an erased address": (
        _rule("address", address_hash("ann.archer@mail.acme.example"), "erased"),
        "suppressed",
        "erased",
    ),
    "the domain": (_rule("domain", "mail.acme.example"), "suppressed", "mail.acme.example"),
    "a parent domain": (_rule("domain", "acme.example"), "suppressed", "acme.example"),
    "the account": (_rule("account", "1"), "suppressed", "account"),
    "everybody": (_rule("global", "*"), "suppressed", "nobody"),
    "a refusal": (
        lambda session: _of(session, Contact, consent="refused"),
        "suppressed",
        "asked not to be",
    ),
    "a departure": (
        lambda session: _of(session, Contact, left_at=NOW, left_reason="left the company"),
        "cancelled",
        "left the company",
    ),
    "a move to another account": (_move, "cancelled", "another account"),
    "a merge of the account": (_merge, "cancelled", "merged"),
    "a stop of the person": (_stop(contact_id=1), "cancelled", "a stop"),
    "a stop of the account": (_stop(), "cancelled", "a stop"),
    "a stop of the play": (_stop(enrollment_id=1), "cancelled", "a stop"),
    "the end of the play": (
        lambda session: _of(session, Enrollment, status="ended", reason="won"),
        "cancelled",
        "won",
    ),
}
HELD: dict[str, tuple[Callable[[Session], None], str]] = {
    "a stop with an end": (_stop(contact_id=1, until=TOMORROW), "a stop"),
    "a paused play": (
        lambda session: _of(session, Enrollment, status="paused", reason="held by Sam"),
        "held by Sam",
    ),
    "a play that waits again": (
        lambda session: _of(session, Enrollment, status="waiting", reason="another play"),
        "another play",
    ),
    "a paused playbook": (
        lambda session: _of(session, Playbook, paused_at=NOW, pause_reason="wrong figures"),
        "wrong figures",
    ),
    "a resting account": (
        lambda session: _of(session, Account, paused_until=TOMORROW, pause_reason="not now"),
        "not now",
    ),
}


@pytest.fixture
def mail(url: str, house: House, post: Post) -> Callable[..., Any]:
    """Delivers the one due mail while something happens at a point; the touch afterwards."""

    def send(happens: Callable[[Session], None], point: str = "after_offer") -> Any:
        ctx = house(post)
        with ctx.db.writing() as session:
            version = cast.version(session, seed.letters_plan())
            acme = cast.company(session, "Acme", domain="mail.acme.example")
            ann = cast.person(session, acme, "Ann Archer", role="champion")
            cast.touch(session, cast.enrolled(session, acme, version), ann, "insight")

        def meanwhile() -> None:
            with ctx.db.writing() as session:
                happens(session)

        deliver(house(post, probe=After(point, meanwhile)))
        return witness.touches(ctx.db)[0]

    return send


@pytest.mark.parametrize("name", FORBIDDEN)
def test_nothing_leaves_after(mail, post: Post, name: str):
    happens, status, word = FORBIDDEN[name]
    touch = mail(happens)
    assert post.accepted() == []
    assert (touch.status, touch.outcome) == (status, "not_done")
    assert word in touch.reason
    assert "@" not in touch.reason
    assert touch.intent_at is None  # it counts to no cap


@pytest.mark.parametrize("name", HELD)
def test_a_mail_is_held_by(mail, post: Post, name: str):
    happens, word = HELD[name]
    touch = mail(happens)
    assert post.accepted() == []
    assert (touch.status, touch.intent_at, touch.ended_at) == ("ready", None, None)
    assert word in touch.reason
    assert touch.due_at > NOW
    assert (touch.due_at == UNTIL_RESUMED) is (
        name in ("a paused play", "a play that waits again")
    )  # the resume asks again


@pytest.mark.parametrize("point", ["after_claim", "after_render", "after_offer"])
@pytest.mark.parametrize("kind", ["unsubscribe", "reply.auto"])
def test_an_event_between_claim_and_intent_binds_at_once(
    house: House, post: Post, point: str, kind: str
):
    ctx = house(post)
    seed.mails(ctx.db, 2)  # Ann's and Bob's

    def event() -> None:
        receive(ctx, [RawEvent("test", "1", kind, NOW, {"email": "ann.archer@company-0.example"})])

    deliver(house(post, probe=After(point, event)))
    assert [entry["to"] for entry in post.accepted()] == [["bob.brown@company-0.example"]]
    ann, bob = witness.touches(ctx.db)
    assert bob.status == "sent"
    assert ann.status == ("ready" if kind == "reply.auto" else ann.status) != "sent"
    assert ann.reason


def test_a_rule_for_others_lets_the_mail_go(mail, post: Post):
    def others(session: Session) -> None:
        for scope, value in (
            ("address", "ann@acme.example"),
            ("domain", "other.mail.acme.example"),
            ("domain", "example"),
            ("account", "2"),
        ):
            _rule(scope, value)(session)
        _of(session, Account, paused_until=NOW - timedelta(hours=1), pause_reason="over")
        bob = cast.person(session, session.get_one(Account, 1), "Bob Brown")
        _stop(contact_id=bob.id)(session)
        session.add(Stop(account_id=1, reason="lifted", at=NOW, lifted_at=NOW))

    assert mail(others).status == "sent"
    assert len(post.accepted()) == 1
