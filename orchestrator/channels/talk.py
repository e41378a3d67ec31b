"""One message on one SMTP line, step by step.

Each step returns the receipt if it settles the message, else None. Until the final dot begins to
leave, whatever goes wrong is definite: no server may take a message whose end it has not seen.
From there on, only a code is.
"""

from __future__ import annotations

import re
import smtplib

from orchestrator.channels.replies import SHOWN, Reply, refusal
from orchestrator.channels.smtp import Cut, Garbled, Line
from orchestrator.terms import Message, Receipt

_DOT = b".\r\n"
_ENVELOPE_SAFE = re.compile(r"[^\x00-\x20<>\x7f]+")


class Talk:
    """One message on one line; `receipt` is there as soon as its fate is known."""

    def __init__(self, message: Message, line: Line, *, kept: bool = False) -> None:
        self.message, self.line, self.kept = message, line, kept
        self.receipt: Receipt | None = None
        self.unsaid: list[tuple[str, bytes]] = []
        self._awaited: list[str] = []
        self._write_envelope()

    def _write_envelope(self) -> None:
        sender, recipient = self.message.sender, self.message.recipient
        beyond_ascii = not (sender + recipient).isascii()
        if not (_ENVELOPE_SAFE.fullmatch(sender) and _ENVELOPE_SAFE.fullmatch(recipient)):
            self.receipt = Receipt("failed", "not an address", permanent="bad_address")
        elif beyond_ascii and not self.line.has_extn("smtputf8"):
            self.receipt = Receipt(
                "failed", "the mail server takes only ASCII addresses", permanent="refused"
            )
        extra = " SMTPUTF8" if beyond_ascii else ""
        self.unsaid = [("RSET", b"RSET\r\n")] if self.line.dirty else []
        self.unsaid += [
            ("MAIL", f"MAIL FROM:<{sender}>{extra}\r\n".encode()),
            ("RCPT", f"RCPT TO:<{recipient}>\r\n".encode()),
        ]

    @property
    def stale(self) -> bool:
        """Did a line break that had been idle?"""
        return self.kept and self.line.sock is None

    def say(self) -> Receipt | None:
        batch = self.unsaid if self.line.pipelining else self.unsaid[:1]
        self.unsaid = self.unsaid[len(batch) :]
        self._awaited = [verb for verb, _ in batch]
        self.line.dirty = True
        self.line.write(b"".join(command for _, command in batch))
        return None

    def hear(self) -> Receipt | None:
        receipt = None
        for verb in self._awaited:
            reply = self._reply()
            if not 200 <= reply.code < 300:
                receipt = receipt or refusal(reply, verb)
            if self.line.sock is None:
                return receipt
        self._expect_silence()
        return receipt

    def ask(self) -> Receipt | None:
        self.line.write(b"DATA\r\n")
        return None

    def asked(self) -> Receipt | None:
        reply = self._reply()
        if reply.code == 354:
            self._expect_silence()
            return None
        if reply.code < 400:
            raise Garbled(f"DATA was answered by {reply}")
        return refusal(reply, "DATA")

    def tell(self) -> Receipt | None:
        """Write the message. What breaks before the first octet of the dot was never taken."""
        try:
            self.line.write(_stuffed(self.message.body) + _DOT)
        except Cut as cut:
            self.line.close()
            return Receipt("retry" if cut.unsent >= len(_DOT) else "unknown", words(cut))
        return None

    def told(self) -> Receipt | None:
        try:
            reply = self._reply()
        except OSError as error:
            self.line.close()
            return Receipt("unknown", words(error))
        self.line.mails += 1
        self.line.dirty = False
        accepted = 200 <= reply.code < 300
        receipt = Receipt("sent", str(reply)) if accepted else refusal(reply, "dot")
        if not self.line.quiet or receipt.status == "unknown":
            self.line.close()
        return receipt

    def _reply(self) -> Reply:
        """An answer; 421 also closes the line."""
        reply = self.line.reply()
        if reply.code == 421:
            self.line.close()
        return reply

    def _expect_silence(self) -> None:
        """An answer that nobody asked for would be taken for the next one's."""
        if not self.line.quiet:
            raise Garbled("the mail server speaks out of turn")


def _stuffed(body: bytes) -> bytes:
    """The body with a dot before each line that begins with one; it ends in CRLF."""
    if b"\n." in body:
        body = body.replace(b"\n.", b"\n..")
    if body.startswith(b"."):
        body = b"." + body
    return body if body.endswith(b"\r\n") else body + b"\r\n"


def words(error: OSError) -> str:
    """What went wrong, for the log; never what we said."""
    if isinstance(error, smtplib.SMTPResponseException):
        text = error.smtp_error
        said = text.decode("ascii", "replace") if isinstance(text, bytes) else text
        return str(Reply(error.smtp_code, said))
    return (error.strerror or str(error) or type(error).__name__)[:SHOWN]
