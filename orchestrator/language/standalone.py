"""A group of steps by itself: as a playbook would see it that gives every parameter a good value.

Seats that it names without having them as parameters are taken to be there: whoever includes it
is told if they are not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from orchestrator.language.codes import Code
from orchestrator.language.draft import Draft, drafted
from orchestrator.language.findings import OWN, Findings
from orchestrator.language.groups import REFERENCE, Includer
from orchestrator.language.parameters import PARAMETERS, TYPES, Parameter
from orchestrator.language.relations import ALL
from orchestrator.language.shapes import BAD
from orchestrator.language.source import Node
from orchestrator.terms import Seat

_TEMPLATE = "some-template"
TEMPLATES = {_TEMPLATE: frozenset({"unsubscribe"})}


def draft(node: Node, name: str, includer: Includer) -> Draft | None:
    """The group as checks look at it; None if it cannot be read."""
    findings = includer.findings
    declared = node.get("parameters")
    # What is wrong with them is told when the whole map is read.
    parameters: Any = PARAMETERS.read(declared, Findings("")) if declared else {}
    parameters = {} if parameters is BAD else parameters
    _check_used(node, parameters, findings)
    given = {key: _value(key, one) for key, one in parameters.items()}
    form = includer.bound(node, given, "", OWN)
    if form is None:
        return None
    found = drafted(form, {}, includer, (name,))
    named = {seat for one in found.steps for seat in one.step.reach.seats} - {ALL}
    return drafted(form, {seat: Seat(seat) for seat in sorted(named)}, includer, (name,))


def _value(name: str, parameter: Parameter) -> Node:
    """The default, or else something of the type."""
    example = {"seat": name, "template": _TEMPLATE}.get(parameter.type)
    text = example or TYPES[parameter.type].example
    value = int(text) if parameter.type == "number" else text
    return parameter.default or Node("scalar", 1, 1, value, text, last=1)


def _check_used(node: Node, parameters: Mapping[str, Parameter], findings: Findings) -> None:
    """Every parameter stands for something."""
    steps = node.get("steps")
    used = set(_references(steps)) if steps else set()
    for name in parameters:
        if name not in used:
            message = f"no step uses the parameter '{name}'"
            hint = f"write ${name} where it belongs, or take it away"
            findings.add(name, Code.UNUSED_PARAMETER, message, hint)  # type: ignore[arg-type]


def _references(node: Node) -> Iterator[str]:
    if found := REFERENCE.fullmatch(node.text):
        yield found[1]
    for one in (*node.items, *(value for _, value in node.pairs)):
        yield from _references(one)
