"""What every check gets: the playbook, its graph, and where to say what is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from orchestrator.conditions import Expr, walk
from orchestrator.language.checks.graph import Graph
from orchestrator.language.codes import Code
from orchestrator.language.draft import Draft, StepDraft
from orchestrator.language.findings import Findings, Place, shown
from orchestrator.language.limits import caps_of
from orchestrator.language.shapes import Form
from orchestrator.language.source import Node
from orchestrator.language.vocabulary import Vocabulary
from orchestrator.terms import Kind


class Case:
    """One playbook under check."""

    def __init__(
        self, draft: Draft, findings: Findings, vocabulary: Vocabulary | None = None
    ) -> None:
        self.draft, self.findings = draft, findings
        self.caps = tuple(caps_of(draft.form, vocabulary))
        self.steps = draft.steps
        self.form = draft.form
        self.graph = Graph(draft)
        self.conditions = tuple(self._conditions())

    def add(self, at: Place, code: Code, message: str, hint: str = "") -> None:
        """Note a finding."""
        self.findings.add(at, code, message, hint)

    def unknown(self, at: Place, code: Code, message: str, word: str, known: Iterable[str]) -> None:
        """Note a name that does not exist, with the nearest one that does."""
        self.add(at, code, message, self.findings.nearest(shown(word), known))

    @property
    def unread(self) -> bool:
        """Whether some step could not be read whole, so that nobody knows all that it says."""
        whole = len(self.steps) == self.draft.listed
        return not whole or any(not (one.form.sound and one.body.sound) for one in self.steps)

    def maps(self, key: str) -> Iterator[Form]:
        """The maps of a list under a key of the playbook."""
        return (form for form in self.form.get(key, ()) if isinstance(form, Form))

    def _conditions(self) -> Iterator[tuple[StepDraft, Expr, Place]]:
        """Every part of every condition that names or asks for something, and where."""
        for one in self.steps:
            for condition, at in asked(one):
                for part in walk(condition):
                    if (col := getattr(part, "col", None)) is not None:
                        yield one, part, at.within(col)


def asked(one: StepDraft) -> Iterator[tuple[Expr, Node]]:
    """The conditions of a step, each with the node of its text."""
    branches = (one.form.get(Kind.CHOOSE) or {}).values()
    forms = ((one.form, "when"), (one.body, "until"), *((branch, "when") for branch in branches))
    for form, key in forms:
        if condition := form.get(key):
            yield condition, form.at(key)
