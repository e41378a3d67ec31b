"""What a mail server's answer means for the message.

A code is definite: 2xx it is theirs, 4xx try later, 5xx never. Why it is "never" decides what
becomes of the contact, and a wrong guess loses people: a block list's answer says nothing about
the mailbox, so only the enhanced codes made for it, or plain words without any enhanced code,
call an address bad.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from orchestrator.terms import Receipt

SHOWN = 300  # characters of an answer that we keep

_ENHANCED = re.compile(r"\b5\.\d{1,3}\.\d{1,3}\b")
_BAD_ADDRESS = {"5.1.1", "5.1.6", "5.1.10"}
_BAD_CONTENT = ("5.6.", "5.3.4")
_NO_SUCH_USER = re.compile(
    r"(?:no such|unknown|invalid|nonexistent) (?:user|mailbox|recipient|address)"
    r"|(?:user|mailbox|recipient|address|account) "
    r"(?:is )?(?:unknown|not found|does ?n.t exist|does not exist|not exist)",
    re.IGNORECASE,
)
_BLOCK_LIST = re.compile(
    r"block(?:ed|.?list)|black.?list|deny.?list|spam|\brbl\b|dnsbl|spamhaus|reputation|policy",
    re.IGNORECASE,
)
# Answers about ourselves: we lack a log-in, or the two sides have lost step. No recipient's fault.
_OURS = {500, 502, 503, 530, 534, 535, 538}


class Reply(NamedTuple):
    """A code of 200..599 and its text, the lines joined by spaces."""

    code: int
    text: str

    def __str__(self) -> str:
        return f"{self.code} {self.text}".strip()[:SHOWN]


def refusal(reply: Reply, verb: str) -> Receipt:
    """The receipt for a code other than the wished one, in answer to MAIL, RCPT, DATA or the dot.

    Nothing has left unless the verb is the dot; then only 4xx and 5xx say so.
    """
    said = f"{verb}: {reply}"
    if 500 <= reply.code < 600 and reply.code not in _OURS:
        return Receipt("failed", said, permanent=_why(reply, about_recipient=verb != "MAIL"))
    if verb == "dot" and reply.code < 400:
        return Receipt("unknown", said)
    return Receipt("retry", said)


def _why(reply: Reply, *, about_recipient: bool) -> str:
    found = _ENHANCED.search(reply.text)
    status = found[0] if found else ""
    if status.startswith("5.7."):
        return "blocked"
    if status.startswith(_BAD_CONTENT):
        return "bad_content"
    if about_recipient and (status in _BAD_ADDRESS or (not status and _unknown_user(reply))):
        return "bad_address"
    if not status and _BLOCK_LIST.search(reply.text):
        return "blocked"
    return "refused"


def _unknown_user(reply: Reply) -> bool:
    return (
        reply.code in {550, 551, 553}
        and _NO_SUCH_USER.search(reply.text) is not None
        and not _BLOCK_LIST.search(reply.text)
    )
