"""What a playbook must obey beyond the shapes of its values: one function for each rule.

A check takes the whole draft, the vocabulary (None: names outside the playbook are not checked)
and the findings, to which it adds. It never raises, and leaves alone what could not be read.
"""

from __future__ import annotations

from collections.abc import Callable

from orchestrator.language.draft import Draft
from orchestrator.language.findings import Findings
from orchestrator.language.vocabulary import Vocabulary

Check = Callable[[Draft, Vocabulary | None, Findings], None]

CHECKS: tuple[Check, ...] = ()
