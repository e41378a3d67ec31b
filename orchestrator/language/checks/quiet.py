"""Quiet hours leave some time in which people can be reached, and say more than the workspace's."""

from __future__ import annotations

from orchestrator.calendar import parse_hours
from orchestrator.language.checks.case import Case
from orchestrator.language.codes import Code
from orchestrator.language.vocabulary import Vocabulary
from orchestrator.terms import REACHES_PERSON, CalendarSpec

DAY = 24 * 60  # minutes
WHOLE_DAY = frozenset(range(DAY))


def check_quiet(case: Case) -> None:
    """The playbook's own quiet hours do not cover its working hours."""
    if own := _own(case):
        _leave_time(case, own, "the quiet hours")


def check_workspace_quiet(case: Case, words: Vocabulary) -> None:
    """Nor do the workspace's, alone or with those; and the playbook's do not lie within them."""
    own, theirs = _own(case), words.quiet
    calendar = case.form.get("calendar")
    if not theirs or (calendar and not calendar.sound):
        return
    whose = f"the workspace's quiet hours {theirs}"
    if own and _minutes(own) <= _minutes(theirs):
        message = f"{whose} hold already, so that {own} changes nothing"
        case.add(calendar.at("quiet"), Code.IDLE_QUIET, message, "take it out")
    _leave_time(case, theirs, whose)
    if own:
        _leave_time(case, own, f"{whose} and its own", theirs)


def _own(case: Case) -> str:
    calendar = case.form.get("calendar")
    return calendar.get("quiet", "") if calendar and calendar.sound else ""


def _leave_time(case: Case, quiet: str, whose: str, beside: str = "") -> None:
    """Of the hours by which people are reached, something is left; alone, each was looked at."""
    calendar = case.form.get("calendar")
    reaching = [one for one in case.steps if one.step.kind in REACHES_PERSON]
    if not reaching or case.unread:
        return
    alone = [_minutes(text) for text in (quiet, beside) if text]
    hours = calendar["hours"] if calendar else CalendarSpec().hours
    ours = calendar is None or calendar["zone"] == "contact"  # elsewhere it is another day
    wanted = _minutes(hours) if ours and not all(one.step.always for one in reaching) else WHOLE_DAY
    if not wanted <= set[int]().union(*alone) or (beside and any(wanted <= one for one in alone)):
        return
    what = f"the hours {hours}" if wanted is not WHOLE_DAY else "the whole day"
    message = f"{whose} cover {what}: nobody could be reached"
    at = calendar.at("quiet") if calendar else reaching[0].form.at("id")
    case.add(at, Code.NEVER_OPEN, message, "leave some time for people to be reached")


def _minutes(hours: str) -> set[int]:
    """The minutes of a day that lie in hours, over midnight or not."""
    begins, ends = ((one.hour * 60 + one.minute) for one in parse_hours(hours))
    return {minute % DAY for minute in range(begins, ends if ends > begins else ends + DAY)}
