"""Parents and children: a child is found on its parent's domain, and who stands for the family.

Parents are given by ids and may be wrong: unknown, several levels up, or a ring.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from accounts.matching.batch import Batch
from accounts.matching.candidates import Pairs
from accounts.matching.table import Table
from accounts.matching.values import RollUp

Parents = Mapping[int, int]


def ancestors(parents: Parents, id_: int) -> list[int]:
    """An account's parent, that one's parent and so on. Who is its own ancestor has none."""
    found: dict[int, None] = {}
    at = parents.get(id_)
    while at is not None and at not in found:
        if at == id_:
            return []
        found[at] = None
        at = parents.get(at)
    return list(found)


def lender(table: Table, id_: int, domain: str) -> int | None:
    """The nearest ancestor of an account that has this domain; None where none has."""
    if id_ not in table.parents:
        return None
    owners = {int(table.place["id"].values[at]) for at in table.owners(domain)}
    return next(
        (one for one in ancestors(table.parents, id_) if one in owners and one in table.places),
        None,
    )


def lend_domains(table: Table, batch: Batch, found: Pairs) -> None:
    """Let the domain of a record agree with every child of the account that has it.

    What the name says of parent and child is compared afterwards: who has no name to compare is
    never found in this way.
    """
    if not table.parents:
        return
    ids = table.place["id"].values[found.place].tolist()
    for at, (question, id_) in enumerate(zip(found.question.tolist(), ids, strict=True)):
        domain = batch.questions[question].domain
        if domain and not found.domain[at] and lender(table, id_, domain) is not None:
            found.domain[at] = True


def head(table: Table, ids: Collection[int]) -> int | None:
    """The nearest account that all of these are or descend from; None where there is none."""
    first, *others = sorted(ids)
    lines = [{one, *ancestors(table.parents, one)} for one in others]
    common = (
        one
        for one in (first, *ancestors(table.parents, first))
        if one in table.places and all(one in line for line in lines)
    )
    return next(common, None)


def rolled_up(
    roll_up: RollUp, table: Table, ids: Collection[int], never: Collection[int] = ()
) -> tuple[list[int], str]:
    """(who is left of accounts that are as close, why): [] says that a person has to choose.

    Accounts that are no family stay as they are, without a reason.
    """
    above = {one: ancestors(table.parents, one) for one in sorted(ids)}
    below = [(one, up) for one, ups in above.items() for up in ups if up in above]
    top = head(table, ids)
    others = [one for one in above if one != top]
    match roll_up:
        case RollUp.ASK if below or top is not None:
            return [], _related(table, *below[0]) if below else _siblings(table, others, top)
        case RollUp.PARENT if top is not None and top not in never:
            return [top], f"{_related(table, others[0], top)}: rolled up to the parent"
        case RollUp.CHILD if below:
            left = [one for one in above if one not in {up for _, up in below}]
            child, parent = next(pair for pair in below if pair[0] in left)
            return left, f"{_related(table, child, parent)}, which is as close"
    return list(above), ""


def _related(table: Table, child: int, parent: int) -> str:
    return f"{_label(table, child)} is a child of {_label(table, parent)}"


def _siblings(table: Table, ids: Sequence[int], parent: int | None) -> str:
    assert parent is not None
    names = " and ".join(_label(table, one) for one in ids[:3])
    return f"{names} are children of {_label(table, parent)}"


def _label(table: Table, id_: int) -> str:
    return repr(table.labels[table.places[id_]])
