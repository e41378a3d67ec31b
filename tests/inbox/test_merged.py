"""Events about people and companies whose account was merged into another one."""

from __future__ import annotations

import pytest

from accounts.company_names import name_key
from accounts.records import Account, Alias
from orchestrator.engine.events.inbox import receive
from orchestrator.records import Activity, Inbox
from orchestrator.terms import RawEvent
from tests.support import cast
from tests.support.cast import NOW
from tests.support.desk import Desk


@pytest.fixture
def merged(desk: Desk) -> Desk:
    """Brook Ltd, with Bea and another name, lives on in Acme by way of a third account."""
    with desk.ctx.db.writing() as session:
        middle = cast.company(session, "Middle Co", merged_into=desk.acme)
        brook = cast.company(
            session, "Brook Ltd", name_key=name_key("Brook Ltd").core, domain="brook.io",
            merged_into=middle.id,
        )  # fmt: skip
        cast.person(session, brook, "Bea Brook")
        assert brook.id is not None
        for kind, value in (("name", "Bach Systeme GmbH"), ("key", "bachsysteme")):
            session.add(Alias(account_id=brook.id, kind=kind, value=value, created_at=NOW))
    return desk


@pytest.mark.parametrize(
    "payload",
    [
        {"email": "bea.brook@brook.io"},
        {"domain": "brook.io"},
        {"company": "BROOK LIMITED"},
        {"company": "Bach Systeme"},
    ],
)
def test_an_event_reaches_the_account_that_lives_on(merged: Desk, payload: dict[str, str]):
    receive(merged.ctx, [RawEvent("web", "1", "visit", NOW, payload)])
    (kept,) = merged.all(Inbox)
    assert (kept.status, kept.account_id) == ("applied", merged.acme)
    assert {one.account_id for one in merged.all(Activity)} == {merged.acme}
    assert merged.get(Account, merged.acme).merged_into is None
