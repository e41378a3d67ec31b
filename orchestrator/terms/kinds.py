"""What a step can do, whom that asks for, and the classes of how it ends."""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """What a step does."""

    EMAIL = "email"
    ADS = "ads"
    CONTENT = "content"
    DIRECT_MAIL = "direct_mail"
    WEBHOOK = "webhook"
    NOTIFY = "notify"
    CALL = "call"
    SOCIAL = "social"
    PERSONAL_MAIL = "personal_mail"
    TODO = "todo"
    HAND_OFF = "hand_off"
    HAND_BACK = "hand_back"
    WAIT_FOR = "wait_for"
    CHOOSE = "choose"


SENT_BY_ENGINE = frozenset({Kind.EMAIL, Kind.WEBHOOK, Kind.NOTIFY})  # a Touch
DONE_BY_NOBODY = frozenset(
    {Kind.WAIT_FOR, Kind.CHOOSE}
)  # neither Touch nor Task; all else is a Task
REACHES_PERSON = frozenset(
    {Kind.EMAIL, Kind.CALL, Kind.SOCIAL, Kind.PERSONAL_MAIL, Kind.DIRECT_MAIL}
)  # counts to caps, asks for an address and consent
ADDRESS_OF = {  # which of a person's addresses a kind needs
    Kind.EMAIL: "email",
    Kind.PERSONAL_MAIL: "email",
    Kind.CALL: "phone",
    Kind.SOCIAL: "social",
}
TEAM_OF = {  # rule 13: the kind gives the default team
    Kind.EMAIL: "marketing",
    Kind.ADS: "marketing",
    Kind.CONTENT: "marketing",
    Kind.DIRECT_MAIL: "marketing",
    Kind.WEBHOOK: "marketing",
    Kind.NOTIFY: "marketing",
    Kind.CALL: "sales",
    Kind.SOCIAL: "sales",
    Kind.PERSONAL_MAIL: "sales",
    Kind.TODO: "sales",
    Kind.HAND_OFF: "sales",
    Kind.HAND_BACK: "marketing",
}


class OutcomeClass(StrEnum):
    """The classes into which every way of ending a party falls (DESIGN §5.1 rule 6)."""

    REACHED = "reached"
    NOT_REACHED = "not_reached"
    REFUSED = "refused"
    BAD_DATA = "bad_data"
    NOT_DONE = "not_done"


OUTCOME_OF_DISPOSITION = {
    "connected": OutcomeClass.REACHED,
    "meeting_booked": OutcomeClass.REACHED,
    "interested": OutcomeClass.REACHED,
    "not_now": OutcomeClass.REACHED,
    "done": OutcomeClass.REACHED,
    "sent": OutcomeClass.REACHED,
    "accepted": OutcomeClass.REACHED,
    "referral": OutcomeClass.REACHED,
    "no_answer": OutcomeClass.NOT_REACHED,
    "voicemail": OutcomeClass.NOT_REACHED,
    "gatekeeper": OutcomeClass.NOT_REACHED,
    "not_interested": OutcomeClass.REFUSED,
    "do_not_contact": OutcomeClass.REFUSED,
    "bad_fit": OutcomeClass.REFUSED,
    "declined": OutcomeClass.REFUSED,
    "legal": OutcomeClass.REFUSED,
    "wrong_number": OutcomeClass.BAD_DATA,
    "wrong_person": OutcomeClass.BAD_DATA,
    "left_company": OutcomeClass.BAD_DATA,
    "skipped": OutcomeClass.NOT_DONE,
}
