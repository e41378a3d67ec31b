"""May this person be contacted? What they said, and the do-not-contact rules, as pure rules."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from accounts.identity import domain_key, email_key


class Consent(StrEnum):
    """What a person said about being contacted, from nothing to no."""

    UNKNOWN = "unknown"
    INTEREST = "interest"  # a documented legitimate interest: a past customer, a business card
    PENDING = "pending"  # a double opt-in was asked for and is not confirmed yet
    GRANTED = "granted"
    REFUSED = "refused"


class Scope(StrEnum):
    """How far a do-not-contact rule reaches."""

    GLOBAL = "global"
    ACCOUNT = "account"
    DOMAIN = "domain"
    ADDRESS = "address"


class Reason(StrEnum):
    """Why somebody is not to be contacted."""

    UNSUBSCRIBE = "unsubscribe"
    COMPLAINT = "complaint"
    HARD_BOUNCE = "hard_bounce"
    MANUAL = "manual"
    LEGAL = "legal"
    ERASED = "erased"


@dataclass(frozen=True, slots=True)
class Rule:
    """A do-not-contact rule.

    `value` by scope: the address (or its `address_hash` once erased), the domain, the account's
    id as text, "*" for global.
    """

    scope: Scope
    value: str
    reason: Reason


@dataclass(frozen=True, slots=True)
class Suppressed:
    """The rule that forbids the contact, in words for the log (no address in them)."""

    rule: Rule
    reason: str


def address_hash(address: str) -> str:
    """What stays of an erased person: enough to recognise the address, not to read it."""
    return hashlib.sha256(email_key(address).encode()).hexdigest()


def suppressed_by(
    address: str | None, domain: str | None, account_id: int | None, rules: Iterable[Rule]
) -> Suppressed | None:
    """The rule that forbids contacting them, the widest scope first; None when nothing does.

    `domain` is the company's; the address's own domain is looked at too, with its parents, so
    that a rule for acme.com covers mail.acme.com.
    """
    key = email_key(address) if address else ""
    addresses = {key, address_hash(key)} if key else set()
    hosts = with_parents(key.rpartition("@")[2]) | with_parents(domain or "")

    def covers(rule: Rule) -> bool:
        match rule.scope:
            case Scope.GLOBAL:
                return True
            case Scope.ACCOUNT:
                return account_id is not None and rule.value == str(account_id)
            case Scope.DOMAIN:
                return bool(hosts & {rule.value.casefold(), domain_key(rule.value)})
            case Scope.ADDRESS:
                return rule.value in addresses or email_key(rule.value) in addresses

    order = list(Scope)
    found = min(
        filter(covers, rules),
        key=lambda rule: (order.index(rule.scope), list(Reason).index(rule.reason)),
        default=None,
    )
    return Suppressed(found, in_words(found)) if found else None


def values_of(key: str, domain: str, account_id: int) -> set[str]:
    """Every value under which a rule of `suppressed_by` may stand that covers this e-mail key."""
    values = {"*", str(account_id), *with_parents(domain)}
    if key:
        values |= {key, address_hash(key), *with_parents(key.rpartition("@")[2])}
    return values


@lru_cache(maxsize=4096)
def with_parents(host: str) -> frozenset[str]:
    """The host and the domains above it, but for the top one."""
    labels = host.casefold().strip(".").split(".")
    return frozenset(".".join(labels[at:]) for at in range(len(labels) - 1))


def in_words(rule: Rule) -> str:
    """Why the rule forbids the contact, for the log: no address in it."""
    whom = {
        Scope.GLOBAL: "nobody is contacted at present",
        Scope.ACCOUNT: "the account is not to be contacted",
        Scope.DOMAIN: f"nobody at {rule.value} is to be contacted",
        Scope.ADDRESS: "the person is not to be contacted",
    }
    return f"{whom[rule.scope]}: {rule.reason.value.replace('_', ' ')}"
