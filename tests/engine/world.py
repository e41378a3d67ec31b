"""Companies, plays and what became of them, in the words of the tests."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlmodel import Session, col, select

from accounts.records import Account
from orchestrator.calendar import parse_span
from orchestrator.channels import build_channels
from orchestrator.clock import ManualClock
from orchestrator.engine import ticking
from orchestrator.engine.context import Context
from orchestrator.engine.plays.enrolling import Enrolled, enroll
from orchestrator.language import digest
from orchestrator.records import Activity, Enrollment, Playbook, PlaybookVersion, Task, Touch
from orchestrator.settings import DatabaseSettings, Mail, Settings
from orchestrator.store.database import Database
from orchestrator.store.plays import plays
from orchestrator.terms import Pace, Plan
from tests.planner import plans as forms
from tests.support import cast
from tests.support.cast import NOW

Probe = Callable[[str], None]
WEEK, DAY = timedelta(days=7), timedelta(days=1)


class World:
    """A context, its clock, and short ways to fill and to read its database."""

    def __init__(self, url: str, home: Path) -> None:
        self.url, self.home = url, home
        self._clock, self._built = ManualClock(NOW), list[Context]()
        template = home / "templates" / "email" / "insight.j2"
        template.parent.mkdir(parents=True)
        template.write_text("---\nsubject: Onboarding\n---\nDear {{ contact.first_name }},\n")
        self.ctx = self.context()
        self.db = self.ctx.db

    def context(self, probe: Probe = lambda _point: None) -> Context:
        """Another process, as it were."""
        settings = Settings(
            project=self.home,
            database=DatabaseSettings(url=self.url),
            mail=Mail(domain="us.example", sender="team@us.example"),
        )
        db, channels = Database(settings.database_url), build_channels(settings)
        made = Context(db, self._clock, settings, channels, probe=probe)
        self._built.append(made)
        return made

    def close(self) -> None:
        for ctx in self._built:
            ctx.db.dispose()

    @property
    def clock(self) -> ManualClock:
        """The business time of every context of this world."""
        return self._clock

    # ------------------------------------------------------------ what there is

    def book(self, name: str = "play", *steps: Any, pace: int = 0, **options: Any) -> Plan:
        """A playbook for anybody, of one to-do unless steps are given; `pace` is by the week."""
        todo = forms.step("prepare", "todo", after=(), always=True)
        made = replace(
            forms.plan(*(steps or [todo]), **({"unsigned": True} | options)),
            name=name,
            title=name.title(),
            pace=Pace(pace, parse_span("1w")) if pace else None,
        )
        with self.db.writing() as session:
            known = plays.version_of_digest(session, name, digest(made))
            numbers = select(PlaybookVersion).where(PlaybookVersion.playbook == name)
            row = known or cast.version(session, made, 1 + len(session.exec(numbers).all()))
            session.get_one(Playbook, name).current = row.number
        return made

    def companies(self, *names: str, **fields: Any) -> list[int]:
        """Companies of these names, each with a champion; their ids."""
        ids: list[int] = []
        with self.db.writing() as session:
            for name in names:
                account = cast.company(session, name, **fields)
                person = {"phone": "+49301234567", "role": "champion"}
                cast.person(session, account, "Ann Archer", **person)
                assert account.id is not None
                ids.append(account.id)
        return ids

    def enroll(self, playbook: str, ids: Iterable[int], **options: Any) -> Enrolled:
        return enroll(self.ctx, playbook, accounts=list(ids), **options)

    def write(self, change: Callable[[Session], object]) -> None:
        with self.db.writing() as session:
            change(session)

    # ------------------------------------------------------------ what happens

    def tick(self, *concerns: str) -> None:
        """A pass of these concerns, all of them unless some are named; none of them fails."""
        for concern in concerns or ticking.PASSES:
            done = ticking.tick(self.ctx, concern)
            assert not done.error, done.error

    def due(self) -> set[str]:
        """The batches that have something to do now."""
        return set(ticking.due(self.ctx))

    # ------------------------------------------------------------ what became of them

    def play(self, account_id: int, playbook: str = "play") -> Enrollment:
        """The account's newest enrollment of a playbook."""
        query = select(Enrollment).where(
            col(Enrollment.account_id) == account_id, col(Enrollment.playbook) == playbook
        )
        with self.db.reading() as session:
            return session.exec(query.order_by(col(Enrollment.id).desc())).first()  # type: ignore[return-value]

    def statuses(self, playbook: str = "play") -> dict[str, str]:
        """The status of each company's enrollment in a playbook, by the company's name."""
        query = (
            select(Account.name, Enrollment.status)
            .join(Enrollment, col(Enrollment.account_id) == col(Account.id))
            .where(col(Enrollment.playbook) == playbook)
            .order_by(col(Enrollment.id))
        )
        with self.db.reading() as session:
            return dict(session.exec(query).all())

    def started(self, playbook: str = "play") -> list[str]:
        """The companies whose play has started, in the order of enrolling."""
        return [name for name, status in self.statuses(playbook).items() if status != "waiting"]

    def log(self, account_id: int, *kinds: str) -> list[str]:
        """What the account's log says, of these kinds if any are named; oldest first."""
        query = select(Activity).where(col(Activity.account_id) == account_id)
        with self.db.reading() as session:
            rows = session.exec(query.order_by(col(Activity.at), col(Activity.id))).all()
        return [row.text for row in rows if not kinds or row.kind in kinds]

    def touches(self) -> list[Touch]:
        with self.db.reading() as session:
            return list(session.exec(select(Touch).order_by(col(Touch.id))))

    def tasks(self) -> list[Task]:
        with self.db.reading() as session:
            return list(session.exec(select(Task).order_by(col(Task.id))))
