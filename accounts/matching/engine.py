"""The index at work: what is known, what was added since, and the way from records to answers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from itertools import islice

import numpy as np

from accounts.matching.batch import Batch
from accounts.matching.blocking import Pieces
from accounts.matching.candidates import pairs
from accounts.matching.clues import CORE, clues
from accounts.matching.families import lend_domains, lender
from accounts.matching.features import FEATURES, measure, word_weights
from accounts.matching.hosts import keep_to_owners, owned
from accounts.matching.keys import ASIDE, Asked, asked
from accounts.matching.ranking import Scored
from accounts.matching.scoring import first_odds
from accounts.matching.table import NOTHING, Floats, Table, weigh
from accounts.matching.values import Candidate, Match, Record, Rules
from accounts.matching.verdicts import by_whole_name, decide, nobody
from accounts.matching.weights import COMMON_WORDS, RARE

# What was added is folded in when it is this many rows, or this share of all.
_FRESH, _FRESH_SHARE = 64, 0.25
# So many rows of one name are looked at; more are no single account's.
_NAMESAKES = 1_024
# The log-odds of who was not compared.
_FAR = -20.0
# So many are taken in at once: a long list never stands beside its keys as a whole.
_PORTION = 8_192


class Engine:
    """A table of accounts with its inverted index; the weights are those of the last fold."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.table, self.pieces = Table(), Pieces()
        self.weights: Floats = np.zeros(0)
        self.folded = 0

    def __len__(self) -> int:
        return len(self.table)

    def __contains__(self, account_id: int) -> bool:
        return account_id in self.table.places

    def extend(self, candidates: Iterable[Candidate]) -> None:
        """Know these accounts; a few stand beside the rest until enough have come."""
        table, coming = self.table, iter(candidates)
        row, place = table.rows, len(table.labels)
        while portion := list(islice(coming, _PORTION)):
            table.extend(portion)
        if table.rows - self.folded > max(_FRESH, _FRESH_SHARE * self.folded):
            self.fold()
            return
        table.link(row, place)
        for new, name in enumerate(table.names(row, table.rows), start=row):
            self.pieces.add(new, name)

    def fold(self) -> None:
        """Weigh every word and piece anew, take in what was added and let go of what went."""
        if self.folded < self.table.rows:
            self.table.fold()
            self.pieces.fold(self.table)
            self.weights = word_weights(self.table)
            self.folded = self.table.rows

    def remove(self, account_id: int) -> None:
        """Forget an account; KeyError if there is none of this id."""
        for row in self.table.remove(account_id):
            if row >= self.folded:
                self.pieces.drop(row, self.table.names(row, row + 1)[0])

    def answers(
        self, records: Sequence[Record], without: Sequence[Collection[int]] | None
    ) -> list[Match]:
        """One answer per record: most have the whole name of one account, the rest is compared."""
        questions = [owned(self.table, one) for one in asked(records)]
        exact = self._exact(questions, without)
        found: list[Match | None] = []
        open_: list[int] = []
        for at, one in enumerate(questions):
            if at in exact:
                found.append(by_whole_name(self.rules, self.table, one, exact[at]))
            elif one.keys or one.domain or one.hosted or (one.phone and self.table.phones):
                found.append(None)
                open_.append(at)
            else:
                found.append(nobody(one))
        if open_:
            never = [without[at] for at in open_] if without else None
            compared = self._compared([questions[at] for at in open_], never)
            for at, match in zip(open_, compared, strict=True):
                found[at] = match
        return [match for match in found if match is not None]

    def _exact(
        self, questions: Sequence[Asked], without: Sequence[Collection[int]] | None
    ) -> dict[int, int]:
        """By question, the row of the only account of its very name that nothing contradicts."""
        table, known = self.table, self.table.words.ids
        cores = [
            known.get(one.keys[0].core, NOTHING) if len(one.keys) == 1 else NOTHING
            for one in questions
        ]
        asked, row = table.by_name.among(clues(CORE, np.array(cores)), _NAMESAKES)
        place = table.row["place"].values[row]
        alive = table.place["alive"].values[place]
        rows: defaultdict[int, dict[int, int]] = defaultdict(dict)
        for at, one, where in zip(*(x[alive].tolist() for x in (asked, row, place)), strict=True):
            rows[at].setdefault(where, one)
        found = {at: next(iter(of.items())) for at, of in rows.items() if len(of) == 1}
        ids, kind = table.place["id"].values, table.row["kind"].values
        return {
            at: one
            for at, (where, one) in found.items()
            if kind[one] != ASIDE
            and self._agrees(questions[at], where, one)
            and not (without and int(ids[where]) in without[at])
        }

    def _agrees(self, one: Asked, place: int, row: int) -> bool:
        """Whether domain, place and legal form are the account's or unknown."""
        table = self.table
        if one.domain:
            owners = table.owners(one.domain)
            known = owners or table.place["domains"].values[place]
            if known and place not in owners and not (owners and self._lent(one.domain, place)):
                return False
        for said, column in ((one.country, "country"), (one.city, "city")):
            known = table.place[column].values[place]
            if said and known and table.words.texts[known] != said:
                return False
        mine = one.keys[0].legal
        if not mine:
            return True
        legal = table.row["legal"].values[row]
        theirs = int(legal[0]) | int(legal[1]) << 63
        return not theirs or bool(mine & theirs)

    def _lent(self, domain: str, place: int) -> bool:
        """Whether the domain is that of the account's parent."""
        return lender(self.table, int(self.table.place["id"].values[place]), domain) is not None

    def _compared(
        self, questions: list[Asked], without: Sequence[Collection[int]] | None
    ) -> list[Match]:
        batch = Batch(self.table, questions)
        weights = self._weights()
        found = pairs(self.table, self.pieces, batch, without)
        lend_domains(self.table, batch, found)
        keep_to_owners(self.table, batch, found)
        at = found.compared
        features = np.zeros((len(found.question), len(FEATURES)))
        features[at] = measure(self.table, weights, batch, found[at])
        odds = np.full(len(found.question), _FAR)
        odds[at] = np.round(first_odds(features[at]), 6)
        scored = Scored(found, features, odds, weights, without)
        return decide(self.rules, self.table, batch, scored)

    def _weights(self) -> Floats:
        """The weights of all words; what came since the last fold is as rare as what is new."""
        more = self.table.words.texts[len(self.weights) :]
        if more:
            common = np.array([COMMON_WORDS.get(text, RARE) for text in more])
            fresh = weigh(np.zeros(len(more)), common, self.folded)
            self.weights = np.concatenate([self.weights, fresh])
        return self.weights
