"""What `abm check` found, in the forms that other programs read."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import quote

from accounts.errors import Problem

Found = Mapping[Path, Sequence[Problem]]

_SARIF = "https://json.schemastore.org/sarif-2.1.0.json"


def github(found: Found) -> Iterator[str]:
    """Workflow commands, which GitHub shows as annotations beside the lines.

    https://docs.github.com/actions/reference/workflow-commands-for-github-actions
    """
    for problems in found.values():
        for one in problems:
            level = "warning" if one.severity == "warning" else "error"
            place = {"file": one.file, "title": one.code or "abm"}
            if one.line:
                place |= {"line": str(one.line), "col": str(one.col)}
            told = ",".join(f"{name}={_property(value)}" for name, value in place.items())
            yield f"::{level} {told}::{_data(_in_words(one))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def sarif(found: Found) -> str:
    """One run in SARIF 2.1.0, which code scanners and editors read."""
    from orchestrator.language.codes import Code

    rules = [
        {"id": code.value, "shortDescription": {"text": code.doc},
         "defaultConfiguration": {"level": code.severity}}
        for code in Code
    ]  # fmt: skip
    driver = {"name": "abm", "version": version("abm-orchestrator"), "rules": rules}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(one) for problems in found.values() for one in problems],
    }
    return json.dumps({"$schema": _SARIF, "version": "2.1.0", "runs": [run]}, indent=2)


def _result(one: Problem) -> dict[str, Any]:
    path = Path(one.file)
    uri = path.as_uri() if path.is_absolute() else quote(path.as_posix())
    place: dict[str, Any] = {"artifactLocation": {"uri": uri}}
    if one.line:
        place["region"] = {"startLine": one.line, "startColumn": one.col}
    return {
        "ruleId": one.code or "abm",
        "level": "warning" if one.severity == "warning" else "error",
        "message": {"text": _in_words(one)},
        "locations": [{"physicalLocation": place}],
    }


def _in_words(one: Problem) -> str:
    return f"{one.message}\n{one.hint}" if one.hint else one.message
