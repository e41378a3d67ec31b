"""Work in bulk is not interrupted by the garbage collector, and leaves it as it was."""

import gc

import pytest

from accounts.collecting import uncollected
from accounts.matching import AccountIndex, Candidate, Record


@pytest.mark.parametrize("acyclic", [False, True])
def test_the_collector_rests_meanwhile_and_works_afterwards(acyclic: bool) -> None:
    with uncollected(acyclic=acyclic):
        assert not gc.isenabled()
    assert gc.isenabled()


@pytest.mark.parametrize("acyclic", [False, True])
def test_a_collector_that_was_off_stays_off(acyclic: bool) -> None:
    with uncollected(), uncollected(acyclic=acyclic):
        pass
    gc.disable()
    try:
        with uncollected(acyclic=acyclic):
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_nothing_is_new_after_acyclic_work() -> None:
    with uncollected(acyclic=True):
        values = [[at] for at in range(10_000)]
    assert len(gc.get_objects(generation=0)) < len(values)


def test_what_somebody_else_has_frozen_stays_frozen() -> None:
    gc.freeze()
    frozen = gc.get_freeze_count()
    try:
        with uncollected(acyclic=True):
            pass
        assert gc.get_freeze_count() >= frozen * 0.9  # some go by themselves
    finally:
        gc.unfreeze()


def test_the_matcher_makes_no_cycles() -> None:
    index = AccountIndex([Candidate(1, "Acme Rockets GmbH", ("acme.com",)), Candidate(2, "Beta")])
    records = [Record("Acme Rokets"), Record("Acme", "acme.com"), Record("Gamma"), Record("")]
    index.match_many(records)
    gc.collect()
    gc.disable()
    try:
        for match in index.match_many(records):
            assert match.reasons
        del match
        assert gc.collect() == 0
    finally:
        gc.enable()
