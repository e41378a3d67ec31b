"""An audience that answers by rates: what each touch and task brings about, by stable chance."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from orchestrator.simulate.audience import Closing, Member
from orchestrator.simulate.chance import delay, draws, pick
from orchestrator.simulate.rates import BESIDE, Rates
from orchestrator.simulate.reps import Desk
from orchestrator.simulate.world import Simulated
from orchestrator.terms import (
    ACCOUNT,
    ADDRESS_OF,
    OUTCOME_OF_DISPOSITION,
    Event,
    Kind,
    OpenTask,
    OpenTouch,
    OutcomeClass,
)

BOUNCED = timedelta(minutes=5)  # after the mail left
NEVER = frozenset({"cover", "review", "add_person"})  # beside the steps: nobody new turns up
LETTERS = frozenset({Kind.PERSONAL_MAIL, Kind.SOCIAL, Kind.DIRECT_MAIL})


class Likely:
    """People who do what `rates` say, and reps who work as their `desk` has room.

    Everything hangs on (seed, run, account, round, step, person, occurrence), never on an order.
    """

    def __init__(self, rates: Rates, desk: Desk, seed: int = 1, run: int = 1) -> None:
        self.rates, self.desk, self.seed, self.run = rates, desk, seed, run
        self.fates = {  # of a mail: what excludes each other
            name: share for name, share in rates.email.items() if name not in BESIDE
        }

    # ------------------------------------------------------------ the others

    def hears(self, member: Member, touch: OpenTouch, at: datetime) -> Iterator[Event]:
        """Only mail is answered: a webhook or a notice goes to nobody of the account."""
        if touch.channel != Kind.EMAIL or touch.who == ACCOUNT:
            return
        contact_id, mail, delays = int(touch.who), self.rates.email, self.rates.delays
        told = member.id, member.round, touch.step, touch.who, touch.occurrence
        fate, look, slow, slower = self._draws(*told)
        kind = pick(self.fates, fate)
        if kind.startswith("bounce"):
            yield Event(kind, at + BOUNCED, contact_id, step=touch.step)
            return
        for name, wait in (("opened", slow), ("clicked", slower)):
            # One look: whoever clicks has opened.
            if look < mail.get(name, 0.0):
                yield Event(name, at + delay(delays[name], wait), contact_id, step=touch.step)
        if kind:
            yield self._said(kind, at, contact_id, touch.step, *told)

    def told(self, member: Member, id_: int, task: OpenTask, how: Closing) -> Iterator[Event]:
        """What a rep sends by hand is answered, too."""
        said = OUTCOME_OF_DISPOSITION[how.disposition]
        if task.purpose != "step" or task.kind not in LETTERS or said != OutcomeClass.REACHED:
            return
        about = member.id, member.round, task.step, task.who, task.occurrence
        kind = pick(getattr(self.rates, task.kind), self._draws("answer", *about)[0])
        if kind and task.who.isdecimal():
            yield self._said(kind, how.at, int(task.who), task.step, *about)

    def _said(self, kind: str, at: datetime, contact_id: int, step: str, *about: object) -> Event:
        wait = self._draws("said", *about)[0]
        return Event(kind, at + delay(self.rates.delays["reply"], wait), contact_id, step=step)

    # ------------------------------------------------------------ ours

    def does(self, member: Member, play: Simulated, id_: int, task: OpenTask) -> Closing | None:
        """A rep does it, at the first hour that their desk has room for it."""
        if task.purpose in NEVER:
            return None
        end, slow, _, _ = self._draws(
            task.purpose, member.id, member.round, task.step, task.who, task.occurrence
        )  # fmt: skip
        name = table_for(task.purpose, task.kind)
        disposition = pick(getattr(self.rates, name), end) or ("no_answer" * (name == "call"))
        if not disposition:
            return None
        whose = self.desk.whose(member.id, task)
        stays = task.purpose == "step" and member.plan.by_id[task.step].away != "cover"
        lag = delay(self.rates.delays["task"], slow)
        found = self.desk.take(whose, task.opened_at, lag, stays=stays)
        if found is None:
            return None
        at, self.desk.did[member.id, id_] = found
        said: dict[str, object] = {}
        if task.purpose == "find" and disposition == "done":
            said["address"] = ADDRESS_OF.get(member.plan.by_id[task.step].kind, "email")
        return Closing(max(at, play.now), disposition, said)

    def _draws(self, *names: object) -> tuple[float, float, float, float]:
        return draws(self.seed, self.run, *names)


def table_for(purpose: str, kind: str) -> str:
    """Which table of the rates says how such a task ends."""
    if purpose in ("approve", "find", "reply", "rebook", "hand_off"):
        return purpose
    if kind == Kind.HAND_OFF:
        return "hand_off"
    return "call" if kind == Kind.CALL and purpose == "step" else "task"
