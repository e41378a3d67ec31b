"""Pages for those who may not see how people are reached.

The last of two locks: pages leave out by themselves what they know to be an address. This one hides
what people wrote into notes, reasons, scripts and facts.
"""

from __future__ import annotations

import re

HIDDEN = "•••"
_MAIL = re.compile(r"[\w.+%-]{1,64}@(?:[\w-]{1,63}\.)+[a-z]{2,24}", re.IGNORECASE)
# A number as we store it, or grouped by hand.
_PHONE = re.compile(r"\+\d(?:[ ()/.-]{0,2}\d){7,14}(?!\d)")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")  # "+10 2026-11-20" is a score and a day


def masked(text: str) -> str:
    """The text without addresses of mail, and without numbers that begin with a country."""
    return _PHONE.sub(_unless_a_day, _MAIL.sub(HIDDEN, text))


def _unless_a_day(found: re.Match[str]) -> str:
    return found[0] if _DAY.search(found[0]) else HIDDEN
