"""Results of scenarios as JUnit XML, which every build server reads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from orchestrator.cli.output import clean

if TYPE_CHECKING:
    from orchestrator.scenarios.suite import Result


def junit(results: Sequence[Result]) -> str:
    """One suite for each playbook; what could not be played is an error, not a failure."""
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', "<testsuites>"]
    for playbook, group in groupby(results, key=lambda one: one.playbook):
        lines += _suite(playbook, [*group])
    return "\n".join([*lines, "</testsuites>", ""])


def _suite(playbook: str, results: Sequence[Result]) -> Iterator[str]:
    errors = sum(one.outcome is None for one in results)
    failed = sum(not one.passed for one in results) - errors
    seconds = sum(one.seconds for one in results)
    yield (
        f"  <testsuite name={_said(playbook)} tests={_said(len(results))} "
        f"failures={_said(failed)} errors={_said(errors)} time={_said(f'{seconds:.3f}')}>"
    )
    for one in results:
        yield from _case(playbook, one)
    yield "  </testsuite>"


def _case(playbook: str, one: Result) -> Iterator[str]:
    head = (
        f"    <testcase classname={_said(playbook)} name={_said(one.name)} "
        f"file={_said(one.file)} time={_said(f'{one.seconds:.3f}')}"
    )
    if one.passed:
        yield f"{head}/>"
        return
    yield f"{head}>"
    for problem in one.problems:
        yield f"      <error message={_said(problem.message)}>{_text([str(problem)])}</error>"
    for failure in one.failures:
        place = f"{one.file}:{failure.line}:{failure.col}: {failure.message}"
        told = _text([place, *failure.diff])
        yield f"      <failure message={_said(failure.message)}>{told}</failure>"
    yield "    </testcase>"


def _said(value: object) -> str:
    return quoteattr(clean(str(value)))


def _text(lines: Sequence[str]) -> str:
    return escape("\n".join(clean(line) for part in lines for line in part.splitlines()))
