"""A map whose commonest key may stand alone: `90d` for `{after: 90d}`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from orchestrator.language.findings import Findings
from orchestrator.language.shapes import Json, MapOf
from orchestrator.language.source import Node


@dataclass(frozen=True, slots=True)
class Short:
    """Reads to the Form of the map, whichever way it was written."""

    key: str
    map: MapOf

    @property
    def words(self) -> str:
        return f"{self._alone.shape.words} alone, or {self.map.words}"

    @property
    def _alone(self) -> Any:
        return next(one for one in self.map.keys if one.name == self.key)

    def read(self, node: Node, findings: Findings) -> Any:
        if node.kind in ("scalar", "list"):
            name = Node("scalar", node.line, node.col, self.key, self.key, origin=node.origin)
            pairs = ((name, node),)
            node = Node("map", node.line, node.col, pairs=pairs, origin=node.origin)
        return self.map.read(node, findings)

    def json(self) -> Json:
        return {"anyOf": [self._alone.shape.json(), self.map.json()]}
