"""Which of several accounts a record is that are as close: its family says, or a tie-breaker."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from accounts.matching.candidates import COMPARED
from accounts.matching.families import head, rolled_up
from accounts.matching.keys import Asked
from accounts.matching.table import Table
from accounts.matching.values import Rules
from accounts.names_data import QUALIFIERS
from accounts.standing import ahead


class Settled(NamedTuple):
    """The account that was chosen (None: a person has to) and what spoke for it."""

    id: int | None
    why: tuple[str, ...]


def may_settle(rules: Rules, table: Table) -> bool:
    """Whether `settle` could choose among accounts that have a name and not the record's phone."""
    return bool(table.parents or (table.standing and rules.tie_breakers))


def settle(
    rules: Rules, table: Table, question: Asked, ids: Sequence[int], never: Collection[int]
) -> Settled:
    """Choose among accounts that are as close; `never` are those that a person ruled out.

    Who alone has the record's phone is it; then who alone of a family is called so but for a word
    such as group; then come the family, the place where no name was compared, the tie-breakers.
    """
    callers = table.callers(question.phone, question.country)
    called = [one for one in ids if one in callers]
    if len(called) == 1:
        return Settled(called[0], ("same phone",))
    if table.parents and (bare := _called_so(table, question, ids)):
        return bare
    left, family = rolled_up(rules.roll_up, table, ids, never) if table.parents else (ids, "")
    left, place = (left, "") if question.keys else _nearest(table, question, left)
    why = tuple(filter(None, (family, place)))
    if len(left) == 1:
        return Settled(left[0], why)
    # There may be more as close than were compared, and one of them may stand before all these.
    if not left or len(ids) >= COMPARED:
        return Settled(None, why)
    found = _by_standing(rules, table, left)
    return Settled(found[0], (*why, found[1])) if found else Settled(None, why)


def _called_so(table: Table, question: Asked, ids: Sequence[int]) -> Settled | None:
    """The only one of a family whose name is the record's: Kelso is Kelso Group, not its child."""
    said = [set(key.words) - QUALIFIERS for key in question.keys[:1]]
    if not any(said) or head(table, ids) is None:
        return None
    found = []
    for one in ids:
        place = table.places[one]
        start = int(table.place["start"].values[place])
        names = table.names(start, start + int(table.place["names"].values[place]))
        if any(set(words) - QUALIFIERS == said[0] for _, words in names):
            found.append(one)
    if len(found) != 1:
        return None
    return Settled(found[0], ("nobody else of its family is called so",))


def _nearest(table: Table, question: Asked, ids: Sequence[int]) -> tuple[Sequence[int], str]:
    """(those whose place agrees best with the record's, why); what is unknown says nothing."""
    said = [
        (f"same {name} {value}", name, value)
        for name, value in (("country", question.country), ("city", question.city))
        if value
    ]
    for reason, name, value in said:
        known = [table.place[name].values[table.places[one]] for one in ids]
        texts = [table.words.texts[number] for number in known]
        agree = [one for one, text in zip(ids, texts, strict=True) if text == value]
        if agree and len(agree) < len(ids):
            return agree, reason
    return ids, ""


def _by_standing(rules: Rules, table: Table, ids: Sequence[int]) -> tuple[int, str] | None:
    standings = [table.standing[one] for one in ids if one in table.standing]
    found = ahead(standings, rules.tie_breakers) if len(standings) == len(ids) else None
    return found and (found[0], f"{len(ids)} accounts are as close: {found[1]}")
