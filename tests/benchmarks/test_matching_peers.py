"""Every matcher that is installed answers a small problem through the benchmark's interface."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Sequence
from pathlib import Path

import pytest

from benchmarks import matching
from benchmarks.matching_chart import Bar, Point, draw, drawable
from benchmarks.matching_data import Company, questions, repeats
from benchmarks.matching_peers import PEERS, Peer, with_domains

# What a peer's own code deprecates is not ours to mend.
pytestmark = pytest.mark.filterwarnings("default")

ACCOUNTS = [
    Company("Jubilee Metals Group PLC", "jubileemetalsgroup.com", "", "United Kingdom"),
    Company("Kansai Super Market Ltd.", "kansaisuper.co.jp", "", "Japan"),
    Company("Civeo Corporation", "civeo.com", "", "United States"),
    Company("Deere & Company", "deere.com", "", "United States"),
    Company("Golden Ocean Group Limited", "goldenocean.bm", "", "Bermuda"),
    Company("Stellantis N.V.", "stellantis.com", "", "Netherlands"),
    Company("Kerry Group plc", "kerry.com", "", "Ireland"),
    Company("Formosa Plastics Corporation", "fpc.com.tw", "", "Taiwan"),
    Company("Sigma Healthcare Limited", "sigmahealthcare.com.au", "", "Australia"),
    Company("Oriental Land Co., Ltd.", "olc.co.jp", "", "Japan"),
]
QUERIES = [
    Company("KANSAI SUPER MARKET", country="Japan"),
    Company("Civeo Corp", country="United States"),
    Company("Jubilee Metals Group", country="United Kingdom"),
    Company("Formosa Plastics Corp.", country="Taiwan"),
    Company("Stellantis NV", country="Netherlands"),
    Company("Kerry Group", country="Ireland"),
    Company("GOLDEN OCEAN GROUP LTD", country="Bermuda"),
    Company("Sigma Healthcare Ltd", country="Australia"),
    Company("Oriental Land", country="Japan"),
    Company("Deere and Company", country="United States"),
]
PLACES = [1, 2, 0, 7, 5, 6, 4, 8, 9, 3]


# A model cannot be trained on ten rows: splink gets real ones around them.
AROUND = questions()


def around(peer: Peer) -> tuple[list[Company], list[Company]]:
    """Accounts, the ten first, and queries to train on."""
    if peer.name != "splink":
        return ACCOUNTS, QUERIES
    names = {one.name for one in ACCOUNTS}
    others = [one for one in AROUND.accounts[:4_000] if one.name not in names]
    return ACCOUNTS + others, [*QUERIES, *AROUND.queries]


def here(peer: Peer) -> None:
    if peer.missing:
        pytest.skip(f"{peer.name} wants {', '.join(peer.missing)}")


@pytest.mark.parametrize("peer", PEERS, ids=lambda peer: peer.name)
@pytest.mark.parametrize("fields", ["named", "whole"])
def test_an_installed_peer_finds_most_of_ten(peer: Peer, fields: str):
    here(peer)
    answers = getattr(peer, fields)(*around(peer))(QUERIES)
    found = [place for place, _ in answers]
    assert len(found) == len(QUERIES)
    assert sum(one == true for one, true in zip(found, PLACES, strict=True)) >= 8


@pytest.mark.parametrize("peer", PEERS, ids=lambda peer: peer.name)
def test_an_installed_peer_answers_nonsense_and_no_name_at_all(peer: Peer):
    here(peer)
    asked = [Company("xqzw jjvk"), Company(""), QUERIES[0]]
    answers = peer.whole(*around(peer))(asked)
    assert len(answers) == 3
    assert answers[2][0] == 1
    assert answers[0][0] is None or answers[0][1] < answers[2][1]


@pytest.mark.parametrize("peer", [one for one in PEERS if one.join], ids=lambda peer: peer.name)
def test_an_installed_peer_pairs_what_is_listed_twice(peer: Peer):
    here(peer)
    assert peer.join
    others = repeats().rows if peer.name == "splink" else ()
    pairs = peer.join([*ACCOUNTS, *QUERIES, *others])
    sure = {(one, other) for one, other, _ in pairs}
    assert all(one < other for one, other in sure)
    wanted = [(true, 10 + at) for at, true in enumerate(PLACES)]
    assert sum(pair in sure for pair in wanted) >= 7


def nobody(accounts: Sequence[Company], sample: Sequence[Company]):
    return lambda queries: [(0, 0.3)] * len(queries)


def test_an_owned_domain_speaks_before_the_name_and_a_shared_one_asks_it():
    accounts = [Company("A", "a.com"), Company("B", "b.com"), Company("C", "www.b.com")]
    ask = with_domains(nobody)(accounts, [])
    queries = [Company("x", "https://www.B.com/about"), Company("x", "", "i@a.com"), Company("x")]
    assert [place for place, _ in ask(queries)] == [1, 0, 0]
    assert ask([Company("x", "", "somebody@gmail.com")]) == [(0, 0.3)]


def test_a_peer_that_is_missing_is_skipped_aloud(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    ours = PEERS[0]
    gone = Peer("ghost", ("no_such_module_here",), nobody, nobody)
    monkeypatch.setattr(matching, "PEERS", (ours, gone))
    assert matching.installed(None) == [ours]
    assert "SKIPPED: ghost, for want of no_such_module_here" in capsys.readouterr().err
    with pytest.raises(SystemExit, match="no such peer: gost; there are abm, ghost"):
        matching.installed(["gost"])


def test_sizes_are_said_in_thousands_or_in_full():
    assert matching.sizes_of("1k, 10K,14507") == [1_000, 10_000, 14_507]


def test_the_chart_names_everybody_in_it(tmp_path: Path):
    if not drawable():
        pytest.skip("nothing to draw with")
    file = tmp_path / "matching.svg"
    draw(
        [Bar("abm", "names", 0.9), Bar("TF-IDF", "names", 0.8)],
        [Point("abm", 1_000, 5_000.0), Point("abm", 10_000, 4_000.0), Point("TF-IDF", 1_000, 9.0)],
        file,
    )
    texts = {one.text for one in ET.parse(file).iter() if one.text}
    assert {"abm", "TF-IDF", "0.900", "queries per CPU second"} <= texts
