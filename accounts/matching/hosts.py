"""Hosts that many share (webmail, access providers, page builders): they tell of their owner alone.

An account owns one where it is listed with it and no other account is. A website that is the whole
host is the owner's, unless its name says somebody else; a page or a mailbox there never is.
"""

from __future__ import annotations

from accounts.matching.batch import Batch
from accounts.matching.candidates import Pairs
from accounts.matching.keys import Asked, Key, stem
from accounts.matching.table import Table

# A name that is as much like another is a slip of the finger away.
_LIKE = 0.8


def owned(table: Table, question: Asked) -> Asked:
    """The question without a host that nobody owns, or several seem to."""
    if not question.hosted:
        return question
    alive = table.place["alive"].values
    owners = [place for place in table.hosts.get(question.hosted, ()) if alive[place]]
    return question if len(owners) == 1 else question._replace(hosted="")


def keep_to_owners(table: Table, batch: Batch, found: Pairs) -> None:
    """Let a host say nothing of a record that has another name than the host's owner."""
    if not table.hosts:
        return
    for at in found.domain.nonzero()[0].tolist():
        name, row = int(found.name[at]), int(found.row[at])
        hosted = batch.questions[int(found.question[at])].hosted
        if hosted and name >= 0 and found.ratio[at] < _LIKE:
            words = {table.words.texts[n] for n in table.row["words"].values[row] if n >= 0}
            found.domain[at] = _is_owners(batch.keys[name], words, hosted)


def _is_owners(mine: Key, theirs: set[str], hosted: str) -> bool:
    said = set(mine.words)
    return stem(hosted) in (mine.core, *mine.initials) or said <= theirs or theirs <= said
