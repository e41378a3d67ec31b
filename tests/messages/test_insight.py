"""A mail that promises to teach something begins with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from accounts.errors import AbmError
from orchestrator.messages import Library
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


FACTS = {"account": {"name": "Acme & Sons", "sector": ""}, "unsubscribe": "x"}


@pytest.mark.parametrize(
    ("insight", "learned"),
    [
        ("Nine days.", "Nine days."),
        ("{{ account.name }} waits nine days.", "Acme & Sons waits nine days."),
        ("{{ account.sector | default('Others') }} wait.", "Others wait."),
        ("{% if account.name %}Nine days.{% endif %}", "Nine days."),
    ],
)
def test_a_lesson_is_filled(tmp_path: Path, insight: str, learned: str) -> None:
    assert library(tmp_path, insight).lesson("mail", FACTS) == learned


@pytest.mark.parametrize(
    ("insight", "why"),
    [("{{ account.sector }} wait.", "has no value"), ("{{ account.__class__ }}", "has no value")],
)
def test_a_lesson_that_cannot_be_filled_says_why(tmp_path: Path, insight: str, why: str) -> None:
    with pytest.raises(AbmError, match=why):
        library(tmp_path, insight).lesson("mail", FACTS)


@pytest.mark.parametrize("insight", ["{{ account.name", "{% include 'x' %}", "{% for %}"])
def test_an_insight_is_held_to_the_grammar_of_templates(tmp_path: Path, insight: str) -> None:
    with pytest.raises(AbmError, match="template mail"):
        library(tmp_path, insight).insight("mail")


def test_what_an_insight_uses_is_checked_with_the_rest(tmp_path: Path) -> None:
    assert "account.sector" in library(tmp_path, "{{ account.sector }}").variables("mail")


def library(folder: Path, insight: str) -> Library:
    text = f'---\nsubject: S\ninsight: "{insight}"\n---\nHi {{{{ unsubscribe }}}}\n'
    (folder / "mail.j2").write_text(text.replace('"', ""))
    return Library(folder)
