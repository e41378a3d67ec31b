"""Who is measured, with what each needs, and how names and domains are used together.

A peer knows one field. What it is with all of them is the usual way to use it: the account that
owns the query's domain, and where there is none, the name. splink has a model of all fields, and
is better still with the domain in front of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

from accounts.identity import domain_key, own_domain
from benchmarks import matching_adapters as adapters
from benchmarks.matching_adapters import Asker, Build, Join
from benchmarks.matching_data import Company
from benchmarks.matching_metrics import Answer
from benchmarks.matching_splink import ALL_FIELDS, NAME_ONLY, splink, splink_pairs

_BY_DOMAIN = 2.0  # above whatever a name can reach


@dataclass(frozen=True, slots=True)
class Peer:
    """One matcher; `needs` are the modules it lives in.

    `together` says that it is fast in large batches only, and is given them; `large` that it can be
    waited for with half a million accounts; `fields` that it is timed on all of them, not on names;
    `timed` that it is there for its speed alone.
    """

    name: str
    needs: tuple[str, ...]
    named: Build
    whole: Build
    join: Join | None = None
    together: bool = False
    large: bool = True
    fields: bool = False
    timed: bool = False

    @property
    def missing(self) -> list[str]:
        """The modules that are not installed."""
        return [module for module in self.needs if find_spec(module) is None]


def with_domains(named: Build) -> Build:
    """The account that owns the query's domain; if there is none, what the names say.

    The domains are read by our own rules (no free mail, no shared hosts), which is more than a
    peer's user would have. Of several accounts on one domain, the one the name means, or the first.
    """

    def build(accounts: Sequence[Company], sample: Sequence[Company]) -> Asker:
        by_name = named(accounts, sample)
        owners: defaultdict[str, list[int]] = defaultdict(list)
        for place, account in enumerate(accounts):
            if domain := domain_key(account.website):
                owners[domain].append(place)

        def ask(queries: Sequence[Company]) -> list[Answer]:
            answers = by_name(queries)
            for at, query in enumerate(queries):
                domain = own_domain(query.website, query.email)
                if domain and (owning := owners.get(domain)):
                    place = answers[at][0]
                    answers[at] = (place if place in owning else owning[0], _BY_DOMAIN)
            return answers

        return ask

    return build


OURS = Peer("abm", (), adapters.ours, adapters.ours, join=adapters.ours_pairs, fields=True)
BY_NAME = Peer("abm (names)", (), adapters.ours, adapters.ours, timed=True)


def _by_name(name: str, needs: tuple[str, ...], named: Build, **facts: Any) -> Peer:
    return Peer(name, needs, named, with_domains(named), **facts)


PEERS = (
    OURS,
    BY_NAME,
    _by_name("WRatio", ("rapidfuzz",), adapters.extract_one("WRatio"), large=False),
    _by_name(
        "JaroWinkler",
        ("rapidfuzz", "numpy"),
        adapters.extract_one("JaroWinkler"),
        join=adapters.jaro_winkler_pairs,
    ),
    _by_name(
        "TF-IDF",
        ("sklearn", "sparse_dot_topn"),
        adapters.tfidf,
        join=adapters.tfidf_pairs,
        together=True,
    ),
    _by_name(
        "string_grouper",
        ("string_grouper",),
        adapters.string_grouper,
        join=adapters.string_grouper_pairs,
        together=True,
    ),
    _by_name("name_matching", ("name_matching",), adapters.name_matching, large=False),
    Peer(
        "splink",
        ("splink",),
        splink(NAME_ONLY),
        with_domains(splink(ALL_FIELDS)),
        join=splink_pairs,
        together=True,
        large=False,
    ),
)
