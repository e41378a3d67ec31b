"""Why a deal was lost: what a CRM or a person wrote, as one of a few words that both teams use.

Pure. A sentence that names several takes the first of REASONS; what says nothing is `other`.
"""

from __future__ import annotations

import re

REASONS = ("competitor", "missing", "price", "timing", "no_decision", "other")

_WORDS = {
    "competitor": r"compet\w*|rival\w*|wettbewerb\w*|konkurren\w*|incumbent|another (vendor|"
    r"supplier|provider|tool)|chose\w* (another|other)|(went|going) with",
    "missing": r"missing|features?|functional\w*|gaps?|product fit|requirements?|integrations?|"
    r"capabilit\w*|roadmap|funktion\w*|fehl\w*",
    "price": r"pric\w*|budgets?|costs?|expensive|cheap\w*|discounts?|preis\w*|teuer|funds?|money",
    "timing": r"timing|time|too early|later|postpone\w*|not now|delay\w*|priorit\w*|zeitpunkt|"
    r"verschoben|freez\w*|frozen",
    "no_decision": r"no[ _-]decision|undecided|status quo|nothing changed|no response|unresponsive|"
    r"ghost\w*|went (dark|quiet|cold)|lost contact|keine entscheidung|indecision",
}
_SAID = {name: re.compile(rf"\b(?:{words})\b", re.IGNORECASE) for name, words in _WORDS.items()}


def lost_reason(text: str) -> str:
    """One of REASONS for what was written, "" for nothing."""
    told = text.strip()[:2_000]
    if not told or told.casefold() in REASONS:
        return told.casefold()
    return next((name for name, said in _SAID.items() if said.search(told)), "other")
