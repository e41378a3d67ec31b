"""From compared pairs to an answer: accept, ask a person or none; and the words that say why.

The domain speaks first. What contradicts itself goes to a person however likely it is; so does what
only a former name, another number or a holding's name connects.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from accounts.identity import clean_text
from accounts.matching.candidates import Batch, Pairs
from accounts.matching.features import FEATURES
from accounts.matching.keys import ALIAS, Asked, Key, stem
from accounts.matching.scoring import probability
from accounts.matching.table import Array, Floats, Table
from accounts.matching.values import Match, Rules, Verdict
from accounts.names_data import ROMAN_NUMBERS

# A shared domain needs no more of a name than this; below it the two contradict each other.
AGREEING_NAME = 0.4
# Nearer than this, in log-odds, the runner-up is as close.
AS_CLOSE = 0.35
# One account of the very name, measured; one account of the domain, where no name was given.
_WHOLE_NAME, _WHOLE_NAME_AND_DOMAIN, _DOMAIN_ALONE = 0.99, 0.999, 0.97

# A word that weighs more than this, of what a word can weigh, makes another company.
_TELLING = 0.4
_RARE_WORD = 0.7

_HOLDING = frozenset({"holding", "holdings"})
_AT = {name: at for at, name in enumerate(FEATURES)}


@dataclass(slots=True)
class Scored:
    """All pairs of a batch with their features and first odds."""

    pairs: Pairs
    features: Floats
    odds: Floats


@dataclass(slots=True)
class Side:
    """What reasons need of a pair, without the batch's arrays."""

    question: Asked
    mine: Key | None
    words: tuple[str, ...]
    core: str
    label: str
    country: str
    domains: tuple[str, ...]
    features: Floats
    shares: bool

    def has(self, feature: str) -> bool:
        return bool(self.features[_AT[feature]] > 0.5)


def by_whole_name(table: Table, question: Asked, row: int) -> Match:
    """The answer where one account alone has the very name and nothing contradicts it."""
    place = int(table.row["place"].values[row])
    alias = int(table.row["kind"].values[row]) == ALIAS
    domain = question.domain in table.domains[place] if question.domain else False
    label = table.labels[place]
    country = bool(question.country and table.place["country"].values[place])

    def why() -> tuple[str, ...]:
        words = [f"same domain {question.domain}"] if domain else []
        words.append(f"another name of {label!r}" if alias else f"same name as {label!r}")
        return tuple(words + ([f"same country {question.country}"] if country else []))

    score = _WHOLE_NAME_AND_DOMAIN if domain else _WHOLE_NAME
    return Match(Verdict.ACCEPT, int(table.place["id"].values[place]), score, None, why)


def nobody(question: Asked) -> Match:
    """The answer where no account is near, or nothing was said."""
    if question.keys or question.domain:
        reason = "no account is near it"
    else:
        said = clean_text(question.label)[:40]
        reason = f"{said!r} names no company and no own domain is given"
    return Match(Verdict.NONE, None, 0.0, None, (reason,))


def decide(rules: Rules, table: Table, batch: Batch, scored: Scored) -> list[Match]:
    """One answer per question of the batch."""
    found = scored.pairs
    ids = table.place["id"].values[found.place]
    best, rival, second = _ranked(scored, ids)
    answers = [nobody(one) for one in batch.questions]
    odds = scored.odds
    rivals = np.where(rival >= 0, odds[rival], -np.inf)
    chance = probability(scored.features[best], odds[best], rivals).tolist()
    judge = _Judge(rules, table, batch, scored, ids.tolist())
    for at, one, other, shared in zip(
        best.tolist(), chance, rival.tolist(), second.tolist(), strict=True
    ):
        answers[found.question[at]] = judge.answer(at, one, other, shared)
    return answers


def _ranked(scored: Scored, ids: Array) -> tuple[Array, Array, Array]:
    """Per question with pairs: its best pair, the nearest other one, the next of the same domain.

    Accounts of the question's own domain stand before all others; -1 for none.
    """
    found, odds = scored.pairs, scored.odds
    order = np.lexsort((ids, -odds, ~found.domain, found.question))
    own = found.question[order]
    start = np.flatnonzero(np.r_[True, own[1:] != own[:-1]]) if len(own) else own
    best = order[start]
    size = np.diff(np.r_[start, len(own)])
    following = order[np.minimum(start + 1, max(len(own) - 1, 0))] if len(own) else own
    second = np.where((size > 1) & found.domain[following], following, -1)
    plain = np.lexsort((ids, -odds, found.question))
    top = plain[start]
    next_one = plain[np.minimum(start + 1, max(len(own) - 1, 0))] if len(own) else own
    rival = np.where(top != best, top, np.where(size > 1, next_one, -1))
    return best, rival, second


class _Judge:
    """Turns one question's best pair into its answer."""

    def __init__(
        self, rules: Rules, table: Table, batch: Batch, scored: Scored, ids: list[int]
    ) -> None:
        self.rules, self.table, self.batch, self.scored, self.ids = rules, table, batch, scored, ids

    def answer(self, at: int, chance: float, rival: int, second: int) -> Match:
        side = self._side(at)
        runner_up = self.ids[rival] if rival >= 0 else None
        if side.mine is None:
            return self._by_domain_alone(at, side, second, runner_up)
        doubts = self._doubts(side)
        if side.shares:
            doubts += self._domain_doubts(at, side, rival, second)
        else:
            doubts += self._name_doubts(at, side, rival)
        score = chance
        if score >= self.rules.accept and not doubts:
            verdict = Verdict.ACCEPT
        elif side.shares or side.has("same_core") or score >= self._worth_asking(side):
            verdict = Verdict.REVIEW
            score = min(score, round(self.rules.accept - 0.01, 4))
        else:
            reason = ("no account's name is close enough",)
            return Match(Verdict.NONE, None, score, self.ids[at], reason)

        def why() -> tuple[str, ...]:
            return tuple(said(side) + doubts)

        return Match(verdict, self.ids[at], score, runner_up, why)

    def _worth_asking(self, side: Side) -> float:
        """From which probability on a person is asked.

        Who has a domain of its own is another company; a rare word that is all that was said may
        be any of those that have it.
        """
        if side.has("other_domain") and not side.has("same_stem"):
            return self.rules.accept
        all_said = side.has("same_core") or float(side.features[_AT["covers_mine"]]) > 0.99
        rare = float(side.features[_AT["rarest"]]) > _RARE_WORD
        return self.rules.review / 20 if all_said and rare else self.rules.review

    def _side(self, at: int) -> Side:
        found, table, batch = self.scored.pairs, self.table, self.batch
        name, row, place = int(found.name[at]), int(found.row[at]), int(found.place[at])
        texts, numbers = table.words.texts, table.row["words"].values
        words = [texts[n] for n in numbers[row].tolist() if n >= 0] if row >= 0 else []
        return Side(
            batch.questions[int(found.question[at])],
            batch.keys[name] if name >= 0 else None,
            tuple(words),
            texts[int(table.row["core"].values[row])] if row >= 0 else "",
            table.labels[place],
            table.words.texts[int(table.place["country"].values[place])],
            table.domains[place],
            self.scored.features[at],
            bool(found.domain[at]),
        )

    def _by_domain_alone(self, at: int, side: Side, second: int, runner_up: int | None) -> Match:
        domain = side.question.domain or side.question.hosted
        reasons: tuple[str, ...] = (f"same domain {domain}",)
        if side.question.keys:
            reasons += (f"{side.label!r} has no name to compare",)
        elif second < 0:
            return Match(Verdict.ACCEPT, self.ids[at], _DOMAIN_ALONE, None, reasons)
        else:
            reasons += ("more than one account has it, and no name was given",)
        return Match(Verdict.REVIEW, self.ids[at], 0.5, runner_up, reasons)

    def _doubts(self, side: Side) -> list[str]:
        doubts = []
        assert side.mine is not None
        if side.has("other_numbers"):
            doubts.append(_numbers(side.mine.words, side.words))
        differing = set(side.mine.words) ^ set(side.words)
        if len(differing) == 1 and differing <= _HOLDING and not side.shares:
            doubts.append("a holding and its operating company?")
        return doubts

    def _domain_doubts(self, at: int, side: Side, rival: int, second: int) -> list[str]:
        doubts = []
        if _agreement(side) < AGREEING_NAME:
            doubts.append("the domain and the name say different companies")
        if rival >= 0 and not self.scored.pairs.domain[rival]:
            other = self._side(rival)
            if other.has("same_core") and not side.has("same_core"):
                doubts.append(f"the name is that of {other.label!r}")
        if second >= 0 and self.scored.odds[at] - self.scored.odds[second] < AS_CLOSE:
            label = self._side(second).label
            doubts.append(f"{label!r} shares the domain and is as close")
        return doubts

    def _name_doubts(self, at: int, side: Side, rival: int) -> list[str]:
        doubts = []
        if side.has("one_word_abroad") and not side.has("same_legal_form"):
            doubts.append("one word in another country is not enough")
        if side.has("other_domain") and not side.has("same_stem"):
            doubts.append(f"another domain: {side.question.domain}, not {min(side.domains)}")
        if _is_part(side):
            doubts.append("it may be short for it, or another company")
        if side.has("aside"):
            doubts.append("only by a name in brackets or a former one")
        if rival >= 0:
            other = self._side(rival)
            close = self.scored.odds[at] - self.scored.odds[rival] < AS_CLOSE
            if close or _twins(side, other):
                doubts.append(f"{other.label!r} is as close")
        return doubts


def _is_part(side: Side) -> bool:
    """Whether a record of one word has only one of the account's telling words."""
    return (
        side.mine is not None
        and len(side.mine.words) == 1
        and not side.has("same_core")
        and not any(map(side.has, ("initials", "same_country", "same_city", "same_legal_form")))
        and float(side.features[_AT["lost_theirs"]]) > _TELLING
    )


def _twins(one: Side, other: Side) -> bool:
    """Whether two accounts have the record's very name and nothing known tells them apart."""
    if not (one.has("same_core") and other.has("same_core")):
        return False
    return not any(
        (one.has(f"same_{field}") and not other.has(f"same_{field}"))
        or (other.has(f"other_{field}") and not one.has(f"other_{field}"))
        for field in ("country", "city", "legal_form", "domain")
    )


def _agreement(side: Side) -> float:
    """How much of a name the other explains, for a pair whose domain agrees; 0..1."""
    least, mine, theirs, jaro, ratio, beginning = (
        float(side.features[_AT[name]])
        for name in ("covers_least", "covers_mine", "covers_theirs", "jaro", "ratio", "beginning")
    )
    if side.has("initials") or side.has("stem_is_name") or beginning > 0.99:
        return 1.0
    rest = max(mine, theirs, ratio)
    return max(0.8 * least + 0.2 * jaro, rest if rest >= 0.6 else 0.0)


def _numbers(mine: tuple[str, ...], theirs: tuple[str, ...]) -> str:
    def told(words: tuple[str, ...]) -> str:
        found = [w for w in words if w in ROMAN_NUMBERS or any(c.isdigit() for c in w)]
        return " ".join(found).upper() or "none"

    return f"number differs: {told(mine)} / {told(theirs)}"


def said(side: Side) -> list[str]:
    """What agreed and what did not, in words, the strongest first."""
    assert side.mine is not None
    words = []
    if side.shares:
        words.append(f"same domain {side.question.domain or side.question.hosted}")
    if side.has("same_core"):
        words.append(f"same name as {side.label!r}")
    else:
        words += _of_names(side, side.mine)
    if side.has("same_country"):
        words.append(f"same country {side.question.country}")
    if side.has("other_country"):
        words.append(f"another country: {side.question.country}, not {side.country}")
    if side.has("same_city"):
        words.append("same city")
    if side.has("other_city"):
        words.append("another city")
    if side.has("other_legal_form"):
        words.append("another legal form")
    if side.has("same_stem"):
        words.append(f"a domain of the same word: {stem(side.question.domain)}")
    return words


def _of_names(side: Side, mine: Key) -> list[str]:
    like = f"{float(side.features[_AT['ratio']]):.0%} like {side.label!r}"
    words = [like]
    if side.has("initials"):
        words.append("one is the initials of the other")
    shared = [word for word in mine.words if word in side.words]
    if shared:
        words.append(f"the word {max(shared, key=len)!r} agrees")
    lost = [word for word in mine.words if word not in side.words]
    if side.features[_AT["lost_mine"]] > 0.4 and lost:
        words.append(f"{max(lost, key=len)!r} is not in its name")
    return words
