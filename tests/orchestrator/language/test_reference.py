"""The reference page says what the language does, word by word."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from orchestrator.language import check
from orchestrator.language.codes import Code
from orchestrator.language.reference import MARK, renewed
from orchestrator.terms import Kind

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs/language.md").read_text("utf-8")
EXAMPLES = [
    (page, number, found[1])
    for page in ("docs/language.md", "README.md")
    for number, found in enumerate(
        re.finditer(r"```yaml\n(.*?)```", (ROOT / page).read_text("utf-8"), re.DOTALL)
    )
    if found[1].startswith("name:")
]


def test_the_page_is_what_the_tables_say() -> None:
    command = "python -m orchestrator.language.reference docs/language.md"
    assert renewed(PAGE) == PAGE, f"renew it: {command}"


def test_the_page_has_a_part_written_by_hand_and_leaves_it_alone() -> None:
    by_hand = PAGE.partition(MARK)[0]
    assert renewed(by_hand + MARK + "something old") == PAGE
    numbers = [int(number) for number in re.findall(r"^(\d+)\. \*\*", by_hand, re.MULTILINE)]
    assert numbers == [*range(1, 21)]


def test_nothing_is_left_out() -> None:
    assert all(f"### `{kind}`" in PAGE for kind in Kind)
    assert all(f"`{code}`" in PAGE for code in Code)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda one: f"{one[0]} {one[1]}")
def test_the_playbooks_of_our_pages_are_good(example: tuple[str, int, str]) -> None:
    page, _, source = example
    assert check(source, page).problems == ()


def test_our_pages_have_playbooks() -> None:
    assert {page for page, *_ in EXAMPLES} == {"docs/language.md", "README.md"}
