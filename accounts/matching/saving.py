"""An index in one file: arrays and JSON in a zip, no code, with the version it was written by."""

from __future__ import annotations

import json
import zipfile
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix

from accounts.errors import AbmError
from accounts.matching.clues import Array
from accounts.matching.engine import Engine
from accounts.matching.table import Words
from accounts.matching.values import Rules
from accounts.standing import Standing

# Raised whenever keys, weights or columns change their meaning.
VERSION = 4
_HINT = "build the index from the accounts again"


def save(engine: Engine, path: Path) -> None:
    """Write the index; what was added since the last fold is folded in first."""
    engine.fold()
    table, pieces = engine.table, engine.pieces
    arrays: dict[str, Array] = {name: one.values for name, one in table.columns().items()}
    matrix = pieces.matrix
    arrays |= {"pieces.data": matrix.data, "pieces.indices": matrix.indices}
    arrays |= {"pieces.indptr": matrix.indptr, "pieces.weights": pieces.weights}
    arrays |= {"pieces.known": pieces.known, "pieces.numbers": pieces.numbers}
    arrays["weights"] = engine.weights
    told = {
        "version": VERSION,
        "words": table.words.texts,
        "numbers": list(table.numbers),
        "labels": table.labels,
        "sites": table.sites.texts,
        "hosts": table.hosts,
        "phones": list(table.phones.items()),
        "parents": list(table.parents.items()),
        "standing": [
            asdict(one) | {"created_at": one.created_at.isoformat()}
            for one in table.standing.values()
        ],
        "shape": list(matrix.shape),
        "unseen": pieces.unseen,
    }
    text = np.frombuffer(json.dumps(told).encode(), np.uint8)
    with path.open("wb") as file:
        np.savez_compressed(file, index=text, **arrays)  # type: ignore[arg-type]


def load(path: Path, rules: Rules) -> Engine:
    """The index that `save` wrote; AbmError if the file is none, or of another version."""
    try:
        with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
            told = json.loads(file["index"].tobytes())
            if told["version"] != VERSION:
                reason = f"{path} is an index of version {told['version']}, not {VERSION}"
                raise AbmError(reason, _HINT)
            return _engine(told, {name: file[name] for name in file.files}, rules)
    except FileNotFoundError as error:
        raise AbmError(f"there is no index at {path}", _HINT) from error
    except (ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
        raise AbmError(f"{path} is no index of accounts", _HINT) from error


def _engine(told: dict[str, Any], arrays: dict[str, Array], rules: Rules) -> Engine:
    engine = Engine(rules)
    table, pieces = engine.table, engine.pieces
    table.words, table.sites = Words(told["words"]), Words(told["sites"])
    table.words.note()
    table.numbers = {tuple(numbers): at for at, numbers in enumerate(told["numbers"])}
    table.labels = told["labels"]
    table.hosts.update(told["hosts"])
    for account_id, phones in told["phones"]:
        table.phones.add(account_id, phones)
    table.parents = dict(told["parents"])
    for one in told["standing"]:
        since = datetime.fromisoformat(one["created_at"])
        table.standing[one["id"]] = Standing(**one | {"created_at": since})
    for name, column in table.columns().items():
        column.extend(arrays[name])
    table.settle()
    shape = tuple(told["shape"])
    data = (arrays["pieces.data"], arrays["pieces.indices"], arrays["pieces.indptr"])
    pieces.matrix = csr_matrix(data, shape)
    pieces.weights, pieces.unseen = arrays["pieces.weights"], told["unseen"]
    pieces.know(arrays["pieces.known"], arrays["pieces.numbers"])
    engine.weights, engine.folded = arrays["weights"], table.rows
    return engine
