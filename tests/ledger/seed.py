"""Databases for the ledger's tests: a plan, some companies, and what is due to them now."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from orchestrator.calendar import Span, Unit
from orchestrator.records import Enrollment, Touch
from orchestrator.settings import DatabaseSettings, Mail, Settings, Webhooks
from orchestrator.store.database import Database
from orchestrator.terms import Cap, Plan, Variant
from tests.planner import plans
from tests.support import cast

TEMPLATE = """\
---
subject: Onboarding at {{ account.name }}
---
Dear {{ contact.first_name }},

this is what onboarding by hand costs.

{{ unsubscribe }}
"""
ALWAYS = {"always": True}  # these tests stand at any hour


def project(folder: Path) -> Path:
    """A project folder with the one template of these tests."""
    template = folder / "templates" / "email" / "insight.j2"
    template.parent.mkdir(parents=True, exist_ok=True)
    template.write_text(TEMPLATE)
    return folder


def settings(
    project: Path, url: str, *, smtp: int = 0, http: int = 0, domain: str = "us.example",
    timeout: float = 30.0,
) -> Settings:  # fmt: skip
    """Settings with mail by SMTP on the loopback port `smtp` and webhooks allowed to `http`."""
    mail = Mail(
        domain=domain, sender=f"team@{domain}", host="127.0.0.1" if smtp else "", port=smtp or 25,
        tls="none", timeout=timeout,
    )  # fmt: skip
    return Settings(
        project=project,
        database=DatabaseSettings(url=url),
        mail=mail,
        webhooks=Webhooks(allow=(f"127.0.0.1:{http}",)),
    )


def letters_plan(url: str = "", caps: tuple[Cap, ...] = ()) -> Plan:
    """A mail to the champion and a webhook, at any hour; nothing of it is planned by itself."""
    insight = plans.step("insight", "email", "champion", variants=("insight",), after=(), **ALWAYS)
    hook = plans.step("hook", "webhook", after=(), url=url or "http://127.0.0.1/ok", **ALWAYS)
    return plans.plan(insight, hook, caps=caps)


def play_plan() -> Plan:
    """A mail, a call and a webhook at once: one decision that writes every kind of row."""
    insight = plans.step("insight", "email", "champion", variants=("insight",), after=(), **ALWAYS)
    ring = plans.step("ring", "call", "buyer", after=(), **ALWAYS)
    hook = plans.step("hook", "webhook", after=(), url="http://127.0.0.1/ok")
    later = plans.step("later", "todo", after=("ring",), wait="3 business days")
    return plans.plan(replace(insight, variants=(Variant("", "email/insight"),)), ring, hook, later)


def per_day(limit: int, scope: str = "account") -> Cap:
    """At most `limit` within a day."""
    return Cap(scope, limit, Span(1, Unit.DAYS))


def mails(db: Database, number: int, *, plan: Plan | None = None, domain: str = "") -> list[int]:
    """`number` due mails, two to each company; the ids of the touches."""
    with db.writing() as session:
        version = cast.version(session, plan or letters_plan())
        ids: list[int | None] = []
        for n in range(0, number, 2):
            name = f"Company {n}"
            own = {"domain": f"c{n}.{domain}"} if domain else {}
            account = cast.company(session, name, **own)
            play = cast.enrolled(session, account, version)
            for who in ("Ann Archer", "Bob Brown")[: number - n]:
                person = cast.person(session, account, who, role="champion")
                ids.append(cast.touch(session, play, person, "insight").id)
    return [one for one in ids if one is not None]


def committee(db: Database, number: int, plan: Plan) -> list[int]:
    """One company, and a due mail to each of `number` people there; the ids of the touches."""
    with db.writing() as session:
        account = cast.company(session, "Acme")
        play = cast.enrolled(session, account, cast.version(session, plan))
        people = [cast.person(session, account, f"Ann {n}", role="champion") for n in range(number)]
        ids = [cast.touch(session, play, person, "insight").id for person in people]
    return [one for one in ids if one is not None]


def hooks(db: Database, number: int, url: str) -> list[int]:
    """`number` due webhooks to `url`; the ids of the touches."""
    with db.writing() as session:
        version = cast.version(session, letters_plan(url))
        ids: list[int | None] = []
        for n in range(number):
            account = cast.company(session, f"Company {n}")
            play = cast.enrolled(session, account, version)
            ids.append(cast.touch(session, play, None, "hook").id)
    return [one for one in ids if one is not None]


def play(db: Database, plan: Plan | None = None, number: int = 1) -> list[int]:
    """Enrollments that are due to be decided, each with a champion and a buyer; their ids."""
    with db.writing() as session:
        version = cast.version(session, plan or play_plan())
        ids: list[int | None] = []
        for n in range(number):
            account = cast.company(session, f"Company {n}")
            social = {"phone": "+49301234567", "social": "in/x"}
            cast.person(session, account, "Ann Archer", role="champion", **social)
            cast.person(session, account, "Bea Buyer", role="economic_buyer", **social)
            due = {"next_due_at": cast.NOW, "activated_at": cast.NOW}
            ids.append(cast.enrolled(session, account, version, **due).id)
    return [one for one in ids if one is not None]


def touch(db: Database, touch_id: int) -> Touch:
    """A touch as it stands."""
    with db.reading() as session:
        found = session.get(Touch, touch_id)
    assert found is not None
    return found


def enrollment(db: Database, enrollment_id: int) -> Enrollment:
    """An enrollment as it stands."""
    with db.reading() as session:
        found = session.get(Enrollment, enrollment_id)
    assert found is not None
    return found
