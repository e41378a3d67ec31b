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
from accounts.matching.engine import Engine
from accounts.matching.table import Array, Words
from accounts.matching.values import Rules
from accounts.standing import Standing

# Raised whenever keys, weights or columns change their meaning.
VERSION = 2
_HINT = "build the index from the accounts again"


def save(engine: Engine, path: Path) -> None:
    """Write the index; what was added since the last fold is folded in first."""
    engine.fold()
    table, pieces = engine.table, engine.pieces
    arrays: dict[str, Array] = {f"row.{n}": column.values for n, column in table.row.items()}
    arrays |= {f"place.{n}": column.values for n, column in table.place.items()}
    matrix = pieces.matrix
    arrays |= {"pieces.data": matrix.data, "pieces.indices": matrix.indices}
    arrays |= {"pieces.indptr": matrix.indptr, "pieces.weights": pieces.weights}
    arrays["weights"] = engine.weights
    told = {
        "version": VERSION,
        "words": table.words.texts,
        "numbers": list(table.numbers),
        "labels": table.labels,
        "domains": table.domains,
        "hosts": table.hosts,
        "phones": list(table.phones.items()),
        "parents": list(table.parents.items()),
        "standing": [
            asdict(one) | {"created_at": one.created_at.isoformat()}
            for one in table.standing.values()
        ],
        "pieces": list(pieces.numbers),
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
    table.words = Words(told["words"])
    table.words.note()
    table.numbers = {tuple(numbers): at for at, numbers in enumerate(told["numbers"])}
    for group, columns in (("row", table.row), ("place", table.place)):
        for name, column in columns.items():
            column.extend(arrays[f"{group}.{name}"])
    table.labels = told["labels"]
    table.domains = [tuple(domains) for domains in told["domains"]]
    table.hosts.update(told["hosts"])
    for account_id, phones in told["phones"]:
        table.phones.add(account_id, phones)
    table.parents = dict(told["parents"])
    for one in told["standing"]:
        since = datetime.fromisoformat(one["created_at"])
        table.standing[one["id"]] = Standing(**one | {"created_at": since})
    table.link(0, {name: column.values for name, column in table.row.items()})
    alive = table.place["alive"].values.tolist()
    for place, account_id in enumerate(table.place["id"].values.tolist()):
        if alive[place]:
            table.places[account_id] = place
        table.link_domains(place, table.domains[place])
    shape = tuple(told["shape"])
    data = (arrays["pieces.data"], arrays["pieces.indices"], arrays["pieces.indptr"])
    pieces.matrix = csr_matrix(data, shape)
    pieces.weights, pieces.unseen = arrays["pieces.weights"], told["unseen"]
    pieces.numbers = {piece: at for at, piece in enumerate(told["pieces"])}
    engine.weights, engine.folded = arrays["weights"], table.rows
    return engine
