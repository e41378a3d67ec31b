"""What a rep may say of a task when it is closed, checked before anything is written. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from accounts.errors import AbmError
from accounts.identity import clean_text, email_key, phone_key
from accounts.nearest import nearest
from orchestrator.store.tasks.tasks import Card
from orchestrator.terms import OUTCOME_OF_DISPOSITION

NOTE_LIMIT = 10_000  # characters
ANSWERS = ("accepted", "declined")  # to a hand-off, and to a mail that waits for a yes
SKIPPED = "skipped"
ELSEWHERE = "done elsewhere"  # why a task is there that somebody only logged
# Why an account goes back to marketing.
HAND_BACKS = {
    "not_ready": "not ready yet",
    "no_fit": "does not fit",
    "wrong_people": "these are the wrong people",
    "too_little": "too little is known",
    "taken": "somebody works on it elsewhere",
}

# How each sort of task mostly ends, in the order in which a desk offers it before all others.
_OF_A_TALK = (
    "connected", "meeting_booked", "interested", "not_now", "referral", "not_interested",
)  # fmt: skip
USUAL = {
    "call": ("no_answer", "voicemail", *_OF_A_TALK, "gatekeeper"),
    "social": ("sent", "no_answer", *_OF_A_TALK[1:]),
    "personal_mail": ("sent", "no_answer", *_OF_A_TALK[1:]),
    "direct_mail": ("sent",),
    "reply": (*_OF_A_TALK[1:], "wrong_person", "left_company", "do_not_contact", "done"),
    "find": ("done", "left_company", "wrong_person"),
}
_OF_A_PERSON = ("do_not_contact", "left_company", "referral", "wrong_number", "wrong_person")
_SAID = tuple(one for one in OUTCOME_OF_DISPOSITION if one not in (*ANSWERS, SKIPPED))


@dataclass(frozen=True, slots=True)
class Said:
    """What the rep said: how it ended, and what that kind of end needs to name."""

    disposition: str
    note: str = ""
    until: datetime | None = None  # not_now
    referral: str = ""  # referral: whom to ask instead, in words
    address: str = ""  # a find task: the e-mail, phone or profile that was found
    back: str = ""  # why marketing gets the account back, in words
    subject: str = ""
    answer: str = ""  # to somebody who wrote: it leaves by the house's own mail


def allowed(task: Card) -> tuple[str, ...]:
    """The dispositions with which the task may end, the usual ones first."""
    if is_question(task):
        return ANSWERS
    said = (*usual(task), *_SAID)
    return tuple(one for one in dict.fromkeys(said) if task.contact_id or one not in _OF_A_PERSON)


def usual(task: Card) -> tuple[str, ...]:
    """The dispositions with which a task of its sort mostly ends."""
    if is_question(task):
        return ANSWERS
    return USUAL.get(task.kind if task.purpose == "step" else task.purpose, ("done",))


def is_question(task: Card) -> bool:
    """Whether the task asks for a yes or a no."""
    return task.purpose in ("approve", "hand_off") or task.kind == "hand_off"


def check(task: Card, said: Said, now: datetime) -> Said:
    """The same, tidied; AbmError for what cannot be said of this task."""
    disposition = said.disposition.strip().lower().replace(" ", "_").replace("-", "_")
    if disposition != SKIPPED and disposition not in allowed(task):
        raise AbmError(_no(disposition, task), nearest(disposition, allowed(task)))
    if disposition == "referral" and not said.referral.strip():
        raise AbmError("a referral names somebody", "say whom to ask instead (referral)")
    if said.until and (disposition != "not_now" or said.until <= now):
        past = "it lies in the past" if disposition == "not_now" else "only not_now has a date"
        raise AbmError(f"until {said.until:%Y-%m-%d} cannot be: {past}")
    if disposition == "declined" and not said.note.strip():
        raise AbmError("whoever declines says why", "the other team reads it (note)")
    if said.answer.strip() and (task.purpose != "reply" or disposition == SKIPPED):
        raise AbmError("only a reply is answered", "skip it without an answer, or end it otherwise")
    if said.address and (task.purpose != "find" or disposition != "done"):
        raise AbmError("only a search that is done takes an address")
    return Said(
        disposition,
        said.note.strip()[:NOTE_LIMIT],
        said.until,
        clean_text(said.referral)[:200],
        said.address.strip(),
        said.back,
        said.subject,
        said.answer.strip(),
    )


def _no(disposition: str, task: Card) -> str:
    if disposition not in OUTCOME_OF_DISPOSITION:
        return f"there is no disposition {disposition!r}"
    return f"{task.title!r} cannot end as {disposition}"


# ---------------------------------------------------------------- an address


def address_columns(address: str, needed: str, country: str) -> dict[str, str]:
    """The contact's columns that an address found fills; AbmError if it is none of that kind.

    `needed` is email, phone or social; "" leaves it to the looks of the address.
    """
    kind = needed or _looks_like(address)
    if kind == "email":
        if "@" not in address or not (key := email_key(address)) or " " in address:
            raise AbmError(f"{address!r} is no e-mail address")
        return {"email": address, "email_key": key}
    if kind == "phone":
        if (number := phone_key(address, country)) is None:
            raise AbmError(f"{address!r} is no phone number", "with its country: +49 30 1234567")
        return {"phone": number}
    if not address.startswith(("https://", "http://")) or len(address) > 500:
        raise AbmError(f"{address[:80]!r} is no profile", "its whole address: https://...")
    return {"social": address}


def _looks_like(address: str) -> str:
    if address.startswith(("https://", "http://")):
        return "social"
    return "email" if "@" in address else "phone"
