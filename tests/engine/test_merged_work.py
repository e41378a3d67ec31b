"""What runs at two accounts when they become one: people, plays, letters, tasks, rules."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import Session, SQLModel, col, select

from accounts.errors import AbmError
from accounts.records import Account, Contact, Suppression
from orchestrator.engine import agreement
from orchestrator.engine.events.inbox import receive
from orchestrator.engine.plays import holding, targets
from orchestrator.engine.plays.signatures import signed
from orchestrator.engine.reading import account_log
from orchestrator.engine.review.merging import merge
from orchestrator.engine.review.parting import unmerge
from orchestrator.engine.running.delivering import deliver
from orchestrator.records import Stop
from orchestrator.store.companies import people
from orchestrator.store.running import guards
from orchestrator.store.tasks.taking_back import retract
from orchestrator.terms import RawEvent, Reached
from tests.engine.switches import INSIGHT, LATER, RING
from tests.engine.test_holding import at
from tests.engine.world import DAY, World
from tests.planner import plans as forms
from tests.support import cast
from tests.support.cast import NOW


def two(world: World, *running: str) -> tuple[int, int]:
    """Acme and Bolt; those that are named are in a play with a mail and a call."""
    world.book("play", INSIGHT, RING)
    acme, bolt = world.companies("Acme", "Bolt")
    world.write(lambda session: cast.user(session, "dana", "sales"))
    ids = {"Acme": acme, "Bolt": bolt}
    world.enroll("play", [ids[name] for name in running])
    world.tick("advance")
    return acme, bolt


def rows(world: World, table: type[SQLModel], *where) -> list:
    with world.db.reading() as session:
        return list(session.exec(select(table).where(*where).order_by(col(table.id))))  # type: ignore[attr-defined]


def people_at(world: World, account: int) -> list[Contact]:
    kept = col(Contact.merged_into).is_(None)
    return rows(world, Contact, col(Contact.account_id) == account, kept)


# ---------------------------------------------------------------- people and rules


def test_the_same_person_is_one_and_a_refusal_of_either_counts(world: World):
    acme, bolt = two(world)
    world.write(
        lambda session: cast.person(
            session, session.get_one(Account, bolt), "A. Archer", email="ann.archer@acme.example",
            email_key="ann.archer@acme.example", consent="refused", title="CFO",
        )
    )  # fmt: skip
    [done] = merge(world.ctx, acme, [bolt], "dana")
    assert done.counts == {"people": 1, "same people": 1}
    ann, other = people_at(world, acme)
    assert (ann.name, ann.title, ann.consent) == ("Ann Archer", "CFO", "refused")
    assert other.email == "ann.archer@bolt.example"
    [double] = rows(world, Contact, col(Contact.merged_into).is_not(None))
    assert (double.name, double.account_id, double.merged_into) == ("A. Archer", bolt, ann.id)


def test_a_rule_for_the_other_account_binds_the_one_that_is_kept(world: World):
    acme, bolt = two(world, "Acme")
    world.write(
        lambda session: session.add(
            Suppression(scope="account", value=str(bolt), reason="legal", at=NOW)
        )
    )
    [done] = merge(world.ctx, acme, [bolt], "dana")
    assert deliver(world.ctx).counts == {"suppressed": 1}
    unmerge(world.ctx, done.id, "dana")
    assert [one.value for one in rows(world, Suppression)] == [str(bolt)]


def test_the_longer_rest_counts(world: World):
    acme, bolt = two(world, "Acme")

    def rest(session) -> None:
        other = session.get_one(Account, bolt)
        other.paused_until, other.pause_reason = NOW + 9 * DAY, "not now"

    world.write(rest)
    merge(world.ctx, acme, [bolt], "dana")
    assert deliver(world.ctx).counts == {"held": 1}
    assert world.touches()[0].reason == "not now"


# ---------------------------------------------------------------- plays


@pytest.mark.parametrize(
    ("mine", "theirs", "kept"),
    [(None, 2, 2), (5, 2, 2), (2, 5, 2), (5, None, 5), (None, None, None)],
)
def test_the_newer_moment_of_interest_counts_until_the_two_are_parted(
    world: World, mine: int | None, theirs: int | None, kept: int | None
):
    acme, bolt = two(world)
    before = {acme: mine, bolt: theirs}
    with world.db.writing() as session:
        for id_, days in before.items():
            session.get_one(Account, id_).moment_at = NOW - days * DAY if days else None
    (done,) = merge(world.ctx, acme, [bolt], "dana")
    assert moments(world)[acme] == kept
    unmerge(world.ctx, done.id, "dana")
    assert moments(world) == before


def moments(world: World) -> dict[int, int | None]:
    """How many days ago each account's newest moment was."""
    return {one.id: one.moment_at and (NOW - one.moment_at).days for one in rows(world, Account)}


def test_the_others_play_is_stopped_where_the_survivor_has_one(world: World):
    acme, bolt = two(world, "Acme", "Bolt")
    [done] = merge(world.ctx, acme, [bolt], "dana")
    assert done.plays == ("Play is stopped: Acme has a play already",)
    assert deliver(world.ctx).counts == {"sent": 1}
    world.tick("advance")
    assert world.statuses() == {"Acme": "active", "Bolt": "ended"}
    assert world.log(bolt, "ended") == ["Play ended as stopped: merged into Acme (dana)"]
    assert {one.account_id: one.status for one in world.tasks()} == {
        acme: "open",
        bolt: "cancelled",
    }
    assert unmerge(world.ctx, done.id, "dana").left == ()
    assert world.statuses() == {"Acme": "active", "Bolt": "active"}
    assert deliver(world.ctx).counts == {"sent": 1}
    assert [one.status for one in world.tasks()] == ["open", "open"]


def test_the_others_play_goes_on_at_a_survivor_without_one(world: World):
    acme, bolt = two(world, "Bolt")
    [done] = merge(world.ctx, acme, [bolt], "dana")
    assert done.plays == ("Play goes on at Acme",)
    assert deliver(world.ctx).counts == {"sent": 1}
    assert world.play(acme).status == "active"
    [task] = world.tasks()
    assert (task.account_id, task.status) == (acme, "open")
    world.tick()
    assert len(world.touches()) == 1


def test_a_play_comes_back_with_what_it_has_made_since(world: World):
    world.book("long", INSIGHT, LATER)
    acme, bolt = two(world)
    world.enroll("long", [bolt])
    world.tick("advance")
    [done] = merge(world.ctx, acme, [bolt], "dana")
    world.tick()
    world.clock.advance(5 * DAY)
    world.tick()
    [task] = world.tasks()
    assert task.account_id == acme
    assert unmerge(world.ctx, done.id, "dana").left == ()
    assert world.play(bolt, "long").account_id == bolt
    assert [one.account_id for one in world.tasks()] == [bolt]
    world.tick()
    assert [one.status for one in world.tasks()] == ["open"]


def test_what_waits_goes_on_waiting_at_the_survivor(world: World):
    world.book("later", forms.step("prepare", "todo", after=(), always=True))
    acme, bolt = two(world, "Acme", "Bolt")
    world.enroll("later", [bolt])
    world.tick("advance")
    [done] = merge(world.ctx, acme, [bolt], "dana")
    assert "Later waits at Acme" in done.plays
    world.tick("advance")
    waiting = world.play(acme, "later")
    assert (waiting.status, waiting.reason) == ("waiting", "another play drives the account: Play")
    unmerge(world.ctx, done.id, "dana")
    world.tick("advance")
    assert world.play(bolt, "later").account_id == bolt


def test_where_another_play_has_started_since_the_one_that_was_stopped_waits(world: World):
    world.book("later", forms.step("prepare", "todo", after=(), always=True))
    acme, bolt = two(world, "Acme", "Bolt")
    world.enroll("later", [bolt])
    world.tick("advance")
    [done] = merge(world.ctx, acme, [bolt], "dana")
    play = holding.target(world.ctx, "account", "Acme", "play")
    holding.stop(world.ctx, play, by="dana")
    world.tick("advance", "advance")
    assert world.play(acme, "later").status == "active"
    [left] = unmerge(world.ctx, done.id, "dana").left
    stopped = world.play(bolt, "play")
    assert left == f"play {stopped.id} waits: another play drives the account: Later"
    assert (world.play(bolt, "later").status, stopped.status) == ("active", "waiting")
    holding.stop(world.ctx, holding.target(world.ctx, "account", "Bolt", "later"), by="dana")
    world.tick("advance", "advance")
    assert world.play(bolt, "play").status == "active"


# ---------------------------------------------------------------- letters on their way


@pytest.mark.parametrize("point", ["after_claim", "after_offer"])
def test_a_claimed_letter_of_a_play_that_goes_on_leaves_once(world: World, point: str):
    acme, bolt = two(world, "Bolt")
    probe = at(point, lambda: merge(world.ctx, acme, [bolt], "dana"))
    deliver(world.context(probe))
    deliver(world.ctx)
    [touch] = world.touches()
    assert (touch.status, touch.account_id, touch.attempt) == ("sent", acme, 0)
    assert len(world.log(bolt, "touch.sent") + world.log(acme, "touch.sent")) == 1


@pytest.mark.parametrize("point", ["after_claim", "after_offer"])
def test_a_claimed_letter_of_a_play_that_is_stopped_does_not_leave(world: World, point: str):
    acme, bolt = two(world, "Acme", "Bolt")
    probe = at(point, lambda: merge(world.ctx, acme, [bolt], "dana"))
    deliver(world.context(probe))
    deliver(world.ctx)
    sent = {one.account_id: one.status for one in world.touches()}
    assert sent == {acme: "sent", bolt: "cancelled"}


def test_a_letter_that_may_have_left_is_recorded_all_the_same(world: World):
    acme, bolt = two(world, "Bolt")
    probe = at("after_send", lambda: merge(world.ctx, acme, [bolt], "dana"))
    assert deliver(world.context(probe)).counts == {"sent": 1}
    assert deliver(world.ctx).claimed == 0
    told = account_log(world.ctx, "Acme")
    assert [one.kind for one in told.entries][-1] == "touch.sent"


# ---------------------------------------------------------------- events that come later


def test_an_answer_to_the_others_mail_reaches_the_survivor(world: World):
    acme, bolt = two(world, "Acme", "Bolt")
    deliver(world.ctx)
    merge(world.ctx, acme, [bolt], "dana")
    said = {"email": "ann.archer@bolt.example", "key": world.touches()[1].key}
    receive(world.ctx, [RawEvent("mail", "1", "reply.interested", NOW, said)])
    assert world.log(acme, "reply.interested")
    assert not world.log(bolt, "reply.interested")
    [task] = [one for one in world.tasks() if one.purpose in ("reply", "hand_off")]
    assert task.account_id == acme


def test_an_opt_out_before_the_merge_binds_whoever_is_kept(world: World):
    acme, bolt = two(world, "Acme")
    same = {"email": "ann.archer@acme.example", "email_key": "ann.archer@acme.example"}

    def opted_out(session) -> None:
        ann = cast.person(session, session.get_one(Account, bolt), "Ann Archer", **same)
        session.add(Stop(account_id=bolt, contact_id=ann.id, reason="opted out", at=NOW))

    world.write(opted_out)
    merge(world.ctx, acme, [bolt], "dana")
    assert deliver(world.ctx).counts == {"cancelled": 1}
    assert "opted out" in world.touches()[0].reason


# ---------------------------------------------------------------- both histories


def test_the_log_tells_both_stories_in_order_and_where_the_other_went(world: World):
    acme, bolt = two(world, "Acme", "Bolt")
    world.clock.advance(timedelta(minutes=1))
    [done] = merge(world.ctx, acme, [bolt], "dana")
    world.clock.advance(timedelta(minutes=1))
    world.tick()
    for said in ("Acme", "Bolt", "bolt.example", str(bolt)):
        told = account_log(world.ctx, said)
        assert (told.name, [one.name for one in told.merged]) == ("Acme", ["Bolt"])
        assert [one.at for one in told.entries] == sorted(one.at for one in told.entries)
        assert sum(one.kind == "enrolled" for one in told.entries) == 2
        assert len(told.journeys) == 2
    [line] = world.log(bolt, "account.merged")
    assert line.startswith(f"Bolt was merged into Acme ({acme}) by dana")
    assert told.merged[0].merge_id == done.id
    unmerge(world.ctx, done.id, "dana")
    assert account_log(world.ctx, "Bolt").name == "Bolt"
    assert account_log(world.ctx, "Acme").merged == ()


def test_what_happened_at_the_other_counts_for_the_survivors_score(world: World):
    acme, bolt = two(world)
    agreement.apply(world.ctx, "score:\n  half_life: 30d\n  weights: {visit: 5}\n")
    visit = RawEvent("web", "1", "visit", NOW, {"email": "ann.archer@bolt.example"})
    receive(world.ctx, [visit])
    before = rows(world, Account)[1].engagement
    [done] = merge(world.ctx, acme, [bolt], "dana")
    assert rows(world, Account)[0].engagement == pytest.approx(before)
    assert before > 0
    unmerge(world.ctx, done.id, "dana")
    assert [one.engagement for one in rows(world, Account)] == [0, pytest.approx(before)]


# ---------------------------------------------------------------- what changes in between


def test_an_undo_overwrites_nothing_that_changed_since(world: World):
    acme, bolt = two(world)
    world.write(lambda session: setattr(session.get_one(Account, bolt), "phone", "+4930111"))
    [done] = merge(world.ctx, acme, [bolt], "dana")
    assert rows(world, Account)[0].phone == "+4930111"
    world.write(lambda session: setattr(session.get_one(Account, acme), "phone", "+4930222"))
    visit = RawEvent("web", "1", "visit", NOW, {"email": "ann.archer@bolt.example"})
    receive(world.ctx, [visit])
    left = unmerge(world.ctx, done.id, "dana").left
    assert left == (f"account {acme}: phone was changed since and stays",)
    assert [one.phone for one in rows(world, Account)] == ["+4930222", "+4930111"]
    assert world.log(acme, "visit")
    assert [one.account_id for one in rows(world, Contact)] == [acme, bolt]


# ---------------------------------------------------------------- what cannot be merged


def test_an_account_is_never_merged_with_itself_twice_or_by_a_dead_name(world: World):
    acme, bolt = two(world)
    [coil] = world.companies("Coil")
    for survivor, other, why in ((acme, acme, "itself"), (acme, 99, "no account 99")):
        with pytest.raises(AbmError, match=why):
            merge(world.ctx, survivor, [other], "dana")
    merge(world.ctx, acme, [bolt], "dana")
    for survivor, other, hint in (
        (acme, bolt, "nothing left to do"),
        (coil, bolt, f"say {acme} instead"),
        (bolt, coil, f"say {acme} instead"),
        (bolt, acme, f"say {acme} instead"),
    ):
        with pytest.raises(AbmError, match=r"Bolt \(\d+\) was merged into Acme") as refused:
            merge(world.ctx, survivor, [other], "dana")
        assert hint in refused.value.hint or other == acme
    with pytest.raises(AbmError, match="nobody"):
        merge(world.ctx, acme, [coil], "nobody")
    assert [one.merged_into for one in rows(world, Account)] == [None, acme, None]


def test_merges_that_build_on_one_another_are_undone_the_last_first(world: World):
    acme, bolt = two(world)
    [coil] = world.companies("Coil")
    [first] = merge(world.ctx, acme, [bolt], "dana")
    [second] = merge(world.ctx, coil, [acme], "dana")
    assert account_log(world.ctx, "Bolt").name == "Coil"
    with pytest.raises(AbmError) as refused:
        unmerge(world.ctx, first.id, "dana")
    assert refused.value.hint == f"undo that one first: abm unmerge {second.id}"
    unmerge(world.ctx, second.id, "dana")
    unmerge(world.ctx, first.id, "dana")
    with pytest.raises(AbmError, match="was undone on"):
        unmerge(world.ctx, first.id, "dana")
    assert account_log(world.ctx, "Bolt").name == "Bolt"


def test_a_dry_run_says_it_all_and_writes_nothing(world: World):
    acme, bolt = two(world, "Bolt")
    [tried] = merge(world.ctx, acme, [bolt], "dana", dry_run=True)
    assert [one.merged_into for one in rows(world, Account)] == [None, None]
    assert (tried.id, world.log(bolt, "account.merged")) == (0, [])
    [done] = merge(world.ctx, acme, [bolt], "dana")
    assert (done.counts, done.plays, done.told) == (tried.counts, tried.plays, tried.told)


# ---------------------------------------------------------------- what was agreed, and what counts


def test_what_both_teams_agreed_of_the_other_they_agreed_of_the_survivor(world: World):
    acme, bolt = two(world)
    world.write(lambda session: cast.user(session, "mara", "marketing"))
    targets.nominate(world.ctx, "spring", [bolt], "dana", "they asked")
    for name in ("dana", "mara"):
        targets.sign(world.ctx, "spring", name)
    [done] = merge(world.ctx, acme, [bolt], "dana")
    book = world.book("signed", RING, unsigned=False)
    enrolled = world.enroll(book.name, [acme])
    assert [one.rule for one in enrolled.refused] == []
    assert targets.read(world.ctx, "spring").targets == 1
    unmerge(world.ctx, done.id, "dana")
    with world.db.reading() as session:
        assert signed(session, [acme, bolt], NOW) == {bolt}


def test_what_reached_the_other_counts_to_the_survivors_caps(world: World):
    acme, bolt = two(world, "Bolt")
    assert deliver(world.ctx).counts == {"sent": 1}
    [touch] = world.touches()
    merge(world.ctx, acme, [bolt], "dana")
    with world.db.reading() as session:
        reached = guards.reached(session, [acme], people.family(session, [acme]), NOW - DAY)
    assert reached == {acme: {touch.id: Reached(touch.contact_id, NOW)}}


def test_whoever_answered_before_the_merge_has_answered_for_good(world: World):
    """The same stop is not written twice, and a rep may lift it at the survivor."""
    acme, bolt = two(world, "Bolt")
    said = {"email": "ann.archer@bolt.example"}
    receive(world.ctx, [RawEvent("mail", "1", "reply.refusal", NOW, said)])
    merge(world.ctx, acme, [bolt], "dana")
    receive(world.ctx, [RawEvent("mail", "2", "reply.refusal", NOW, said)])
    [stop] = rows(world, Stop)
    with world.db.writing() as session:
        assert retract(session, acme, stop.contact_id, NOW, NOW) == [stop.id]


def test_a_ring_of_merges_is_read_once_and_ends(sqlite_world: World):
    world = sqlite_world
    acme, bolt = world.companies("Acme", "Bolt")

    def ring(session: Session) -> None:
        for id_, into in ((acme, bolt), (bolt, acme)):
            session.get_one(Account, id_).merged_into = into

    world.write(ring)
    with world.db.reading() as session:
        assert people.family(session, [acme]).of([acme]) == [acme, bolt]
