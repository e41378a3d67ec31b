"""From nothing to an applied playbook, by the messages of the commands alone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from orchestrator.cli import main
from tests.cli.conftest import Abm

HOLE = re.compile(r"\{\{ to_write\.(\w+) \}\}")


def written(abm: Abm, template: str) -> None:
    """Somebody writes words in every place that wants some."""
    file = abm.project / "templates" / template
    file.write_text(
        HOLE.sub(r"Words about \1, of 9 firms in 10.", file.read_text("utf-8")), "utf-8"
    )


def test_a_new_playbook_is_checked_tested_drawn_simulated_and_applied(abm: Abm, tmp_path: Path):
    said = abm("new", "two-rounds")
    file = abm.project / "playbooks" / "two-rounds.yaml"
    assert f"abm apply {file}" in said
    assert "templates/email/two-rounds.j2: 3 places to write in" in said

    refused = abm("check", file, code=1)
    assert refused.count("lacks words of yours") == 5
    assert (
        "write your words in templates/email/two-rounds.j2, in place of {{ to_write.insight }}"
        in refused
    )

    written(abm, "email/two-rounds.j2")
    written(abm, "call/two-rounds.j2")
    assert abm("check").count(": warning: ") == 1  # what the first mail teaches is theirs to name
    assert "all passed" in abm("test", file)
    abm("draw", file, "--out", tmp_path / "two-rounds.svg")
    assert "reach the goal" in abm("simulate", file, "--made-up", 5)
    assert "`abm apply agreement.yml` comes first" in abm("apply", file, code=1)
    assert "version 1" in abm("apply", abm.project / "agreement.yml", file)


def test_a_new_playbook_is_for_the_segment_that_was_asked_for(abm: Abm):
    abm("new", "shelves", "--segment", "consumer-brands")
    text = (abm.project / "playbooks" / "shelves.yaml").read_text("utf-8")
    assert "for: {segment: consumer-brands}" in text


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["2x"], "cannot be the name of a playbook"),
        (["../x"], "cannot be the name of a playbook"),
        (["x", "--segment", "nobody"], "there is no segment 'nobody'"),
        (["supplier-trust"], "supplier-trust.yaml is there already"),
    ],
)
def test_what_cannot_be_made_is_refused_and_nothing_is_written(abm: Abm, words, said):
    before = sorted(abm.project.rglob("*"))
    assert said in abm("new", *words, code=1)
    assert sorted(abm.project.rglob("*")) == before


def test_without_an_agreement_it_names_roles_that_everybody_knows(abm: Abm):
    (abm.project / "agreement.yml").unlink()
    abm("new", "first-words")
    text = (abm.project / "playbooks" / "first-words.yaml").read_text("utf-8")
    assert "buyer: {role: economic_buyer}" in text
    assert "segment" not in text


def test_init_takes_the_folder_as_a_word(tmp_path: Path):
    assert main(["init", str(tmp_path / "ours")]) == 0
    assert (tmp_path / "ours" / "abm.toml").is_file()
