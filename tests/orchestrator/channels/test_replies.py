"""What becomes of a contact hangs on these: a block list's answer must not cost us a person."""

from __future__ import annotations

import pytest

from orchestrator.channels.replies import Reply, refusal

# verb, code, text, status, permanent
CASES = [
    ("RCPT", 550, "5.1.1 no such mailbox", "failed", "bad_address"),
    ("RCPT", 550, "5.1.10 RecipientNotFound", "failed", "bad_address"),
    ("RCPT", 550, "5.1.6 moved away", "failed", "bad_address"),
    ("dot", 550, "5.1.1 unknown", "failed", "bad_address"),
    ("RCPT", 550, "User unknown", "failed", "bad_address"),
    ("RCPT", 550, "No such user here", "failed", "bad_address"),
    ("RCPT", 551, "mailbox not found", "failed", "bad_address"),
    ("RCPT", 553, "recipient doesn't exist", "failed", "bad_address"),
    ("RCPT", 550, "5.7.1 User unknown; your address is on a block list", "failed", "blocked"),
    ("RCPT", 550, "5.7.515 Access denied, domain not authenticated", "failed", "blocked"),
    ("RCPT", 550, "Invalid recipient: blocked by Spamhaus", "failed", "blocked"),
    (
        "RCPT",
        554,
        "Service unavailable; client host blocked using zen.example",
        "failed",
        "blocked",
    ),
    ("dot", 554, "5.7.1 spam", "failed", "blocked"),
    ("dot", 554, "Message rejected due to local policy", "failed", "blocked"),
    ("RCPT", 550, "5.4.1 relay access denied", "failed", "refused"),
    ("RCPT", 552, "5.2.2 mailbox full", "failed", "refused"),
    ("RCPT", 550, "no", "failed", "refused"),
    ("RCPT", 550, "5.1.2 no such domain", "failed", "refused"),
    ("dot", 552, "5.3.4 message too big", "failed", "bad_content"),
    ("dot", 550, "5.6.0 malformed", "failed", "bad_content"),
    ("MAIL", 550, "5.1.1 sender unknown", "failed", "refused"),
    ("MAIL", 553, "user unknown", "failed", "refused"),
    ("MAIL", 530, "5.7.0 must issue a STARTTLS command first", "retry", ""),
    ("MAIL", 535, "5.7.8 who are you", "retry", ""),
    ("RCPT", 503, "5.5.1 MAIL first", "retry", ""),
    ("RCPT", 450, "4.2.1 try later", "retry", ""),
    ("RCPT", 450, "4.1.1 user unknown for now", "retry", ""),
    ("RCPT", 421, "4.3.2 shutting down", "retry", ""),
    ("DATA", 451, "4.3.0 disk full", "retry", ""),
    ("DATA", 554, "5.5.1 no valid recipients", "failed", "refused"),
    ("dot", 451, "4.3.0 disk full", "retry", ""),
    ("dot", 421, "4.3.2 shutting down", "retry", ""),
    ("dot", 354, "go on", "unknown", ""),
    ("DATA", 250, "ok", "retry", ""),
]


@pytest.mark.parametrize(("verb", "code", "text", "status", "permanent"), CASES)
def test_refusals(verb: str, code: int, text: str, status: str, permanent: str):
    receipt = refusal(Reply(code, text), verb)
    assert (receipt.status, receipt.permanent) == (status, permanent)
    assert receipt.reply == f"{verb}: {code} {text}"


def test_a_long_answer_is_shortened():
    assert len(refusal(Reply(550, "x" * 5000), "RCPT").reply) < 320
