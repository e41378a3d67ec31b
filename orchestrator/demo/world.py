"""What is there before the first day: real companies, invented people, an agreement, a signed list.

Everything is done through the use cases that the command line calls.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from orchestrator.demo.people import Company, Position, contacts_csv
from orchestrator.engine import agreement
from orchestrator.engine.companies import importing
from orchestrator.engine.companies.importing import Report
from orchestrator.engine.context import Context
from orchestrator.engine.plays import enrolling, playbooks, targets
from orchestrator.engine.plays.enrolling import Enrolled
from orchestrator.engine.staff import users
from orchestrator.engine.staff.users import Member
from orchestrator.store.companies import people as store

Say = Callable[[str], None]

LIST = "spring"


class Us(NamedTuple):
    """One of our own people."""

    name: str
    full_name: str
    team: str
    role: str
    title: str
    zone: str
    country: str


TEAM = (
    Us("mona", "Mona Keller", "marketing", "marketing", "Head of ABM", "Europe/Berlin", "DE"),
    Us("milo", "Milo Grant", "marketing", "", "Campaign manager", "Europe/London", "GB"),
    Us("sam", "Sam Okafor", "sales", "owner", "Account executive", "America/New_York", "US"),
    Us("sara", "Sara Lindqvist", "sales", "owner", "Account executive", "Europe/Berlin", "DE"),
    Us("dan", "Dan Reyes", "sales", "sdr", "Sales development", "America/New_York", "US"),
    Us("iris", "Iris Novak", "sales", "sdr", "Sales development", "Europe/Berlin", "DE"),
    Us("lena", "Lena Hayes", "leader", "exec", "Chief revenue officer", "Europe/Berlin", "DE"),
    Us("cleo", "Cleo Marsh", "customer", "success", "Customer success", "Europe/London", "GB"),
)
COMMITTEE = (
    Position("economic_buyer", "cfo", ("Chief Financial Officer", "CFO", "Finance Director"), 90),
    Position("champion", "ops-lead", ("Chief Operating Officer", "Head of Onboarding",
                                      "Director Client Services"), 85),
    Position("champion", "ops-lead", ("VP Operations", "Head of Shared Services"), 50),
    Position("champion", "procurement-lead", ("Head of Procurement", "Director Sourcing"), 80),
    Position("champion", "procurement-lead", ("VP Supply Chain", "Supplier Manager"), 45),
    Position("influencer", "compliance-lead", ("Head of Compliance", "Chief Risk Officer"), 55),
    Position("technical_buyer", "it-lead", ("CIO", "Enterprise Architect"), 60),
)  # fmt: skip


class Choice(NamedTuple):
    """Which accounts each team proposes for a playbook, and why."""

    playbook: str
    segment: str
    by: str
    number: int
    tier: int
    evidence: str


CHOICES = (
    Choice("onboarding-opener", "mid-market-financials", "mona", 26, 2,
           "fits the segment; opened a business account line in the last year"),
    Choice("onboarding-opener", "mid-market-financials", "sam", 8, 1,
           "a former customer of ours works there now"),
    Choice("supplier-trust", "industrial-groups", "mona", 40, 2,
           "thousands of suppliers by their annual report"),
    Choice("supplier-trust", "industrial-groups", "sara", 10, 1,
           "asked us at the fair how others do it"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Prepared:
    """What the first day begins with."""

    members: Sequence[Member]
    accounts: Report
    crm: Report
    contacts: Report
    nominated: int
    targets: int
    enrolled: Sequence[Enrolled]


def prepare(ctx: Context, say: Say) -> Prepared:
    """Import, agree, choose, sign and enroll."""
    project = ctx.settings.project
    members = [_join(ctx, one) for one in TEAM]
    agreement.apply(ctx, ctx.settings.agreement.read_text("utf-8"))
    for file in sorted(ctx.settings.playbooks.glob("*.yaml")):
        playbooks.apply(ctx, file.read_text("utf-8"), file.name, "mona")
    data = project / "data" / "companies"
    say("importing 2,755 real companies and a messy CRM export of 2,688 rows ...")
    accounts = importing.import_accounts(ctx, data / "accounts.csv")
    crm = importing.import_accounts(ctx, data / "crm_export.csv")
    chosen = _nominate(ctx)
    contacts = importing.import_contacts(ctx, _people_of(ctx, chosen))
    targets.sign(ctx, LIST, "mona")
    signed = targets.sign(ctx, LIST, "sam")
    enrolled = [
        enrolling.enroll(ctx, name, accounts=ids, by="mona") for name, ids in _plays(chosen).items()
    ]
    return Prepared(
        members, accounts, crm, contacts, sum(len(ids) for _, ids in chosen), signed.targets,
        enrolled,
    )  # fmt: skip


def _join(ctx: Context, one: Us) -> Member:
    email = f"{one.name}@ours.example"
    return users.add(
        ctx, one.name, one.team, email,
        full_name=one.full_name, role=one.role, title=one.title, zone=one.zone, country=one.country,
    )  # fmt: skip


def _nominate(ctx: Context) -> list[tuple[Choice, list[int]]]:
    """Each team proposes accounts that the other has not: the best fit first."""
    taken: set[int] = set()
    chosen = []
    for choice in CHOICES:
        ids = [one for one in _best(ctx, choice.segment) if one not in taken][: choice.number]
        targets.nominate(ctx, LIST, ids, choice.by, choice.evidence, tier=choice.tier)
        taken.update(ids)
        chosen.append((choice, ids))
    return chosen


def _best(ctx: Context, segment: str) -> list[int]:
    """The segment's accounts with a domain of their own, by fit, then by age."""
    ids = targets.in_segment(ctx, segment)
    with ctx.db.reading() as session:
        found = store.accounts(session, ids)
    usable = [found[one] for one in ids if found[one].domain and found[one].country]
    return [one.id for one in sorted(usable, key=lambda a: (-a.fit, a.id or 0)) if one.id]


def _plays(chosen: Sequence[tuple[Choice, list[int]]]) -> dict[str, list[int]]:
    plays: dict[str, list[int]] = {}
    for choice, ids in chosen:
        plays.setdefault(choice.playbook, []).extend(ids)
    return plays


def _people_of(ctx: Context, chosen: Sequence[tuple[Choice, list[int]]]) -> bytes:
    with ctx.db.reading() as session:
        found = store.accounts(session, [one for _, ids in chosen for one in ids])
    companies = [Company(one.name, one.domain, one.country, one.city) for one in found.values()]
    return contacts_csv(companies, COMMITTEE)


def settings_text(clock: Path, port: int) -> str:
    """`abm.toml` of the demo: a virtual clock, and mail to the sink."""
    return f"""# The project of `abm demo`. Nothing in here reaches anybody.
clock = "file:{clock}"

[workspace]
name = "Ours"
zone = "Europe/Berlin"
country = "DE"

[mail]
host = "127.0.0.1"
port = {port}
tls = "none"
domain = "ours.example"
sender = "team@ours.example"
unsubscribe = "https://ours.example/u"
postal_address = "Ours, 1 Example Street, 10115 Berlin"
"""
