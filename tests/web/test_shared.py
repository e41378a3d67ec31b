"""An agency looks at what was shared with it, and at nothing else."""

from __future__ import annotations

import pytest

from accounts.errors import AbmError
from orchestrator.engine.companies import sharing
from orchestrator.engine.review import merging
from orchestrator.engine.staff import auditing
from orchestrator.store.companies import log
from orchestrator.web.masking import HIDDEN, masked
from orchestrator.web.permissions import ALLOWED, May
from tests.support import cast
from tests.support.site import Site

MAIL, PHONE = "ann.archer@acme.example", "+49301234567"


@pytest.fixture
def other(site: Site) -> int:
    """An account that is never shared."""
    with site.desk.ctx.db.writing() as session:
        return cast.company(session, "Kelso", domain="kelso.example", name_key="kelso").id or 0


def wrote(site: Site, text: str) -> None:
    """Somebody of ours writes a note on Acme."""
    with site.desk.ctx.db.writing() as session:
        log.write(session, [log.entry("note", at=cast.NOW, account_id=site.desk.acme, text=text)])


def test_nothing_is_seen_before_it_is_shared(site: Site, other: int):
    agency = site.visit("agency")
    assert "shares accounts with you" in agency.get("/accounts")
    assert "shares playbooks with you" in agency.get("/playbooks")
    paths = [f"/accounts/{site.desk.acme}", f"/accounts/{other}", "/accounts/99999",
             "/playbooks/play", "/playbooks/play/picture.svg", "/playbooks/play/versions/1",
             "/playbooks/nothing"]  # fmt: skip
    told = {(answer.status_code, "not shared with you" in answer.text)
            for answer in map(agency.client.get, paths)}  # fmt: skip
    assert told == {(403, True)}  # alike, so that nobody learns what there is


def test_an_account_is_read_without_its_addresses(site: Site, other: int):
    """Neither those that we know as such, nor those that somebody wrote down."""
    wrote(site, f"Ann says: write to {MAIL}, or call {PHONE} or +49 (30) 123 45 67.")
    sharing.share(site.desk.ctx, "agency", accounts=["Acme"])
    agency = site.visit("agency")
    listed, page = agency.get("/accounts"), agency.get(f"/accounts/{site.desk.acme}")
    assert "Acme" in listed
    assert "Kelso" not in listed
    assert "Ann Archer" in page
    assert f"write to {HIDDEN}, or call {HIDDEN} or {HIDDEN}." in page
    assert MAIL not in page
    assert "tel:" not in page
    assert agency.status(f"/accounts/{other}") == 403
    sales = site.visit("sales").get(f"/accounts/{site.desk.acme}")
    assert MAIL in sales
    assert "+49 (30) 123 45 67" in sales


def test_addresses_are_there_where_that_was_said(site: Site):
    sharing.share(site.desk.ctx, "agency", accounts=["Acme"], addresses=True)
    page = site.visit("agency").get(f"/accounts/{site.desk.acme}")
    assert f"mailto:{MAIL}" in page
    sharing.share(site.desk.ctx, "agency", accounts=["Acme"])  # the last word counts
    assert MAIL not in site.visit("agency").get(f"/accounts/{site.desk.acme}")


def test_whoever_looks_on_changes_nothing(site: Site):
    sharing.share(site.desk.ctx, "agency", accounts=["Acme"])
    sharing.share(site.desk.ctx, "agency", playbooks=["play"])
    agency = site.visit("agency")
    for path in (f"/accounts/{site.desk.acme}", "/playbooks/play"):
        assert 'method="post"' not in agency.get(path)
    for path in (f"/accounts/{site.desk.acme}/notes", f"/accounts/{site.desk.acme}/links",
                 "/accounts/views", "/playbooks/play/pause"):  # fmt: skip
        assert agency.post(path, text="x", reason="x")[0] == 403, path


def test_a_playbook_is_shared_without_its_accounts(site: Site):
    sharing.share(site.desk.ctx, "agency", playbooks=["play"])
    agency = site.visit("agency")
    assert 'href="/playbooks/play"' in agency.get("/playbooks")
    assert "Who does what" in agency.get("/playbooks/play")
    assert agency.status("/playbooks/play/picture.svg") == 200
    assert agency.status(f"/accounts/{site.desk.acme}") == 403


def test_a_share_follows_a_merge(site: Site, other: int):
    ctx = site.desk.ctx
    sharing.share(ctx, "agency", accounts=["Kelso"])
    merging.merge(ctx, site.desk.acme, [other], "sam")
    agency = site.visit("agency")
    assert "Acme" in agency.get("/accounts")
    for id_ in (site.desk.acme, other):
        assert agency.status(f"/accounts/{id_}") == 200


def test_an_admin_shares_and_takes_away(site: Site):
    admin, agency = site.visit("admin"), site.visit("agency")
    assert "Nothing but the tasks" in admin.get("/users/agency")
    sent = {"account": "acme.example", "addresses": "yes", "playbook": "play"}
    assert admin.post("/users/agency/share", **sent) == (303, "/users/agency")
    page = admin.get("/users/agency")
    assert "account, with addresses" in page
    assert agency.status(f"/accounts/{site.desk.acme}") == 200
    for one in sharing.shared(site.desk.ctx, "agency"):
        assert admin.post(f"/users/agency/unshare/{one.id}")[0] == 303
        assert admin.post(f"/users/agency/unshare/{one.id}")[0] == 404
    assert agency.status(f"/accounts/{site.desk.acme}") == 403
    lines = [one for one in reversed(auditing.entries(site.desk.ctx))
             if one.action.startswith("users.")]  # fmt: skip
    told = [(one.action, one.detail) for one in lines]
    assert all("" != one.before != one.after != "" for one in lines)  # seen to be given and taken
    assert told == [
        ("users.share", "account=acme.example addresses=yes playbook=play"),
        ("users.unshare", ""),
        ("users.unshare", ""),
    ]


@pytest.mark.parametrize(
    ("user", "sent", "told"),
    [
        ("agency", {}, "say which account"),
        ("agency", {"account": "Nowhere <b>Ltd</b>"}, "no account"),
        ("agency", {"account": "Acme", "playbook": "plya"}, "no playbook"),
        ("sales", {"account": "Acme"}, "sees every account"),
    ],
)
def test_a_mistake_is_told_and_shares_nothing_wrong(
    site: Site, user: str, sent: dict[str, str], told: str
):
    status, page = site.visit("admin").post(f"/users/{user}/share", **sent)
    assert (status, told in page) == (400, True)
    assert "<b>Ltd" not in page
    assert sharing.shared(site.desk.ctx, user) == []


def test_what_was_shared_with_one_is_not_with_another(site: Site):
    with site.desk.ctx.db.writing() as session:
        cast.user(session, "other", "agency")
    sharing.share(site.desk.ctx, "other", accounts=["Acme"])
    assert site.visit("agency").status(f"/accounts/{site.desk.acme}") == 403
    share = sharing.shared(site.desk.ctx, "other")[0]
    with pytest.raises(AbmError, match="was not given"):
        sharing.unshare(site.desk.ctx, "agency", share.id)


def test_only_an_agency_needs_shares():
    """Whoever may look at what was shared sees all of it, or is of an agency."""
    for team, allowed in ALLOWED.items():
        assert May.SHARED in allowed, team
        assert (May.ACCOUNTS in allowed) is (team != sharing.AGENCY), team


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("call +49 30 1234567 now", f"call {HIDDEN} now"),
        ("+1 (555) 010-9999.", f"{HIDDEN}."),
        ("Ann.O&#39;Hara@mail.acme.co.uk", f"Ann.O&#39;{HIDDEN}"),
        ("+10 2026-11-20: a visit", "+10 2026-11-20: a visit"),
        ("engagement 12 + 30 = 42", "engagement 12 + 30 = 42"),
        ("@dana has a look", "@dana has a look"),
        ("https://medium.example/@ann/piece", "https://medium.example/@ann/piece"),
        ("x" * 10_000 + "@" + "y." * 10_000, "x" * 10_000 + "@" + "y." * 10_000),
    ],
)
def test_what_looks_like_an_address_is_hidden(text: str, shown: str):
    assert masked(text) == shown


def test_no_program_reads_what_was_shared(site: Site):
    agency = site.visit("agency")
    assert 'value="shared"' not in agency.get("/me/tokens")
    assert 'value="work"' in agency.get("/me/tokens")
    assert agency.post("/me/tokens", label="x", may="shared", days="9")[0] == 400
