"""The words that conditions know, and the error that says which one they do not."""

from __future__ import annotations

from enum import Enum
from typing import Literal

from accounts.errors import AbmError
from orchestrator.terms import OutcomeClass

Scope = Literal["own", "any", "all", "count"]


class Type(Enum):
    """What an expression gives; its value is how a person calls it."""

    TRUTH = "true or false"
    COUNT = "a count"  # a number, and true when it is not 0
    NUMBER = "a number"
    TEXT = "a text"
    OUTCOME = "an outcome"  # may only be compared with words of OUTCOMES


EVENTS = ("sent", "delivered", "opened", "clicked", "replied", "bounced")
NO_CONTACT = "no_contact"  # how a step ends that found nobody to reach
OUTCOMES = (*(str(one) for one in OutcomeClass), NO_CONTACT)
VARIABLES = {
    "account.engagement": Type.NUMBER,
    "account.fit": Type.NUMBER,
    "account.tier": Type.NUMBER,
    "account.country": Type.TEXT,
    "account.lost_reason": Type.TEXT,
    "contact.engagement": Type.NUMBER,
    "contact.role": Type.TEXT,
    "contact.persona": Type.TEXT,
    "contact.country": Type.TEXT,
}
SCOPES = ("any", "all", "count")
FUNCTIONS = (*EVENTS, "outcome", "happened")
KEYWORDS = ("and", "or", "not", "in")


class ConditionError(AbmError):
    """A condition that cannot be read; `col` is the 0-based place in its text."""

    def __init__(self, col: int, message: str, hint: str = "") -> None:
        super().__init__(message, hint)
        self.col = col
        self.message = message
