"""Is this inbound record one of our accounts? Yes, no, or a question for a person.

The domain speaks first, then the whole name, then likeness among the nearest accounts. What is
unknown never counts as agreement, and what contradicts itself (the domain says one company, the
name another) goes to a person. The answer for one record does not depend on its batch.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import exp

from accounts.blocking import Blocks
from accounts.countries import country_key
from accounts.identity import Name, clean_text, domain_key, name_key, own_domain
from accounts.likeness import Likeness, likeness

# Probabilities: from ACCEPT up the engine acts alone, from REVIEW up a person is asked.
ACCEPT, REVIEW = 0.7, 0.2

# A shared domain needs no more of a name than this; below it the two contradict each other.
AGREEING_NAME = 0.4

# Match weights in log-odds, fitted once by logistic regression on 3,355 named records with known
# truth (listed companies under the names of their other listings) and rounded.
_BIAS = -4.6
_COVERED, _WHOLE, _FIRST_WORD, _CLASH = 1.5, 2.4, 2.3, -2.8
_SAME_CORE, _GAP, _GAP_AT_MOST = 1.2, 7.3, 0.3
_UNSEEN_RIVAL = 0.5
_SAME_COUNTRY, _OTHER_COUNTRY, _OTHER_LEGAL_FORM = 0.8, -1.8, -2.4


class Verdict(StrEnum):
    """accept: it is this account · review: a person decides · none: it is none of ours."""

    ACCEPT = "accept"
    REVIEW = "review"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Record:
    """What somebody wrote about a company; every field may be empty or wrong."""

    name: str = ""
    website: str = ""
    email: str = ""
    country: str = ""
    city: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """An account as the matcher sees it: its names, the domains that are its own, its place."""

    id: int
    name: str
    domains: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    country: str = ""
    city: str = ""


@dataclass(frozen=True, slots=True)
class Match:
    """The answer: `score` is a probability, `reasons` are words for the person who reviews it.

    `account_id` is the account (accept), the best guess (review) or None; `runner_up` the next.
    """

    verdict: Verdict
    account_id: int | None
    score: float
    runner_up: int | None
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Known:
    """A candidate with its keys, made once."""

    id: int
    label: str
    names: tuple[Name, ...]
    other_names: frozenset[Name]
    domains: frozenset[str]
    country: str | None
    city: str


@dataclass(frozen=True, slots=True)
class _Asked:
    """A record with its keys."""

    names: tuple[Name, ...]
    other_names: frozenset[Name]
    domain: str | None
    country: str | None
    city: str


@dataclass(frozen=True, slots=True)
class _Scored:
    """A candidate beside what was asked; `rank` orders, place breaks near ties."""

    known: _Known
    like: Likeness
    rank: float
    by_other_name: bool


class AccountIndex:
    """The accounts, ready to be asked. Adding one makes it findable by the next question."""

    def __init__(self, candidates: Iterable[Candidate] = ()) -> None:
        self._known: list[_Known] = []
        self._by_domain: defaultdict[str, list[int]] = defaultdict(list)
        self._blocks = Blocks()
        for candidate in candidates:
            self.add(candidate)

    def __len__(self) -> int:
        return len(self._known)

    def add(self, candidate: Candidate) -> None:
        """Know one more account from now on."""
        known, place = _known(candidate), len(self._known)
        self._known.append(known)
        for domain in sorted(known.domains):
            self._by_domain[domain].append(place)
        for name in known.names:
            self._blocks.add(place, name)

    def match(self, record: Record, without: Collection[int] = ()) -> Match:
        """Which account this record is; never raises, whatever the record holds.

        `without` are the accounts that a person ruled it never is.
        """
        asked = _asked(record)
        sharing = self._by_domain.get(asked.domain, []) if asked.domain else []
        near = {place for name in asked.names for place in self._blocks.near(name)}
        places = [one for one in near.union(sharing) if self._known[one].id not in without]
        ranked = self._ranked(asked, places)
        if any(asked.domain in one.known.domains for one in ranked):
            return _by_domain(asked, ranked)
        return _by_name(asked, ranked) if ranked else _nobody(record, asked)

    def match_many(
        self, records: Sequence[Record], progress: Callable[[int, int], None] | None = None
    ) -> list[Match]:
        """One answer per record, in order; `progress(done, total)` is called after each."""
        answers = []
        for done, record in enumerate(records, start=1):
            answers.append(self.match(record))
            if progress:
                progress(done, len(records))
        return answers

    def _ranked(self, asked: _Asked, places: Iterable[int]) -> list[_Scored]:
        scored = [self._score(asked, self._known[place]) for place in places]
        return sorted(scored, key=lambda one: (-one.rank, one.known.id))

    def _score(self, asked: _Asked, known: _Known) -> _Scored:
        like, by_other_name = Likeness(), False
        for mine in asked.names:
            for theirs in known.names:
                found = likeness(mine, theirs, self._blocks.weight)
                if found.value > like.value:
                    like = found
                    by_other_name = mine in asked.other_names or theirs in known.other_names
        country, city = _agree(asked.country, known.country), _agree(asked.city, known.city)
        rank = like.value + 0.03 * country + 0.02 * max(city, 0)
        return _Scored(known, like, rank, by_other_name)


def _known(candidate: Candidate) -> _Known:
    names = [name_key(text) for text in (candidate.name, *candidate.aliases)]
    others = dict.fromkeys(other for name in names for other in name.alternatives)
    return _Known(
        candidate.id,
        clean_text(candidate.name)[:80],
        tuple(dict.fromkeys(name for name in (*names, *others) if name.core)),
        frozenset(others),
        frozenset(filter(None, map(domain_key, candidate.domains))),
        country_key(candidate.country),
        name_key(candidate.city).core,
    )


def _asked(record: Record) -> _Asked:
    name = name_key(record.name)
    return _Asked(
        () if name.is_junk else (name, *name.alternatives),
        frozenset(name.alternatives),
        own_domain(record.website, record.email),
        country_key(record.country),
        name_key(record.city).core,
    )


def _by_domain(asked: _Asked, ranked: list[_Scored]) -> Match:
    """Accounts share the record's domain: its name must choose one and not contradict it."""
    sharing = [one for one in ranked if asked.domain in one.known.domains]
    others = [one for one in ranked if asked.domain not in one.known.domains]
    best = sharing[0]
    rival = next(iter(sharing[1:] + others), None)
    reasons = [f"same domain {asked.domain}"]
    if not asked.names:
        if len(sharing) == 1:
            return _answer(Verdict.ACCEPT, best, 0.95, None, reasons)
        reasons.append(f"{len(sharing)} accounts share it and no name was given")
        return _answer(Verdict.REVIEW, best, 0.5, rival, reasons)
    reasons += _name_reasons(asked, best)
    doubts = _doubts(best)
    if best.like.value < AGREEING_NAME:
        doubts.append("the domain and the name say different companies")
    if others and others[0].like.same_core and not best.like.same_core:
        doubts.append(f"the name is that of {others[0].known.label!r}")
        rival = others[0]
    if len(sharing) > 1 and best.rank - sharing[1].rank < 0.1:
        doubts.append(f"{sharing[1].known.label!r} shares the domain and is as close")
    verdict = Verdict.REVIEW if doubts else Verdict.ACCEPT
    return _answer(verdict, best, 0.5 if doubts else 0.99, rival, reasons + doubts)


def _by_name(asked: _Asked, ranked: list[_Scored]) -> Match:
    """No account has the record's domain, if it has one: the name alone must be enough."""
    best, rival = ranked[0], ranked[1] if len(ranked) > 1 else None
    score = _probability(asked, best, rival)
    reasons, doubts = _name_reasons(asked, best), _doubts(best)
    one_word = all(len(name.tokens) == 1 for name in asked.names)
    if one_word and _agree(asked.country, best.known.country) < 0:
        doubts.append("one word in another country is not enough")
    if asked.domain and best.known.domains and not _same_stem(asked.domain, best.known.domains):
        doubts.append(f"another domain: {asked.domain}, not {min(best.known.domains)}")
    if best.by_other_name:
        doubts.append("only by a name in brackets or a former one")
    if rival and best.rank - rival.rank < 0.02:
        doubts.append(f"{rival.known.label!r} is as close")
    if score >= ACCEPT and not doubts:
        return _answer(Verdict.ACCEPT, best, score, rival, reasons)
    if score >= REVIEW:
        return _answer(Verdict.REVIEW, best, min(score, ACCEPT), rival, reasons + doubts)
    return Match(Verdict.NONE, None, score, best.known.id, ("no account's name is close enough",))


def _probability(asked: _Asked, best: _Scored, rival: _Scored | None) -> float:
    # In a short list the next one is far away by chance: somebody not listed may be nearer.
    next_rank = max(rival.rank if rival else 0.0, _UNSEEN_RIVAL)
    like, gap = best.like, min(max(best.rank - next_rank, 0.0), _GAP_AT_MOST)
    country = _agree(asked.country, best.known.country)
    odds = (
        _BIAS
        + _COVERED * like.covered
        + _WHOLE * like.whole
        + _FIRST_WORD * like.first_word
        + _CLASH * like.clash
        + _SAME_CORE * like.same_core
        + _GAP * gap
        + (_SAME_COUNTRY * (country > 0) + _OTHER_COUNTRY * (country < 0))
        + _OTHER_LEGAL_FORM * like.other_legal_form
    )
    return 1 / (1 + exp(-odds))


def _nobody(record: Record, asked: _Asked) -> Match:
    if asked.names or asked.domain:
        reason = "no account is near it"
    else:
        reason = f"{clean_text(record.name)[:40]!r} names no company and no own domain is given"
    return Match(Verdict.NONE, None, 0.0, None, (reason,))


def _answer(
    verdict: Verdict, best: _Scored, score: float, rival: _Scored | None, reasons: list[str]
) -> Match:
    runner_up = rival.known.id if rival else None
    return Match(verdict, best.known.id, round(score, 4), runner_up, tuple(reasons))


def _name_reasons(asked: _Asked, best: _Scored) -> list[str]:
    like, label = best.like, best.known.label
    name = f"same name as {label!r}" if like.same_core else f"{like.value:.0%} like {label!r}"
    country = _agree(asked.country, best.known.country)
    words = {1: [f"same country {asked.country}"], 0: []}
    other = [f"another country: {asked.country}, not {best.known.country}"]
    return [name, *words.get(country, other), *["another legal form"] * like.other_legal_form]


def _doubts(best: _Scored) -> list[str]:
    doubts = ["the numbers in the names differ"] if best.like.other_numbers else []
    return doubts + ["a holding and its operating company?"] * best.like.only_one_holds


def _agree(one: str | None, other: str | None) -> int:
    """1 the same, -1 different, 0 unknown: what is not said is not agreement."""
    return 0 if not one or not other else 1 if one == other else -1


def _same_stem(domain: str, domains: frozenset[str]) -> bool:
    """acme.de and acme.com may be one company; acme.de and bolt.de are not."""
    stem = domain.split(".", maxsplit=1)[0]
    return any(other.split(".")[0] == stem for other in domains)
