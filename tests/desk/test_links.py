"""Links to files, on each kind of database; the pages' tests say what they look like."""

from __future__ import annotations

import pytest

from accounts.errors import AbmError
from orchestrator.engine.tasks import links
from tests.support.desk import Desk


def test_a_link_stands_until_it_is_taken_away(desk: Desk):
    """Also where both happen in one instant."""
    first, second = (
        links.add(desk.ctx, desk.acme, desk.dana, title, "https://us.example/") for title in "ab"
    )
    links.take(desk.ctx, desk.acme, desk.dana, first)
    (stands,) = links.of_account(desk.ctx, desk.acme)
    assert (stands.id, stands.title, stands.by) == (second, "b", "dana")
    with pytest.raises(AbmError, match="there is no link"):
        links.take(desk.ctx, desk.acme, desk.dana, first)
    with pytest.raises(AbmError, match="somebody else's"):
        links.take(desk.ctx, desk.acme, desk.users["max"], second)
    with pytest.raises(AbmError, match="there is no account"):
        links.add(desk.ctx, 999_999, desk.dana, "c", "https://us.example/")
