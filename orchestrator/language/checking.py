"""One playbook from its text to its plan, or to everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from accounts.errors import Problem, Problems
from orchestrator.language import checks, standalone
from orchestrator.language.compile import compile_plan
from orchestrator.language.draft import Draft, draft
from orchestrator.language.findings import Findings
from orchestrator.language.groups import Groups, Includer
from orchestrator.language.schema import PLAYBOOK
from orchestrator.language.shapes import BAD
from orchestrator.language.silencing import silence, silence_included
from orchestrator.language.source import read_yaml
from orchestrator.language.vocabulary import Vocabulary
from orchestrator.terms import Plan

NO_GROUPS: Groups = {}


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found, in file order. There is a plan unless something is an error.

    `groups` are the texts of the groups of steps that the playbook includes, by name.
    """

    plan: Plan | None
    problems: tuple[Problem, ...] = ()
    groups: Mapping[str, str] = field(default_factory=dict)

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """The findings that refuse nothing."""
        return tuple(one for one in self.problems if one.severity == "warning")

    def sound(self) -> Plan:
        """The plan. Raises Problems with all findings if there is none."""
        if self.plan is None:
            raise Problems(self.problems)
        return self.plan


def check(
    source: str | bytes,
    file: str,
    vocabulary: Vocabulary | None = None,
    groups: Groups = NO_GROUPS,
) -> Checked:
    """Read a playbook and say all that is wrong with it at once; no input makes it raise.

    `source` may be the bytes of the file, so that a wrong encoding is a finding too. `file` is
    only for the messages. `groups` are those that it may include.
    """
    findings = Findings(file)
    includer = Includer(groups, findings)
    whole = _draft(source, includer)
    if whole:
        checks.run(whole, vocabulary, findings)
        silence(_text(source), findings)
        for group in includer.used.values():
            silence_included(group.text, group.file, findings)
    plan = compile_plan(whole, vocabulary) if whole and not findings.errors else None
    used = {name: group.text for name, group in includer.used.items()}
    return Checked(plan, findings.problems(), used)


def _draft(source: str | bytes, includer: Includer) -> Draft | None:
    node = read_yaml(source, includer.findings)
    form = PLAYBOOK.read(node, includer.findings) if node else BAD
    return None if form is BAD else draft(form, includer)


def check_group(
    source: str | bytes,
    file: str,
    name: str,
    vocabulary: Vocabulary | None = None,
    groups: Groups = NO_GROUPS,
) -> tuple[Problem, ...]:
    """All that is wrong with the file of a group, whoever includes it."""
    findings = Findings(file)
    node = read_yaml(source, findings)
    whole = node and standalone.draft(node, name, Includer(groups, findings))
    if whole:
        known = vocabulary and replace(
            vocabulary,
            templates={**vocabulary.templates, **standalone.TEMPLATES},
            insights=_with_example(vocabulary.insights),
        )
        checks.run(whole, known, findings)
        silence(_text(source), findings)
    return findings.problems()


def _with_example(insights: frozenset[str] | None) -> frozenset[str] | None:
    """A template that stands for a parameter says what a good one would."""
    return None if insights is None else insights | standalone.TEMPLATES.keys()


def _text(source: str | bytes) -> str:
    return source if isinstance(source, str) else source.decode("utf-8-sig")
