"""A target account is one that both teams signed, on the list as it stood when they signed it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import col, select

from accounts.errors import AbmError
from accounts.records import Account, AccountTeam, Nomination, User
from orchestrator.clock import ManualClock
from orchestrator.engine import agreement
from orchestrator.engine.companies.importing import import_accounts
from orchestrator.engine.context import Context
from orchestrator.engine.plays import targets
from orchestrator.engine.staff import users
from orchestrator.records import Activity
from orchestrator.settings import Settings
from orchestrator.store.database import Database
from tests.support.cast import NOW

AGREEMENT = """
segments:
  banks: {sector: Financials}
account_team: {owner: sales, sdr: sales, marketing: marketing, success: customer}
sign_off: {valid: 90d}
"""
NAMES = ("Acme Bank", "Bolt Works", "Cado Credit", "Dino Foods")
DAY = timedelta(days=1)


@pytest.fixture
def ctx(migrated_url: str, tmp_path: Path) -> Iterator[Context]:
    """Four accounts, two of them banks; dana and dirk of sales, mara of marketing, olga of ops."""
    made = Context(Database(migrated_url), ManualClock(NOW), Settings(project=tmp_path), {})
    agreement.apply(made, AGREEMENT)
    lines = [f"{name},{'Financials' if 'Bank' in name or 'Credit' in name else 'Other'}"
             for name in NAMES]  # fmt: skip
    import_accounts(made, "\n".join(["name,sector", *lines]).encode())
    for name, team, role in (("dana", "sales", "sdr"), ("dirk", "sales", ""),
                             ("mara", "marketing", ""), ("olga", "ops", "")):  # fmt: skip
        users.add(made, name, team, f"{name}@us.example", role=role)
    yield made
    made.db.dispose()


def nominate(ctx: Context, *names: str, by: str = "mara", tier: int = 0) -> targets.Nominated:
    return targets.nominate(ctx, "q3", targets.called(ctx, names), by, "met at a fair", tier=tier)


def sign(ctx: Context, *who: str) -> list[targets.Signed]:
    return [targets.sign(ctx, "q3", by) for by in who]


def wait(ctx: Context, time: timedelta) -> None:
    assert isinstance(ctx.clock, ManualClock)
    ctx.clock.advance(time)


def signed(ctx: Context) -> set[str]:
    with ctx.db.reading() as session:
        accounts = {one.id: one.name for one in session.exec(select(Account))}
        ids = [one for one in accounts if one is not None]
        return {accounts[one] for one in targets.signed(session, ids, ctx.clock.now())}


def why(ctx: Context, name: str) -> str:
    (account_id,) = targets.called(ctx, [name])
    with ctx.db.reading() as session:
        return targets.rulings(session, [account_id], ctx.clock.now())[account_id].reason


def stages(ctx: Context) -> dict[str, tuple[str, int]]:
    with ctx.db.reading() as session:
        found = session.exec(select(Account).order_by(col(Account.id)))
        return {one.name: (one.stage, one.tier) for one in found}


def test_an_account_is_a_target_once_both_teams_signed(ctx: Context):
    assert nominate(ctx, "Acme Bank", "Bolt Works", tier=2) == targets.Nominated("q3", 2, 0)
    (first,) = sign(ctx, "mara")
    assert (first.accounts, first.targets, first.missing) == (2, 0, ("sales",))
    assert not signed(ctx)
    assert why(ctx, "Acme Bank") == "list q3: not signed by sales"
    (second,) = sign(ctx, "dana")
    assert (second.targets, second.missing) == (2, ())
    assert second.expires_at == NOW + 90 * DAY
    assert signed(ctx) == {"Acme Bank", "Bolt Works"}
    assert stages(ctx) == {
        "Acme Bank": ("target", 2), "Bolt Works": ("target", 2),
        "Cado Credit": ("identified", 0), "Dino Foods": ("identified", 0),
    }  # fmt: skip


def test_two_signatures_of_one_team_are_one(ctx: Context):
    nominate(ctx, "Acme Bank")
    sign(ctx, "dana", "dirk")
    assert not signed(ctx)
    assert why(ctx, "Acme Bank") == "list q3: not signed by marketing"


def test_what_is_nominated_later_is_not_covered(ctx: Context):
    nominate(ctx, "Acme Bank")
    sign(ctx, "mara", "dana")
    nominate(ctx, "Bolt Works", by="dana")
    assert signed(ctx) == {"Acme Bank"}
    assert why(ctx, "Bolt Works") == (
        "list q3: nominated after marketing and sales signed: sign the list again"
    )
    sign(ctx, "mara")
    assert signed(ctx) == {"Acme Bank"}
    assert "nominated after sales signed" in why(ctx, "Bolt Works")
    (last,) = sign(ctx, "dirk")
    assert (last.accounts, last.targets) == (2, 1)
    assert signed(ctx) == {"Acme Bank", "Bolt Works"}


def test_a_list_that_was_changed_under_a_signature_is_not_signed(ctx: Context):
    nominate(ctx, "Acme Bank", "Bolt Works")
    sign(ctx, "mara", "dana")
    with ctx.db.writing() as session:
        session.get_one(Nomination, 1).evidence = "something else"
    assert not signed(ctx)
    with ctx.db.writing() as session:
        session.get_one(Nomination, 1).evidence = "met at a fair"
    assert signed(ctx) == {"Acme Bank", "Bolt Works"}


def test_signatures_expire_as_agreed(ctx: Context):
    nominate(ctx, "Acme Bank")
    sign(ctx, "mara")
    wait(ctx, 89 * DAY)
    sign(ctx, "dana")
    assert signed(ctx) == {"Acme Bank"}
    wait(ctx, DAY)
    assert not signed(ctx)
    assert "sign-off expired: marketing until" in why(ctx, "Acme Bank")
    sign(ctx, "mara")
    assert signed(ctx) == {"Acme Bank"}
    agreement.apply(ctx, AGREEMENT.replace("90d", "1d"))
    wait(ctx, DAY)
    assert not signed(ctx)


def test_one_list_that_is_signed_is_enough(ctx: Context):
    nominate(ctx, "Acme Bank")
    sign(ctx, "mara", "dana")
    targets.nominate(ctx, "a-list", targets.called(ctx, ["Acme Bank"]), "mara", "again")
    assert signed(ctx) == {"Acme Bank"}


def test_an_account_on_no_list_says_how_it_gets_there(ctx: Context):
    assert "abm nominate" in why(ctx, "Dino Foods")


def test_an_account_stands_on_a_list_once_with_its_first_evidence(ctx: Context):
    nominate(ctx, "Acme Bank")
    (id_,) = targets.called(ctx, ["Acme Bank"])
    again = targets.nominate(ctx, "Q3", [id_, id_], "dana", "better evidence")
    assert (again.new, again.already) == (0, 1)
    assert [one.evidence for one in targets.read(ctx, "q3").proposals] == ["met at a fair"]


def test_a_segment_is_nominated_whole(ctx: Context):
    with ctx.db.reading() as session:
        names = {one.id: one.name for one in session.exec(select(Account))}
    assert [names[one] for one in targets.in_segment(ctx, "banks")] == ["Acme Bank", "Cado Credit"]
    with pytest.raises(AbmError, match="did you mean 'banks'"):
        targets.in_segment(ctx, "bank")


def test_the_account_team_is_filled_in_a_stable_turn_and_nobody_is_replaced(ctx: Context):
    acme, bolt, *_ = targets.called(ctx, NAMES)
    with ctx.db.writing() as session:
        dirk = session.exec(select(User.id).where(User.name == "dirk")).one()
        assert dirk is not None
        session.add(AccountTeam(account_id=acme, role="sdr", user_id=dirk))
    nominate(ctx, *NAMES)
    sign(ctx, "mara", "dana")
    with ctx.db.reading() as session:
        people = {one.id: one.name for one in session.exec(select(User))}
        team = {(one.account_id, one.role): people[one.user_id]
                for one in session.exec(select(AccountTeam))}  # fmt: skip
    assert (team[acme, "sdr"], team[bolt, "sdr"]) == ("dirk", "dana")
    assert {team[one, "marketing"] for one in (acme, bolt)} == {"mara"}
    assert {team[one, "owner"] for one in (acme, bolt)} <= {"dana", "dirk"}
    assert (acme, "success") not in team  # nobody of ours is of the customer team


def test_the_log_tells_who_proposed_and_that_it_became_a_target(ctx: Context):
    nominate(ctx, "Acme Bank")
    sign(ctx, "mara", "dana", "dana")
    with ctx.db.reading() as session:
        told = session.exec(select(Activity).where(col(Activity.kind).like("account.%")))
        lines = [one.text for one in told if one.kind != "account.imported"]
    assert sorted(lines) == [
        "mara nominated it for q3: met at a fair",
        "target account: both teams signed q3",
    ]


def test_a_merged_account_is_nominated_as_the_one_it_lives_on_in(ctx: Context):
    acme, bolt, *_ = targets.called(ctx, NAMES)
    with ctx.db.writing() as session:
        session.get_one(Account, bolt).merged_into = acme
    assert targets.called(ctx, ["Bolt Works", str(bolt)]) == [acme, acme]
    targets.nominate(ctx, "q3", [bolt], "mara", "fit")
    assert [one.account for one in targets.read(ctx, "q3").proposals] == ["Acme Bank"]


@pytest.mark.parametrize(
    ("words", "error"),
    [
        ({"evidence": "  "}, "needs evidence"),
        ({"by": "nobody"}, "there is no user"),
        ({"tier": 4}, "there is no tier 4"),
        ({"list_name": "no name!"}, "no name of a list"),
        ({"account_ids": [999]}, "there is no account 999"),
    ],
)
def test_a_wrong_nomination_leaves_nothing(ctx: Context, words: dict[str, object], error: str):
    known = {"list_name": "q3", "account_ids": [1], "by": "mara", "evidence": "fit", **words}
    with pytest.raises(AbmError, match=error):
        targets.nominate(ctx, **known)  # type: ignore[arg-type]
    assert not targets.lists(ctx)


def test_only_the_two_teams_sign_and_only_a_list_that_is_there(ctx: Context):
    nominate(ctx, "Acme Bank")
    with pytest.raises(AbmError, match="signed by marketing and sales"):
        sign(ctx, "olga")
    with pytest.raises(AbmError, match="did you mean 'q3'"):
        targets.sign(ctx, "q33", "mara")
    with ctx.db.writing() as session:
        session.exec(select(User).where(User.name == "mara")).one().active = False
    with pytest.raises(AbmError, match="not active"):
        sign(ctx, "mara")


def test_all_names_that_are_not_found_are_told_at_once(ctx: Context):
    with pytest.raises(AbmError, match=r"'Acne Bank'.*'Bold Works'"):
        targets.called(ctx, ["Acne Bank", "Dino Foods", "Bold Works"])


def test_a_list_shows_its_lines_and_what_each_signature_covers(ctx: Context):
    nominate(ctx, "Acme Bank")
    sign(ctx, "mara", "dana")
    nominate(ctx, "Bolt Works", by="dirk")
    (shown,) = targets.lists(ctx)
    assert [(one.team, one.by, one.covers) for one in shown.signatures] == [
        ("marketing", "mara", 1), ("sales", "dana", 1),
    ]  # fmt: skip
    assert [(one.account, one.by, one.target) for one in shown.proposals] == [
        ("Acme Bank", "mara", True), ("Bolt Works", "dirk", False),
    ]  # fmt: skip
    assert shown.targets == 1
