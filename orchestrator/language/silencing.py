"""Warnings that the author has answered: `# abm: allow ABM403 we only count them`.

The comment stands at the end of the line that the warning is about, or alone on the line above,
and says why. What would keep a playbook from running cannot be allowed; and a comment that allows
nothing is a finding itself, so that none outlives its reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from orchestrator.language.codes import Code
from orchestrator.language.findings import OWN, Findings, Origin, Spot

_COMMENT = re.compile(r"(?:^|\s)#[ \t]*abm:[ \t]*allow\b(?P<codes>[ \t,A-Z0-9]*)(?P<why>.*)$")
_CODE = re.compile(r"ABM[0-9]{3}\b")


@dataclass(frozen=True, slots=True)
class _Allowed:
    """A comment: where it stands, the line that it is about, what it allows and why."""

    at: Spot
    line: Spot
    codes: frozenset[str]
    why: str


def silence(source: str, findings: Findings) -> None:
    """Drop the warnings that a comment allows; say which comments allow nothing, or not why."""
    for one in _comments(source, OWN):
        if not one.codes or not one.why:
            hint = "such as # abm: allow ABM403 we only count them"
            findings.add(one.at, Code.SILENCE, "a comment that allows a finding says why", hint)
        elif not findings.drop(one.line, one.codes):
            codes = ", ".join(sorted(one.codes))
            message = f"there is no warning {codes} to allow here"
            findings.add(one.at, Code.SILENCE, message, "delete the comment; errors stay errors")


def silence_included(source: str, file: str, findings: Findings) -> None:
    """Drop what a comment of an included file allows; the file's own check finds idle ones."""
    for one in _comments(source, Origin(file)):
        if one.codes and one.why:
            findings.drop(one.line, one.codes)


def _comments(source: str, origin: Origin) -> Iterator[_Allowed]:
    for number, line in enumerate(re.sub(r"\r\n?", "\n", source).split("\n"), start=1):
        if found := _COMMENT.search(line):
            start = line.index("#", found.start())
            alone = not line[:start].strip()
            yield _Allowed(
                Spot(number, start + 1),
                Spot(number + alone, origin=origin),
                frozenset(_CODE.findall(found["codes"])),
                found["why"].strip(" \t:-—"),
            )
