"""Why a deal was lost, in one of a few words, whatever a CRM calls it."""

from __future__ import annotations

import pytest

from accounts.headers import guess_columns
from accounts.importing import AccountRow, account_rows
from accounts.lost import REASONS, lost_reason
from accounts.tables import read_table

SAID = [
    ("", ""),
    ("  ", ""),
    ("Lost to Competitor", "competitor"),
    ("went with Brightpath", "competitor"),
    ("Price / Budget", "price"),
    ("zu teuer", "price"),
    ("Missing feature: SSO", "missing"),
    ("Missing integration, and too expensive", "missing"),
    ("Bad timing", "timing"),
    ("No decision / non-responsive", "no_decision"),
    ("went dark", "no_decision"),
    ("NO_DECISION", "no_decision"),
    ("see notes", "other"),
    ("x" * 100_000, "other"),
]


@pytest.mark.parametrize(("text", "reason"), SAID, ids=[text[:20] or "-" for text, _ in SAID])
def test_what_was_written_becomes_one_of_a_few_words(text: str, reason: str) -> None:
    assert lost_reason(text) == reason
    assert not reason or reason in REASONS


def test_an_import_reads_it_and_keeps_what_was_written() -> None:
    table = read_table(b"Account Name,Closed Lost Reason\nAcme,Too expensive for them\nBolt,\n")
    acme, bolt = account_rows(table, guess_columns(table.headers, "accounts"))
    assert isinstance(acme, AccountRow)
    assert isinstance(bolt, AccountRow)
    assert (acme.lost_reason, dict(acme.extra)["lost_reason"]) == (
        "price",
        "Too expensive for them",
    )
    assert (bolt.lost_reason, bolt.extra) == ("", ())
