"""One playbook from its text to its plan, or to everything that is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.errors import Problem, Problems
from orchestrator.language import checks
from orchestrator.language.compile import compile_plan
from orchestrator.language.draft import Draft, draft
from orchestrator.language.findings import Findings
from orchestrator.language.schema import PLAYBOOK
from orchestrator.language.shapes import BAD
from orchestrator.language.silencing import silence
from orchestrator.language.source import read_yaml
from orchestrator.language.vocabulary import Vocabulary
from orchestrator.terms import Plan


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found, in file order. There is a plan unless something is an error."""

    plan: Plan | None
    problems: tuple[Problem, ...] = ()

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """The findings that refuse nothing."""
        return tuple(one for one in self.problems if one.severity == "warning")

    def sound(self) -> Plan:
        """The plan. Raises Problems with all findings if there is none."""
        if self.plan is None:
            raise Problems(self.problems)
        return self.plan


def check(source: str | bytes, file: str, vocabulary: Vocabulary | None = None) -> Checked:
    """Read a playbook and say all that is wrong with it at once; no input makes it raise.

    `source` may be the bytes of the file, so that a wrong encoding is a finding too. `file` is
    only for the messages.
    """
    findings = Findings(file)
    whole = _draft(source, findings)
    if whole:
        checks.run(whole, vocabulary, findings)
        silence(source if isinstance(source, str) else source.decode("utf-8-sig"), findings)
    plan = compile_plan(whole) if whole and not findings.errors else None
    return Checked(plan, findings.problems())


def _draft(source: str | bytes, findings: Findings) -> Draft | None:
    node = read_yaml(source, findings)
    form = PLAYBOOK.read(node, findings) if node else BAD
    return None if form is BAD else draft(form)
