"""The accounts as an import sees them: who a record is, and what becomes known about an account.

Rows of one file meet each other here too: what a row makes is found by the rows below it. Ids
from `NEW` up stand for what is not stored yet.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import count

from sqlmodel import Session

from accounts.company_names import name_key
from accounts.identity import clean_text, is_of_many, own_domain
from accounts.matching import AccountIndex, Calibration, Candidate, Match, Record, Rules, Verdict
from accounts.standing import Standing
from orchestrator.engine.context import Context
from orchestrator.store.companies import calibrations, people
from orchestrator.store.companies.merging import standings

NEW = 1 << 40

Alias = tuple[int, str, str]  # account, kind, value


@dataclass(slots=True)
class _Known:
    """What tells an account, so that nothing is remembered twice."""

    name: str
    cores: set[str]
    domains: set[str]


def rules_of(ctx: Context, session: Session) -> Rules:
    """The rules of the settings, with what people's decisions have taught."""
    rules = ctx.settings.matching.rules
    held = calibrations.newest(session)
    if held is None:
        return rules
    return replace(rules, calibration=Calibration(held.slope, held.shift, held.doubt))


class Directory:
    """Every account, ready to be asked; reads the database once, when it is made."""

    def __init__(self, session: Session, rules: Rules) -> None:
        self._rules = rules
        self._candidates = _candidates(session, rules)
        self._known = {one.id: _known(one) for one in self._candidates}
        self._nevers = self._rulings(session)
        self.parents = {one.id: one.parent_id for one in self._candidates if one.parent_id}
        self._fresh = count(NEW)

    def _rulings(self, session: Session) -> defaultdict[str, set[int]]:
        """Which accounts a record never is, by its key.

        Whoever merged two accounts has said later that they are one. Of two that were parted, each
        is never what has the other's own name and domain.
        """
        found = people.nevers(session)
        for head, name, domain in people.merged_names(session):
            found.get(record_key(Record(name, domain)), set()).discard(head)
        records = {
            one.id: Record(one.name, one.domains[0] if one.domains else "")
            for one in self._candidates
        }
        for one, other in map(tuple, people.apart(session)):
            for mine, theirs in ((one, other), (other, one)):
                said = records[theirs]
                if _domain(said) or _core(said) not in self._known[mine].cores:
                    found[record_key(said)].add(mine)
        return found

    @cached_property
    def _index(self) -> AccountIndex:
        """Made for the first question: who only learns does not wait for it."""
        return AccountIndex(self._candidates, self._rules)

    def prepare(self) -> None:
        """Make ready for questions now, where it keeps nobody waiting."""
        self._index  # noqa: B018 - made by the first look

    def match(self, record: Record, without: Collection[int] = ()) -> Match:
        """Which account it is: a person's rulings hold, and a file's two domains are two companies.

        `without` are accounts that it is not, whatever their names.
        An unsure likeness between rows of one file is no question as long as each has a domain of
        its own: whoever lists both says that they are two.
        """
        never = {*self._nevers.get(record_key(record), ()), *without}
        found = self._index.match(record, never)
        if found.verdict is Verdict.REVIEW and found.account_id and found.account_id >= NEW:
            domain, theirs = _domain(record), self._known[found.account_id].domains
            if domain and theirs and domain not in theirs:
                reasons = ("the file gives it a domain of its own",)
                return replace(found, verdict=Verdict.NONE, account_id=None, reasons=reasons)
        return found

    def identified(self, record: Record, account_id: int, by: str, *, sure: bool) -> Match | None:
        """The account that a system (`by`) calls as it calls the record: its id beats its names.

        Another domain than the account's makes it a question, and so does another name where it
        is not sure whose ids these are. None where a person has ruled that the two are never one.
        """
        known, domain = self._known[account_id], _domain(record)
        if account_id in self._nevers.get(record_key(record), ()):
            return None
        words = [f"it has the id of {known.name} in {by}"]
        if domain and known.domains and domain not in known.domains:
            words.append(f"the domain is {domain}, not {', '.join(sorted(known.domains))}")
        elif not sure and not (domain in known.domains or _core(record) in known.cores):
            words.append("the name is another one, and the file alone says whose ids these are")
        if len(words) > 1:
            return Match(Verdict.REVIEW, account_id, 0.5, None, tuple(words))
        return Match(Verdict.ACCEPT, account_id, 1.0, None, tuple(words))

    def add(self, record: Record) -> int:
        """Know one more account from now on; its preliminary id."""
        domain = _domain(record)
        domains = (domain,) if domain else ()
        made = Candidate(
            next(self._fresh), record.name or domain, domains, (), record.country, record.city,
            phones=(record.phone,),
        )  # fmt: skip
        self._index.add(made)
        self._known[made.id] = _known(made)
        return made.id

    def adopt(self, account_id: int, parent_id: int) -> bool:
        """Know which company an account belongs to; False where it is known to belong to one."""
        new = account_id != parent_id and account_id not in self.parents
        if new:
            self.parents[account_id] = parent_id
        return new

    def children(self, account_id: int) -> set[int]:
        """The accounts that belong to it."""
        return {child for child, parent in self.parents.items() if parent == account_id}

    def is_called(self, account_id: int, core: str) -> bool:
        """Whether the account is known by the name of this core."""
        return core in self._known[account_id].cores

    def never(self, record: Record, account_id: int) -> None:
        """The record is never this account: a person said so."""
        self._nevers[record_key(record)].add(account_id)

    def name(self, account_id: int | None) -> str:
        """What the account is called; "" for none."""
        return self._known[account_id].name if account_id is not None else ""

    def learn(self, account_id: int, record: Record) -> Iterator[Alias]:
        """The name and the domain that the account was not known by: (account, kind, value)."""
        known, name, domain = self._known[account_id], name_key(record.name), _domain(record)
        if not name.is_junk and name.core not in known.cores:
            known.cores.add(name.core)
            yield account_id, "name", clean_text(record.name)
            yield account_id, "key", name.core
        if domain and domain not in known.domains:
            known.domains.add(domain)
            yield account_id, "domain", domain


def record_key(record: Record) -> str:
    """What a person's "never" is remembered by: the record's name and domain, made comparable."""
    return f"{name_key(record.name).core}|{_domain(record)}"


def company_key(record: Record) -> str:
    """The company that a record names, made comparable; "" where it names none."""
    return key if (key := record_key(record)) != "|" else ""


def _core(record: Record) -> str:
    return name_key(record.name).core


def _domain(record: Record) -> str:
    return own_domain(record.website, record.email) or ""


def _known(one: Candidate) -> _Known:
    cores = {name_key(name).core for name in (one.name, *one.aliases)}
    domains = {domain for domain in one.domains if not is_of_many(domain)}
    return _Known(clean_text(one.name), cores, domains)


def _candidates(session: Session, rules: Rules) -> list[Candidate]:
    """Every account, with what tie-breakers look at where there are any."""
    found = people.candidates(session)
    if not rules.tie_breakers:
        return found
    rows = standings(session, [one.id for one in found])
    known = {row["id"]: Standing(**row) for row in rows}
    return [replace(one, standing=known.get(one.id)) for one in found]
