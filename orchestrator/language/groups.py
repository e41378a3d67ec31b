"""Groups of steps in files of their own, which playbooks take in: `include`, with parameters.

A group is no text to be pasted: its values are bound as nodes, so that every finding stands where
its author can mend it. What is wrong with the group is told in its file, with the place that
included it; what is wrong with a value that was given, where it was given.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from orchestrator.language.codes import Code
from orchestrator.language.findings import Findings, Origin, shown
from orchestrator.language.parameters import PARAMETERS, TYPES, Parameter
from orchestrator.language.renaming import renamed
from orchestrator.language.shapes import BAD, Form, Key, MapOf
from orchestrator.language.source import MOST_NODES, Node, read_yaml
from orchestrator.language.steps import STEPS
from orchestrator.language.texts import LINE

__all__ = ["GROUP", "REFERENCE", "Group", "Groups", "Includer"]

DEEPEST = 5  # groups within each other
REFERENCE = re.compile(r"\$([A-Za-z][A-Za-z0-9_-]{0,63})")


class Group(NamedTuple):
    """The file of a group, as it was written."""

    file: str
    source: str | bytes

    @property
    def text(self) -> str:
        """Its text, whatever stands in it."""
        source = self.source
        return source if isinstance(source, str) else source.decode("utf-8-sig", "replace")


Groups = Mapping[str, Group]  # by name

GROUP = MapOf(
    "a group of steps",
    (
        Key("title", LINE, "what it is for, in one line"),
        Key("parameters", PARAMETERS, "what whoever includes it says: `$name` stands for it", "{}"),
        Key("steps", STEPS, "what is done, in order", required=True),
    ),
)


@dataclass(slots=True)
class Includer:
    """Reads the groups that a playbook includes. `used` are those that it has read, by name."""

    groups: Groups
    findings: Findings
    used: dict[str, Group] = field(default_factory=dict)
    _nodes: dict[str, Node | None] = field(default_factory=dict)
    _bound: int = 0  # nodes that were made so far

    def steps(self, include: Form, within: tuple[str, ...]) -> Form | None:
        """The group's form, its steps named after the include; None if there is none to be had.

        `within` names the groups around this include.
        """
        name = include.get("include")
        if name is None or "id" not in include or not self._may(include, name, within):
            return None
        node = self._node(name, include)
        id_ = include["id"]
        place = f"{include.node.origin.file or self.findings.file}:{include.node.line}"
        how = [f"included as '{id_}' in {place}", include.node.origin.how]
        origin = Origin(self.groups[name].file, ", ".join(filter(None, how)))
        return self._read(node, include, origin) if node else None

    def _may(self, include: Form, name: str, within: tuple[str, ...]) -> bool:
        at, findings = include.at("include"), self.findings
        if name not in self.groups:
            hint = findings.nearest(name, self.groups) or f"write it in groups/{name}.yaml"
            findings.add(at, Code.UNKNOWN_GROUP, f"there is no group '{shown(name)}'", hint)
        elif name in within:
            message = f"'{name}' would take in itself"
            hint = "by way of " + ", ".join(within)
            findings.add(at, Code.INCLUDES, message, hint)
        elif len(within) >= DEEPEST:
            message = f"more than {DEEPEST} groups within each other"
            findings.add(at, Code.INCLUDES, message, "include it further up")
        else:
            return True
        return False

    def _node(self, name: str, include: Form) -> Node | None:
        """The parsed file. What is wrong with it as YAML is told once, where it stands."""
        if name not in self._nodes:
            group = self.groups[name]
            own = Findings(group.file)
            self.used[name] = group
            self._nodes[name] = read_yaml(group.source, own)
            for problem in own.problems():
                message = f"the group '{name}' cannot be read"
                self.findings.add(include.at("include"), Code.BAD_GROUP, message, str(problem))
                break
        return self._nodes[name]

    def _read(self, node: Node, include: Form, origin: Origin) -> Form | None:
        declared = node.get("parameters")
        parameters: Any = PARAMETERS.read(declared, Findings("")) if declared else {}
        given = self._given(include, {} if parameters is BAD else parameters)
        form = self.bound(node, given, f"{include['id']}-", origin)
        return renamed(form, f"{include['id']}-") if form else None

    def _given(self, include: Form, parameters: Mapping[str, Parameter]) -> dict[str, Node]:
        """What each parameter stands for. A value that cannot be is told, and passed over."""
        said, found = include.get("with") or {}, dict[str, Node]()
        written = include.node.get("with")
        for name, value in said.items():
            if name not in parameters:
                message = f"the group '{include['include']}' has no parameter '{name}'"
                self.findings.add(
                    name, Code.UNKNOWN_PARAMETER, message, self.findings.nearest(name, parameters)
                )
            elif TYPES[parameters[name].type].shape.read(value, self.findings) is BAD:
                found[name] = Node("broken", value.line, value.col, origin=value.origin)
            else:
                found[name] = value
        for name, parameter in parameters.items():
            if name not in said and written and (odd := written.get(name)):
                found[name] = Node("broken", odd.line, odd.col, origin=odd.origin)
            elif name not in said and parameter.default is None:
                message = f"'{name}' is missing: the group '{include['include']}' asks for it"
                hint = f"with: {{{name}: {TYPES[parameter.type].example}}}"
                self.findings.add(include.node, Code.MISSING_KEY, message, hint)
                found[name] = Node("broken", include.node.line, include.node.col)
            elif name not in said and parameter.default is not None:
                found[name] = parameter.default
        return found

    def bound(
        self, node: Node, given: Mapping[str, Node], prefix: str, origin: Origin
    ) -> Form | None:
        """The form of a group's file with its parameters bound; None if it cannot be read."""
        binding = _Binding(given, prefix, origin, self.findings)
        steps = node.get("steps")
        if node.kind == "map" and steps:
            pairs = tuple(
                (
                    replace(key, origin=origin),
                    binding.steps(value) if value is steps else binding.whole(value),
                )
                for key, value in node.pairs
            )
            node = replace(node, pairs=pairs, origin=origin)
        self._bound += binding.nodes
        if self._bound > MOST_NODES:
            message = f"the groups come to more than {MOST_NODES:,} keys and values"
            self.findings.add(node, Code.TOO_BIG, message)
            return None
        form = GROUP.read(node, self.findings)
        return None if form is BAD else form


@dataclass(slots=True)
class _Binding:
    """Puts values in the place of `$name`, and a prefix before the ids of steps."""

    given: Mapping[str, Node]
    prefix: str
    origin: Origin
    findings: Findings
    nodes: int = 0

    def whole(self, node: Node) -> Node:
        """A node that speaks of no parameters, in its file."""
        self.nodes += 1
        pairs = tuple((self.whole(key), self.whole(value)) for key, value in node.pairs)
        items = tuple(map(self.whole, node.items))
        return replace(node, pairs=pairs, items=items, origin=self.origin)

    def steps(self, node: Node) -> Node:
        """A list of steps."""
        items = tuple(map(self._step, node.items))
        return replace(node, items=items, origin=self.origin)

    def _step(self, node: Node) -> Node:
        return replace(node, pairs=tuple(self._step_pairs(node)), origin=self.origin)

    def _step_pairs(self, node: Node) -> Iterator[tuple[Node, Node]]:
        for key, value in node.pairs:
            if key.text == "id" and value.text:
                named = replace(value, text=self.prefix + value.text, origin=self.origin)
                yield replace(key, origin=self.origin), named
            else:
                yield replace(key, origin=self.origin), self._value(value)

    def _value(self, node: Node) -> Node:
        self.nodes += 1
        if node.kind == "scalar" and (found := REFERENCE.fullmatch(node.text)):
            return self.given.get(found[1]) or self._unknown(node, found[1])
        pairs = tuple(
            (
                replace(key, origin=self.origin),
                self.steps(value) if key.text == "steps" else self._value(value),
            )
            for key, value in node.pairs
        )
        items = tuple(map(self._value, node.items))
        return replace(node, pairs=pairs, items=items, origin=self.origin)

    def _unknown(self, node: Node, name: str) -> Node:
        here = replace(node, origin=self.origin)
        hint = self.findings.nearest(name, self.given) or "declare it under `parameters`"
        message = f"the group has no parameter '{name}'"
        self.findings.add(here, Code.UNKNOWN_PARAMETER, message, hint)
        return Node("broken", node.line, node.col, origin=self.origin)
