"""The page about templates says what is so."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from orchestrator.messages import KNOWN, Library
from orchestrator.messages.sandbox import FILTERS
from tests.messages.conftest import Write

PAGE = (Path(__file__).parents[2] / "docs/templates.md").read_text("utf-8")


def test_its_examples_render(library: Library, write: Write, facts: dict[str, Any]):
    mail, call = re.findall(r"^```\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    said = library.render(write(mail), facts)
    assert said.subject == "Onboarding at Acme & Sons"
    assert "comment" not in said.text
    assert '<a href="https://example.com/guide?from=acme.example">a link</a>' in said.html
    assert library.render(write(call, "call/x"), facts).subject == "Call Ann Archer"


def test_it_names_every_variable_and_every_filter():
    rows = [line for line in PAGE.splitlines() if line.startswith("| `")]
    named = set[str]()
    for row in rows:
        owner = ""
        for word in re.findall(r"`([a-z_.]+)(?:\(.*?\))?`", row.split("|")[1]):
            owner = owner if word.startswith(".") else word.partition(".")[0]
            named.add(owner + word if word.startswith(".") else word)
    assert named == KNOWN | FILTERS.keys()
