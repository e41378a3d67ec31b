"""How the people of the demo answer: some click, some bounce, some reply, most do nothing.

They read the sink's accept log, as a mailbox would, and answer by events in the drop folder, as a
mail gateway would; the engine learns nothing else about them. Who does what follows from the
message's id, and the classes of replies take turns, so that a demo meets all of them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import parseaddr
from itertools import cycle
from pathlib import Path
from typing import Any, NamedTuple

from orchestrator.terms import bucket

CLICKS, SOFT, HARD, LEAVES, REPLIES = 28, 2, 3, 1, 16  # of a hundred mails
OURS = "@ours.example"
FIRST, LAST = 40, 26 * 60  # minutes until somebody answers

# What people write, by what they mean. The engine has to find that out by itself.
REPLY_TEXTS: Mapping[str, tuple[str, ...]] = {
    "interested": (
        "That is close to something we discussed last week. Could you call me on Thursday?",
        "Sounds interesting. Please send me two times that suit you.",
    ),
    "not now": (
        "Thanks, but this is not the right time for us. Please come back in three months.",
        "We are in the middle of a migration. Get back to me next quarter, please.",
    ),
    "referral": (
        "I am not the one who decides this. Please write to Robin Sand, robin.sand@{host}.",
    ),
    "wrong person": ("I think you have the wrong person, I have nothing to do with this.",),
    "refusal": ("Thank you, but we are not interested.",),
    "opt-out": ("Please remove me from your list and do not contact me again.",),
    "auto-reply": (
        "I am out of the office until next Monday and will answer your message when I am back.",
    ),
    "unclear": ("Hm. Who are you, and what makes you think of us?",),
}


class Answer(NamedTuple):
    """An event that is to happen at an instant of business time."""

    at: datetime
    event: Mapping[str, Any]


class Audience:
    """Everybody who gets mail, and what they are about to answer."""

    def __init__(self, accepted: Path, drop: Path) -> None:
        self.accepted, self.drop = accepted, drop
        self._offset = 0
        self._kinds = cycle(REPLY_TEXTS)
        self._coming: list[Answer] = []
        self._files = 0

    def read_mail(self, now: datetime) -> int:
        """Look at what arrived since the last look, and make up one's mind; how many mails."""
        entries = list(self._new_entries())
        for entry in entries:
            if entry["to"][0].endswith(OURS):
                continue  # word to a colleague
            mail = BytesParser(policy=policy.default).parsebytes(Path(entry["raw"]).read_bytes())
            assert isinstance(mail, EmailMessage)
            self._coming += self._reactions(mail, now)
        return len(entries)

    def next_at(self) -> datetime | None:
        """When somebody does something next."""
        return min((answer.at for answer in self._coming), default=None)

    def act(self, now: datetime) -> int:
        """Let everybody answer whose time has come; how many events that made."""
        due = sorted((answer for answer in self._coming if answer.at <= now), key=lambda a: a.at)
        self._coming = [answer for answer in self._coming if answer.at > now]
        if due:
            self._files += 1
            self.drop.mkdir(parents=True, exist_ok=True)
            beside = self.drop / f".{self._files:04}.json"
            beside.write_text("\n".join(json.dumps(answer.event) for answer in due), "utf-8")
            beside.rename(self.drop / f"gateway-{self._files:04}.json")
        return len(due)

    def _new_entries(self) -> Iterator[dict[str, Any]]:
        if not self.accepted.exists():
            return
        with self.accepted.open("rb") as log:
            log.seek(self._offset)
            for line in log:
                if not line.endswith(b"\n"):
                    break
                self._offset += len(line)
                yield json.loads(line)

    def _reactions(self, mail: EmailMessage, now: datetime) -> Iterator[Answer]:
        message_id, address = str(mail["Message-ID"]), parseaddr(str(mail["To"]))[1]
        draw = bucket("reaction", message_id, of=100)
        after = timedelta(minutes=FIRST + bucket("after", message_id, of=LAST - FIRST))
        bounds: tuple[tuple[int, Mapping[str, Any]], ...] = (
            (HARD, {"kind": "bounce", "status": "5.1.1"}),
            (SOFT, {"kind": "bounce", "status": "4.2.2"}),
            (LEAVES, {"kind": "unsubscribe"}),
            (REPLIES, {}),
            (CLICKS, {"kind": "clicked"}),
        )
        for share, event in bounds:
            if draw < share:
                said = event or self._reply(mail, address, message_id)
                yield self._answer(message_id, address, now + after, said)
                return
            draw -= share

    def _reply(self, mail: EmailMessage, address: str, message_id: str) -> Mapping[str, Any]:
        kind = next(self._kinds)
        texts = REPLY_TEXTS[kind]
        text = texts[bucket("words", message_id, of=len(texts))]
        automatic = {"headers": {"Auto-Submitted": "auto-replied"}} if kind == "auto-reply" else {}
        body = mail.get_body(("plain",))
        quoted = body.get_content() if body else ""
        history = "\n".join(f"> {line}" for line in quoted.splitlines())
        return {
            "kind": "reply",
            "subject": f"Re: {mail['Subject']}",
            "text": f"{text.format(host=address.rpartition('@')[2])}\n\nOn that day you wrote:\n"
            f"{history}",
            **automatic,
        }

    def _answer(
        self, message_id: str, address: str, at: datetime, said: Mapping[str, Any]
    ) -> Answer:
        event = {
            "source": "gateway",
            "id": f"{said['kind']}-{message_id}",
            "at": at.isoformat(),
            "email": address,
            "in_reply_to": message_id,
            **said,
        }
        return Answer(at, event)
