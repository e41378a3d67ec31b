"""splink behind the interface of the other peers: a model of two tables, or of one, in DuckDB.

A name is compared twice, as a whole by Jaro-Winkler and by its first word, both with term
frequencies; of the models that were tried this was the best on names. It is trained by expectation
maximisation without any labels, as its tutorial does, and answers in batches only: each is a new
link of both tables with the trained model.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from accounts.identity import own_domain
from benchmarks.matching_adapters import Asker, Build, best_of, cleaned
from benchmarks.matching_data import Company
from benchmarks.matching_metrics import Answer, Pair

NAME_ONLY = ("name",)
ALL_FIELDS = ("name", "domain", "country", "city")


def splink(fields: tuple[str, ...]) -> Build:
    """A link of both tables, blocked by the first word, and by the domain if it has one."""

    def build(accounts: Sequence[Company], sample: Sequence[Company]) -> Asker:
        known = _table(accounts, fields)
        model = _trained([known, _table(sample, fields)], fields)

        def ask(queries: Sequence[Company]) -> list[Answer]:
            linker = _linker([known, _table(queries, fields)], model)
            # The weight orders where probabilities are all 1.0.
            rows = _predicted(linker, "unique_id_r, unique_id_l, match_weight")
            return best_of(len(queries), iter(rows))

        return ask

    return build


def splink_pairs(rows: Sequence[Company]) -> list[Pair]:
    """The same model of one table, with all fields."""
    table = _table(rows, ALL_FIELDS)
    linker = _linker([table], _trained([table], ALL_FIELDS))
    return [
        (one, other, score)
        for one, other, score in _predicted(linker, "unique_id_l, unique_id_r, match_probability")
    ]


def _table(rows: Sequence[Company], fields: tuple[str, ...]) -> Any:
    import pyarrow as pa

    names = [cleaned(row.name) for row in rows]
    columns: dict[str, list[Any]] = {
        "unique_id": list(range(len(rows))),
        "name": [name or None for name in names],
        "first": [name.split()[0] if name else None for name in names],
    }
    if "domain" in fields:
        columns["domain"] = [own_domain(row.website, row.email) for row in rows]
        columns["country"] = [row.country or None for row in rows]
        columns["city"] = [cleaned(row.city) or None for row in rows]
    kinds = {name: pa.int64() if name == "unique_id" else pa.string() for name in columns}
    return pa.table(columns, pa.schema(kinds))


def _linker(tables: list[Any], model: Any) -> Any:
    import duckdb
    from splink import DuckDBAPI, Linker

    connection = duckdb.connect(config={"threads": 1})
    database = DuckDBAPI(connection)
    names = ("a_accounts", "b_queries")  # the left one of a pair is the first in the alphabet
    inputs = [
        database.register(table, dataset_display_name=name)
        for table, name in zip(tables, names, strict=False)
    ]
    return Linker(inputs if len(inputs) > 1 else inputs[0], model, log_level=None)


def _trained(tables: list[Any], fields: tuple[str, ...]) -> dict[str, Any]:
    """The model that splink's tutorial would make of these columns, without labels."""
    from splink import block_on

    linker = _linker(tables, _settings("link_only" if len(tables) > 1 else "dedupe_only", fields))
    sure = [block_on("name"), *([block_on("domain")] if "domain" in fields else [])]
    training = linker.training
    training.estimate_probability_two_random_records_match(sure, recall=0.6)
    training.estimate_u_using_random_sampling(max_pairs=5e6, seed=1)
    # What a rule blocks on, it cannot train: names, then first words, then all but domains.
    for rule in (block_on("substr(first, 1, 4)"), block_on("substr(name, 1, 6)"), *sure[1:]):
        training.estimate_parameters_using_expectation_maximisation(rule)
    model: dict[str, Any] = linker.misc.save_model_to_json()
    return model


def _settings(link: str, fields: tuple[str, ...]) -> Any:
    from splink import SettingsCreator, block_on
    from splink import comparison_library as compare

    name = compare.JaroWinklerAtThresholds("name", [0.95, 0.9, 0.85, 0.7])
    exact = [compare.ExactMatch(field) for field in ("first", *fields[1:])]
    comparisons = [one.configure(term_frequency_adjustments=True) for one in (name, *exact)]
    rules = [block_on("first"), *([block_on("domain")] if "domain" in fields else [])]
    return SettingsCreator(
        link_type=link,
        comparisons=comparisons,
        blocking_rules_to_generate_predictions=rules,
        retain_matching_columns=False,
        retain_intermediate_calculation_columns=False,
    )


def _predicted(linker: Any, columns: str) -> list[Any]:
    predicted = linker.inference.predict(threshold_match_probability=0.01)
    rows: list[Any] = predicted.as_duckdbpyrelation().select(columns).fetchall()
    return rows
