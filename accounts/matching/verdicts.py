"""From compared pairs to an answer: accept, ask a person or none; and the words that say why.

The domain speaks first. What contradicts itself goes to a person however likely it is; so does what
only a former name, another number or a holding's name connects.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from accounts.identity import clean_text
from accounts.matching import doubts
from accounts.matching.batch import Batch
from accounts.matching.clear import clear, nothing
from accounts.matching.clues import Array
from accounts.matching.families import lender
from accounts.matching.keys import ALIAS, Asked
from accounts.matching.ranking import AS_CLOSE, Scored, ranked
from accounts.matching.reasons import (
    AT,
    RARE_WORD,
    Side,
    said,
    shared_domain,
    weigher,
)
from accounts.matching.scoring import probability
from accounts.matching.table import Table
from accounts.matching.ties import Settled, settle
from accounts.matching.values import Match, Rules, Verdict, Why

# One account of the very name, measured; one account of the domain, where no name was given.
_WHOLE_NAME, _WHOLE_NAME_AND_DOMAIN, _DOMAIN_ALONE = 0.99, 0.999, 0.97
# One of several accounts of the domain, where no name was given: chosen by rule.
_CHOSEN = 0.9
# The answers of so few are made one by one: a glance at all of them would take longer.
_FEW = 4
# More accounts of one phone than this have nothing in common but who answers it.
_SWITCHBOARD = 3

# What only accounts that are as close bring about.
_CROWDING = [AT["namesakes"], AT["sharing"]]


@dataclass(slots=True)
class _Found:
    """The best pair of a question on its way to an answer: what speaks for it and against it.

    `chance` is the model's, and `least` what something outside of it makes of it at least;
    `callers` are the accounts that have the record's phone.
    """

    side: Side
    id: int
    chance: float
    runner_up: int | None
    callers: list[int]
    least: float = 0.0
    notes: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)


def by_whole_name(rules: Rules, table: Table, question: Asked, row: int) -> Match:
    """The answer where one account alone has the very name and nothing contradicts it."""
    place = int(table.row["place"].values[row])
    id_ = int(table.place["id"].values[place])
    alias = int(table.row["kind"].values[row]) == ALIAS
    label = table.labels[place]
    country = bool(question.country and table.place["country"].values[place])
    lent = ""
    domain = bool(question.domain) and question.domain in table.domains_of(place)
    domain = domain or place in table.hosts.get(question.hosted, ())
    called = id_ in table.callers(question.phone, question.country)
    if question.domain and not domain:
        lent = _lender(table, id_, question.domain)

    words = [f"another name of {label!r}" if alias else f"same name as {label!r}"]
    words += [f"same country {question.country}"] if country else []
    words += ["same phone"] if called else []
    if domain or lent:
        words.insert(0, shared_domain(question, lent))
    score = _WHOLE_NAME_AND_DOMAIN if domain or lent else _WHOLE_NAME
    return Match(_verdict(rules, score), id_, score, None, tuple(words))


def _verdict(rules: Rules, score: float) -> Verdict:
    """Of what nothing speaks against."""
    return Verdict.ACCEPT if score >= rules.accept else Verdict.REVIEW


def _lender(table: Table, id_: int, domain: str) -> str:
    """The name of the account from which a child has the domain; "" for none."""
    found = lender(table, id_, domain)
    return "" if found is None else table.labels[table.places[found]]


def nobody(question: Asked) -> Match:
    """The answer where no account is near, or nothing was said."""
    if question.keys or question.domain or question.phone:
        reason = "no account is near it"
    else:
        said = clean_text(question.label)[:40]
        named = f"{said!r} names no company" if said else "no company is named"
        reason = f"{named} and no own domain is given"
    return Match(Verdict.NONE, None, 0.0, None, (reason,))


def decide(rules: Rules, table: Table, batch: Batch, scored: Scored) -> list[Match]:
    """One answer per question of the batch."""
    ids = table.place["id"].values[scored.pairs.place]
    order = ranked(scored, ids)
    judge = _Judge(rules, table, batch, scored, ids.tolist())
    found = nothing(order)
    reasons: Iterator[Why] = iter(())
    if len(order.best) >= _FEW:
        found = clear(rules, table, batch, scored, order)
        reasons = judge.reasons(order.best[found.accepted])
    answers: list[Match | None] = [None] * len(batch.questions)
    columns = (*order, found.accepted, found.none)
    asked = scored.pairs.question[order.best].tolist()
    for question, score, (at, rival, second, chance, accepted, none) in zip(
        asked, found.score, zip(*(one.tolist() for one in columns), strict=True), strict=True
    ):
        if accepted:
            runner_up = judge.ids[rival] if rival >= 0 else None
            answers[question] = Match(
                Verdict.ACCEPT, judge.ids[at], score, runner_up, next(reasons), chance
            )
        elif none:
            answers[question] = _unlike(score, judge.ids[at])
        else:
            answers[question] = judge.answer(at, chance, rival, second)
    return [one or judge.unlike(question) for question, one in enumerate(answers)]


def _unlike(score: float, nearest: int) -> Match:
    """The answer where the names are too far apart."""
    return Match(Verdict.NONE, None, score, nearest, ("no account's name is close enough",))


class _Words:
    """What agreed between records and accounts that nothing is said against, in words."""

    def __init__(self, judge: _Judge, at: Array) -> None:
        found, table, batch = judge.scored.pairs[at], judge.table, judge.batch
        self._questions = [batch.questions[n] for n in found.question.tolist()]
        self._mine = [batch.keys[n] for n in found.name.tolist()]
        self._theirs = table.row["words"].values[found.row]
        self._texts, self._weigh = table.words.texts, judge.weigh
        self._labels = [table.labels[n] for n in found.place.tolist()]
        self._country = table.place["country"].values[found.place]
        self._features, self._shares = judge.scored.features[at], found.domain

    def of(self, n: int) -> tuple[str, ...]:
        """The words for the pair that stands here."""
        texts = self._texts
        theirs = tuple([texts[number] for number in self._theirs[n].tolist() if number >= 0])
        side = Side(
            self._questions[n], self._mine[n], theirs, self._labels[n], texts[self._country[n]],
            (), self._features[n].tolist(), bool(self._shares[n]), "", self._weigh,
        )  # fmt: skip
        return tuple(said(side))


class _Judge:
    """Turns one question's best pair into its answer."""

    def __init__(
        self, rules: Rules, table: Table, batch: Batch, scored: Scored, ids: list[int]
    ) -> None:
        self.rules, self.table, self.batch, self.scored, self.ids = rules, table, batch, scored, ids
        self.weigh = weigher(table, scored.weights)

    def answer(self, at: int, chance: float, rival: int, second: int) -> Match:
        """The answer to the question of pair `at`; -1 for no rival and no second one."""
        side = self._side(at)
        runner_up = self.ids[rival] if rival >= 0 else None
        if side.mine is None:
            return self._by_domain_alone(at, side, second, runner_up)
        callers = self._callers(int(self.scored.pairs.question[at]))
        found = _Found(side, self.ids[at], chance, runner_up, callers)
        if tied := self._tied(at, side, rival, second):
            self._choose(found, at, tied)
        against, called = found.doubts, found.callers == [found.id]
        against += doubts.of_both(found.side)
        if found.side.shares:
            same = found.side.has("same_core")
            against += doubts.of_domain(
                found.side, "" if same else self._namesake(at), alone=second < 0
            )
        else:
            against += doubts.of_name(found.side, called=called)
        if called and self._is_worth_asking(found):
            found.least = self.rules.accept
        return self._said(found) or self.unlike(int(self.scored.pairs.question[at]), found)

    def reasons(self, at: Array) -> Iterator[Why]:
        """The words for pairs that nothing is to be said against, made when they are asked for.

        What they are made of is looked up now: the table may be another one then.
        """
        words = _Words(self, at).of
        return (partial(words, n) for n in range(len(at)))

    def unlike(self, question: int, found: _Found | None = None) -> Match:
        """The answer where no name is like it: a question if an account has its phone, or none."""
        asked = self.batch.questions[question]
        callers = self._callers(question)
        if 0 < len(callers) <= _SWITCHBOARD:
            labels = [repr(self.table.labels[self.table.places[one]]) for one in callers]
            reasons = [f"same phone as {' and '.join(labels)}"]
            reasons += ["the name is another one"] if asked.keys else []
            other = callers[1] if len(callers) > 1 else None
            return Match(Verdict.REVIEW, callers[0], self._unsure(0.5), other, tuple(reasons))
        if found is None:
            return nobody(asked)
        return _unlike(self.rules.calibration.of(found.chance), found.id)

    def _callers(self, question: int) -> list[int]:
        asked = self.batch.questions[question]
        never = self.scored.without[question] if self.scored.without else ()
        found = self.table.callers(asked.phone, asked.country)
        return [one for one in found if one not in never]

    def _said(self, found: _Found) -> Match | None:
        """The answer for an account that was compared, with everything that speaks against it."""
        side, doubted = found.side, bool(found.doubts)
        if found.id in found.callers and "same phone" not in found.notes:
            more = len(found.callers) - 1
            found.notes.append(f"same phone, as {more} more have" if more else "same phone")
        score = max(self.rules.calibration.of(found.chance), found.least)
        if score >= self.rules.accept and not doubted:
            verdict = Verdict.ACCEPT
        elif self._is_worth_asking(found):
            verdict = Verdict.REVIEW
            score = self._unsure(self.rules.calibration.of(found.chance, doubted=doubted))
        else:
            return None

        def why() -> tuple[str, ...]:
            return tuple(said(side) + found.notes + found.doubts)

        return Match(verdict, found.id, score, found.runner_up, why, found.chance, doubted)

    def _unsure(self, chance: float) -> float:
        """A probability that is below that of an answer."""
        return min(chance, round(self.rules.accept - 0.01, 4))

    def _is_worth_asking(self, found: _Found) -> bool:
        """Whether the domain or the likeness of names is worth a person's time."""
        side, score = found.side, self.rules.calibration.of(found.chance)
        return side.shares or side.has("same_core") or score >= self._worth_asking(side)

    def _worth_asking(self, side: Side) -> float:
        """From which probability on a person is asked.

        Who has a domain of its own is another company; a rare word that is all that was said may
        be any of those that have it, and one with more words a branch elsewhere.
        """
        if side.has("other_domain") and not side.has("same_stem"):
            return self.rules.accept
        all_said = side.has("same_core") or side.of("covers_mine") > 0.99
        if side.of("rarest") <= RARE_WORD:
            return self.rules.review
        branch = side.has("other_country") and side.of("covers_theirs") > 0.99
        return self.rules.review / (20 if all_said else 2 if branch else 1)

    def _side(self, at: int) -> Side:
        found, table, batch = self.scored.pairs, self.table, self.batch
        name, row, place = int(found.name[at]), int(found.row[at]), int(found.place[at])
        texts, numbers_of = table.words.texts, table.row["words"].values
        words = [texts[n] for n in numbers_of[row].tolist() if n >= 0] if row >= 0 else []
        question, shares = batch.questions[int(found.question[at])], bool(found.domain[at])
        own = table.domains_of(place) if question.domain else ()  # else nobody asks for them
        lent = shares and question.domain and question.domain not in own
        return Side(
            question,
            batch.keys[name] if name >= 0 else None,
            tuple(words),
            table.labels[place],
            table.words.texts[int(table.place["country"].values[place])],
            own,
            self.scored.features[at].tolist(),
            shares,
            _lender(table, self.ids[at], question.domain) if lent else "",
            self.weigh,
        )

    def _by_domain_alone(self, at: int, side: Side, second: int, runner_up: int | None) -> Match:
        reasons: tuple[str, ...] = (shared_domain(side.question, side.lent),)
        if side.question.keys:
            reasons += (f"{side.label!r} has no name to compare",)
            return Match(Verdict.REVIEW, self.ids[at], self._unsure(0.5), runner_up, reasons)
        if second < 0:
            verdict = _verdict(self.rules, _DOMAIN_ALONE)
            return Match(verdict, self.ids[at], _DOMAIN_ALONE, None, reasons)
        tied = self._others(at, lambda one: bool(self.scored.pairs.domain[one]))
        settled = self._settled(at, side, tied)
        if settled.id is None:
            reasons += ("more than one account has it, and no name was given", *settled.why)
            return Match(Verdict.REVIEW, self.ids[at], self._unsure(0.5), runner_up, reasons)
        other = next(self.ids[one] for one in (at, *tied) if self.ids[one] != settled.id)
        verdict = _verdict(self.rules, _CHOSEN)
        return Match(verdict, settled.id, _CHOSEN, other, reasons + settled.why)

    def _tied(self, at: int, side: Side, rival: int, second: int) -> list[int]:
        """The other pairs of the question that are as close; mostly none."""
        odds = self.scored.odds
        if side.shares:
            if second < 0 or odds[at] - odds[second] >= AS_CLOSE:
                return []
            domain = self.scored.pairs.domain
            return self._others(at, lambda one: domain[one] and odds[at] - odds[one] < AS_CLOSE)
        if rival < 0:
            return []

        def close(one: int) -> bool:
            if odds[at] - odds[one] < AS_CLOSE:
                return True
            named_so = self.scored.features[one, AT["same_core"]] > 0.5
            return bool(named_so) and doubts.twins(side, self._side(one))

        return self._others(at, close) if close(rival) else []

    def _namesake(self, at: int) -> str:
        """Another domain's account that has the record's very name; "" for none."""
        domain, same = self.scored.pairs.domain, self.scored.features[:, AT["same_core"]]
        found = self._others(at, lambda one: not domain[one] and same[one] > 0.5)
        return self._side(found[0]).label if found else ""

    def _others(self, at: int, chosen: Callable[[int], bool]) -> list[int]:
        """The other pairs of a pair's question that are so, in their order."""
        asked = self.scored.pairs.question
        start, end = np.searchsorted(asked, [asked[at], asked[at] + 1]).tolist()
        return [one for one in range(start, end) if one != at and chosen(one)]

    def _settled(self, at: int, side: Side, tied: list[int]) -> Settled:
        question = int(self.scored.pairs.question[at])
        never = self.scored.without[question] if self.scored.without else ()
        ids = [self.ids[one] for one in (at, *tied)]
        return settle(self.rules, self.table, side.question, ids, never)

    def _choose(self, found: _Found, at: int, tied: list[int]) -> None:
        """Take the one of those as close that the rules choose, or doubt."""
        id_, why = self._settled(at, found.side, tied)
        both = (at, *tied)
        if id_ is None:
            others = " and ".join(repr(self._side(one).label) for one in tied[:2])
            domain = "shares the domain and " if found.side.shares and len(tied) == 1 else ""
            found.doubts.append(f"{others} {domain}{'is' if len(tied) == 1 else 'are'} as close")
            found.doubts += why
            return
        speaks = next((one for one in both if self.ids[one] == id_), at)
        found.side, found.id = self._side(speaks), id_
        found.runner_up = next(self.ids[one] for one in both if self.ids[one] != id_)
        found.chance = self._chance_without(speaks, both)
        found.notes += why

    def _chance_without(self, at: int, tied: Sequence[int]) -> float:
        """How sure a pair is, had those that are as close not been there."""
        rest = self._others(at, lambda one: one not in tied)
        rival = np.array([max((self.scored.odds[one] for one in rest), default=-np.inf)])
        features = self.scored.features[[at]].copy()
        features[:, _CROWDING] = 0
        return float(probability(features, self.scored.odds[[at]], rival)[0])
