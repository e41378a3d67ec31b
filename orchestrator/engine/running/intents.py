"""The guards of a group of letters, read again in the transaction of their intent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlmodel import Session

from accounts.consent import Rule, suppressed_by, values_of
from orchestrator import sentences
from orchestrator.engine.running.letters import Letter
from orchestrator.pacing import ASK_AGAIN, Guard, may_send, window
from orchestrator.store.companies import people
from orchestrator.store.companies.people import Family
from orchestrator.store.running import guards, mailboxes
from orchestrator.store.running.guards import Standing
from orchestrator.terms import REACHES_PERSON, Go, Kind, Reached, Ruling, StopMark


def rulings(
    session: Session, letters: Sequence[Letter], *, owner: str, now: datetime
) -> list[tuple[Letter, Ruling]]:
    """Which letters may leave now; whose claim was lost is not among them.

    They are asked in the order in which they compete, and each one that goes counts to the caps
    of the next. One that goes again counts once, and never against itself. The caller has locked
    their enrollments.
    """
    standing = guards.standings(session, [letter.touch.id for letter in letters], owner)
    ours = [letter for letter in letters if _holds(standing, letter)]
    accounts = {letter.touch.account_id for letter in ours}
    rules = guards.suppressions(session, _values(ours, standing))
    family = people.family(session, accounts)
    stops = guards.stops(session, accounts, family, now)
    reached = _reached(session, ours, family, now)
    mailed = mailboxes.sent(session, keys_of(ours, now))
    answers: list[tuple[Letter, Ruling]] = []
    for letter in ours:
        touch, own = letter.touch, standing[letter.touch.id]
        before = reached.setdefault(touch.account_id, {})
        others = tuple(one for id_, one in before.items() if id_ != touch.id)
        binding = tuple(stops.get(touch.account_id, ()))
        guard = _guard(letter, own, binding, _refused(own, rules, letter), others, now)
        if letter.box and not touch.intent_at:  # one that goes again has been counted
            guard = replace(guard, quota=letter.box.quota(mailed, now))
        ruling = may_send(letter.sending, guard, now)
        if isinstance(ruling, Go) and touch.contact_id and letter.sending.kind in REACHES_PERSON:
            before[touch.id] = Reached(touch.contact_id, now)
        if isinstance(ruling, Go):
            for key, number in keys_of([letter], now).items():
                mailed[key] += number
        answers.append((letter, ruling))
    return answers


def keys_of(letters: Sequence[Letter], now: datetime) -> Counter[mailboxes.Key]:
    """How many of these each mailbox with a limit sends for the first time, and on which day."""
    return Counter(
        (one.box.address, one.box.day(now))
        for one in letters
        if one.box and not one.touch.intent_at
    )


def _guard(
    letter: Letter, own: Standing, stops: tuple[StopMark, ...], suppressed: str,
    reached: tuple[Reached, ...], now: datetime,
) -> Guard:  # fmt: skip
    status, reason, resumes_at = _pause(own, now)
    return Guard(
        hours=letter.hours,
        enrollment_status=status,
        enrollment_reason=reason,
        resumes_at=resumes_at,
        stops=stops,
        suppressed=suppressed,
        left=_left(own, letter),
        reached=reached,
        caps=letter.caps,
    )


def _holds(standing: dict[int, Standing], letter: Letter) -> bool:
    own = standing.get(letter.touch.id)
    return own is not None and own.fence == letter.touch.fence


def _values(letters: Sequence[Letter], standing: dict[int, Standing]) -> set[str]:
    """Every value under which a do-not-contact rule may stand that covers one of them."""
    values: set[str] = set()
    for letter in letters:
        touch = letter.touch
        values |= values_of(letter.email_key, standing[touch.id].domain, touch.account_id)
    return values


def _reached(
    session: Session, letters: Sequence[Letter], family: Family, now: datetime
) -> dict[int, dict[int, Reached]]:
    capped = [letter for letter in letters if letter.caps]
    if not capped:
        return {}
    longest = max(window(cap.window) for letter in capped for cap in letter.caps)
    accounts = {letter.touch.account_id for letter in capped}
    return guards.reached(session, accounts, family, now - longest)


def _pause(own: Standing, now: datetime) -> tuple[str, str, datetime | None]:
    """(status, reason, end) of the play: the switches of playbook and account hold it, too."""
    if own.enrollment_status != "active":
        return own.enrollment_status, own.enrollment_reason, own.resumes_at
    if own.playbook_paused_at:
        # The switch has not reached this play: nobody will wake it for this.
        return "paused", own.playbook_reason or "the playbook is paused", now + ASK_AGAIN
    if own.account_paused_until and own.account_paused_until > now:
        return "paused", own.account_reason or "the account rests", own.account_paused_until
    return "active", "", None


def _refused(own: Standing, rules: Sequence[Rule], letter: Letter) -> str:
    if letter.sending.kind is Kind.NOTIFY:
        return ""  # it goes to one of us
    if own.consent == "refused":
        return sentences.REFUSED
    if not rules:
        return ""
    rule = suppressed_by(letter.email_key, own.domain, letter.touch.account_id, rules)
    return rule.reason if rule else ""


def _left(own: Standing, letter: Letter) -> str:
    """Why the person must not get what was planned for this account."""
    if letter.sending.kind is Kind.NOTIFY:
        return ""
    if own.left_at:
        return own.left_reason or sentences.GONE
    if own.works_at not in (None, letter.touch.account_id):
        return "the person belongs to another account now"
    return "the account was merged into another one" if own.merged_into else ""
