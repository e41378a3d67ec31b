"""A playbook of one's own to begin with: its file, its templates and a first scenario."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from string import Template
from typing import Annotated

import typer

from accounts.errors import AbmError
from orchestrator.alignment import Agreement
from orchestrator.cli import project
from orchestrator.cli.output import counted, say

_SKELETON = Path(__file__).with_name("skeleton")
_TO_WRITE = "{{ to_write."


def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Such as supplier-opener.")],
    segment: Annotated[
        str, typer.Option("--segment", metavar="NAME", help="Default: the agreement's first.")
    ] = "",
) -> None:
    """Write a first playbook to change: a mail, a call, a scenario."""
    from orchestrator.cli.plays import agreed_words, near

    folder = project.find()
    texts = _texts(name, _words(name, segment, agreed_words()[0]))
    there = [near(folder / path) for path in texts if (folder / path).exists()]
    if there:
        raise AbmError(f"{there[0]} is there already", "take another name")
    for path, text in texts.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, "utf-8")
        say(f"{near(target)}{_left_to_write(text)}")
    file = near(folder / "playbooks" / f"{name}.yaml")
    say(f"next: write in those places, and then: abm check {file}")
    say(f"      abm test {file} --coverage")
    say(f"      abm draw {file} --png {name}.png")
    say(f"      abm simulate {file} --made-up 100")
    say(f"      abm apply {file} --by YOU")


def _words(name: str, segment: str, agreed: Agreement) -> Mapping[str, str]:
    """What a skeleton leaves open, in the agreement's own words; AbmError for unknown ones."""
    from orchestrator.language.shapes import NAME

    if not re.fullmatch(NAME, name):
        raise AbmError(
            f"{name!r} cannot be the name of a playbook",
            "begin with a letter; then letters, digits, - and _",
        )
    if segment and segment not in agreed.segments:
        raise AbmError(
            f"there is no segment {segment!r}", f"known are {', '.join(sorted(agreed.segments))}"
        )
    chosen = segment or next(iter(agreed.segments), "")
    return {
        "name": name,
        "title": re.sub(r"[-_]+", " ", name).strip().capitalize(),
        "audience": f"segment: {chosen}" if chosen else "tiers: [1, 2, 3]",
        "buyer": _seat("economic_buyer", agreed),
        "champion": _seat("champion", agreed),
        "owner": "owner" if "owner" in agreed.roles else next(iter(agreed.roles), "owner"),
    }


def _seat(role: str, agreed: Agreement) -> str:
    """The first persona that plays the role, or else the role itself."""
    personas = (one.name for one in agreed.personas.values() if one.role == role)
    return next((f"persona: {name}" for name in personas), f"role: {role}")


def _texts(name: str, words: Mapping[str, str]) -> Mapping[str, str]:
    """The new files by their path in the project."""

    def of(skeleton: str) -> str:
        return (_SKELETON / skeleton).read_text("utf-8")

    return {
        f"playbooks/{name}.yaml": Template(of("playbook.yaml")).substitute(words),
        f"playbooks/tests/{name}/a-meeting.yaml": Template(of("scenario.yaml")).substitute(words),
        f"templates/email/{name}.j2": of("email.j2"),
        f"templates/call/{name}.j2": of("call.j2"),
    }


def _left_to_write(text: str) -> str:
    """What nobody wrote has no value: `abm check` names it, and no such mail can leave."""
    left = text.count(_TO_WRITE)
    return f": {counted(left, 'place')} to write in" if left else ""
