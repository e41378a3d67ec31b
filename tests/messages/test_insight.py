"""A mail that promises to teach something begins with it."""

from __future__ import annotations

import pytest

from orchestrator.messages.insight import is_said

INSIGHT = "Two of three supplier invoices wait nine days for a reply."


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Hi {{ contact.first_name }},\n\nSupplier invoices wait for days.\n\nIs it so?\n", True),
        ("Hi,\n\n{# invoices wait #}Is this a good time? May I ask you something?\n", False),
        ("Hi,\n\nI am Sam. I sell things. Two of three invoices wait nine days.\n", False),
        ("An invoice waits for its reply. So what?", True),
        ("Hi,\n\n{% if account.tier == 1 %}Nine suppliers, three invoices.{% endif %}", True),
        ("", False),
    ],
)
def test_its_words_stand_in_the_first_two_sentences(text: str, said: bool) -> None:
    assert is_said(INSIGHT, text) is said


def test_one_word_is_enough_of_one_word() -> None:
    assert is_said("Compliance!", "Hi,\n\nIt is compliance that asks.")
    assert is_said("", "anything")


def test_long_texts_without_an_end_are_read_at_once() -> None:
    assert not is_said(INSIGHT, "{{" * 30_000)
