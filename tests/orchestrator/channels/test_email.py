"""The courier against a well-behaved sink and against servers that lie, stall and vanish."""

from __future__ import annotations

import logging
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from orchestrator.channels.email import Email, SmtpCourier
from orchestrator.channels.smtp import Relay, Timeouts
from orchestrator.terms import Message, Receipt
from tests.orchestrator.channels.liar import (
    POLITE,
    Liar,
    drip,
    hang_up,
    reset,
    silence,
    then_hang_up,
)
from tests.orchestrator.channels.test_mime import DRAFT
from tests.support.sinks import SmtpSink

QUICK = Timeouts(connect=0.4, command=0.4, content=0.4)
OK = b"250 ok\r\n"


def relay_to(server: Any, **changes: Any) -> Relay:
    options = {"tls": "none", "helo": "abm.example", "timeouts": QUICK, **changes}
    return Relay(server.host, server.port, **options)


def mail(number: int = 0, recipient: str = "", body: bytes = b"") -> Message:
    recipient = recipient or f"jane{number}@acme.example"
    draft = replace(DRAFT, key=f"{number:032x}", recipient=recipient)
    message = Email("abm.example", Relay("unused")).compose(draft)
    return replace(message, body=body) if body else message


class Post:
    """A courier in a test: `post(*mails)` offers and sends in one go."""

    def __init__(self, server: Any, width: int = 1, **changes: Any) -> None:
        self.courier = SmtpCourier(relay_to(server, **changes), width)

    def __call__(self, *mails: Message, deadline: float | None = None) -> list[Receipt]:
        offered = self.courier.offer(mails)
        go = [message for message, receipt in zip(mails, offered, strict=True) if not receipt]
        sent = iter(self.courier.send(go, deadline) if go else [])
        return [receipt or next(sent) for receipt in offered]


@pytest.fixture
def server() -> Iterator[Callable[..., Liar]]:
    running: list[Liar] = []

    def start(**says: Any) -> Liar:
        running.append(Liar(**says))
        return running[-1]

    yield start
    for one in running:
        one.stop()


@pytest.fixture
def post() -> Iterator[Callable[..., Post]]:
    opened: list[Post] = []

    def start(server: Any, width: int = 1, **changes: Any) -> Post:
        opened.append(Post(server, width, **changes))
        return opened[-1]

    yield start
    for one in opened:
        one.courier.close()


# ---------------------------------------------------------------- the good way


def test_mails_arrive_with_their_bytes(smtp_sink: SmtpSink, post: Callable[..., Post]):
    mails = [mail(n) for n in range(5)]
    receipts = [r for m in mails for r in post(smtp_sink)(m)]
    assert [r.status for r in receipts] == ["sent"] * 5
    accepted = smtp_sink.accepted()
    assert [e["message_id"] for e in accepted] == [f"<{n:032x}.0@abm.example>" for n in range(5)]
    assert [Path(e["raw"]).read_bytes() for e in accepted] == [m.body for m in mails]
    assert accepted[0]["from"] == DRAFT.sender


def test_eight_lines_serve_many_groups(smtp_sink: SmtpSink, post: Callable[..., Post]):
    send = post(smtp_sink, 8)
    for group in range(3):
        receipts = send(*(mail(group * 8 + n) for n in range(8)))
        assert {r.status for r in receipts} == {"sent"}
    assert len({e["message_id"] for e in smtp_sink.accepted()}) == 24


def test_an_envelope_leaves_in_one_packet(server: Callable[..., Liar], post: Callable[..., Post]):
    here = server()
    assert post(here)(mail())[0] == Receipt("sent", "250 2.0.0 taken")
    assert here.packets[1].startswith(b"MAIL FROM:<max@abm.example>\r\nRCPT TO:<jane0@")
    assert len(here.packets) == 4  # EHLO, the envelope, DATA, the message


def test_without_pipelining_each_command_waits(
    server: Callable[..., Liar], post: Callable[..., Post]
):
    here = server(EHLO=b"250 liar.example\r\n")
    assert post(here)(mail())[0].status == "sent"
    assert here.packets[1:3] == [
        b"MAIL FROM:<max@abm.example>\r\n",
        b"RCPT TO:<jane0@acme.example>\r\n",
    ]


def test_dots_are_stuffed(smtp_sink: SmtpSink, post: Callable[..., Post]):
    body = b".\r\n..\r\n.x\r\na.\r\n.\r\n"
    assert post(smtp_sink)(mail(body=body))[0].status == "sent"
    assert Path(smtp_sink.accepted()[0]["raw"]).read_bytes() == body


def test_lines_are_kept_and_renewed(server: Callable[..., Liar], post: Callable[..., Post]):
    here = server()
    send = post(here, messages_per_line=3)
    assert [send(mail(n))[0].status for n in range(7)] == ["sent"] * 7
    assert here.lines == 3


def test_what_is_not_sent_is_withdrawn(server: Callable[..., Liar], post: Callable[..., Post]):
    here = server()
    send = post(here, 3)
    mails = [mail(n) for n in range(3)]
    assert send.courier.offer(mails) == [None] * 3
    assert [r.status for r in send.courier.send([mails[1]])] == ["sent"]
    assert {r.status for r in send(*(mail(n) for n in range(3, 6)))} == {"sent"}
    assert here.heard.count("RSET") == 2
    assert len(here.taken) == 4


def test_an_offer_that_nobody_followed_up_is_withdrawn_too(
    server: Callable[..., Liar], post: Callable[..., Post]
):
    here = server()
    send = post(here)
    assert send.courier.offer([mail(1)]) == [None]
    assert send(mail(2))[0].status == "sent"
    assert [b"00000002.0@" in taken for taken in here.taken] == [True]


def test_no_more_messages_than_lines(server: Callable[..., Liar], post: Callable[..., Post]):
    with pytest.raises(ValueError, match="2 messages for 1 lines"):
        post(server())(mail(1), mail(2))


# ---------------------------------------------------------------- definite before DATA


def test_each_recipient_gets_its_own_answer(smtp_sink: SmtpSink, post: Callable[..., Post]):
    names = ["jane", "bounce-a", "defer-b", "close-c", "nodata-d", "refuse-e", "tempfail-f", "zoe"]
    receipts = post(smtp_sink, 8)(*(mail(n, f"{w}@acme.example") for n, w in enumerate(names)))
    assert [(r.status, r.permanent) for r in receipts] == [
        ("sent", ""),
        ("failed", "bad_address"),
        ("retry", ""),
        ("retry", ""),
        ("failed", "blocked"),
        ("failed", "blocked"),
        ("retry", ""),
        ("sent", ""),
    ]
    assert len(smtp_sink.accepted()) == 2


def test_nobody_listens(post: Callable[..., Post]):
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    courier = SmtpCourier(Relay("127.0.0.1", port, tls="none", timeouts=QUICK), 4)
    offered = courier.offer([mail(n) for n in range(4)])
    assert [r and (r.status, r.reply) for r in offered] == [("retry", "Connection refused")] * 4


def test_a_name_that_does_not_resolve():
    courier = SmtpCourier(Relay("nowhere.invalid", tls="none", timeouts=QUICK), 1)
    (receipt,) = courier.offer([mail()])
    assert receipt
    assert receipt.status == "retry"


BEFORE_DATA: dict[str, tuple[dict[str, Any], str]] = {
    "no greeting": ({"GREETING": silence}, "retry"),
    "a greeting that drips for ever": ({"GREETING": drip(b"220 " + b"x" * 99, 0.1)}, "retry"),
    "a greeting of refusal": ({"GREETING": b"554 5.7.1 blocked\r\n"}, "retry"),
    "closed at once": ({"GREETING": hang_up}, "retry"),
    "not SMTP": ({"GREETING": b"HTTP/1.1 400 Bad Request\r\n\r\n"}, "retry"),
    "a code that is none": ({"GREETING": b"999 hello\r\n"}, "retry"),
    "EHLO and HELO unknown": ({"EHLO": b"500 what\r\n", "HELO": b"500 what\r\n"}, "retry"),
    "EHLO unanswered": ({"EHLO": silence}, "retry"),
    "MAIL refused": ({"MAIL": b"550 5.7.1 no\r\n", "RCPT": b"503 5.5.1 MAIL first\r\n"}, "failed"),
    "MAIL wants a log-in": ({"MAIL": b"530 5.7.0 log in\r\n"}, "retry"),
    "RCPT unanswered": ({"RCPT": silence}, "retry"),
    "RCPT drips": ({"RCPT": drip(b"250-" + b"x" * 99, 0.1)}, "retry"),
    "RCPT answered in many lines": ({"RCPT": b"250-yes\r\n250-yes\r\n250 yes\r\n"}, "sent"),
    "RCPT answered without text": ({"RCPT": b"250\r\n"}, "sent"),
    "RCPT answered with LF only": ({"RCPT": b"250 fine\n"}, "sent"),
    "an answer without end": ({"RCPT": b"250-yes\r\n" * 5000}, "retry"),
    "an over-long line": ({"RCPT": b"250 " + b"x" * 100_000 + b"\r\n"}, "retry"),
    "a long line": ({"RCPT": b"250 " + b"x" * 5000 + b"\r\n"}, "sent"),
    "two answers to RCPT": ({"RCPT": b"250 ok\r\n250 ok\r\n"}, "retry"),
    "yes and goodbye": ({"RCPT": b"250 ok\r\n421 bye\r\n"}, "retry"),
    "DATA deferred": ({"DATA": b"451 4.3.0 full\r\n"}, "retry"),
    "DATA refused": ({"DATA": b"554 5.5.1 no\r\n"}, "failed"),
    "DATA answered by 250": ({"DATA": OK}, "retry"),
    "DATA unanswered": ({"DATA": silence}, "retry"),
    "closed at DATA": ({"DATA": hang_up}, "retry"),
    "421 at DATA": ({"DATA": then_hang_up(b"421 4.3.2 bye\r\n")}, "retry"),
    "accepted before it was sent": ({"DATA": b"354 go\r\n250 2.0.0 taken\r\n"}, "retry"),
}


@pytest.mark.parametrize("case", BEFORE_DATA)
def test_before_the_message_leaves_every_fault_is_definite(
    case: str, server: Callable[..., Liar], post: Callable[..., Post]
):
    says, status = BEFORE_DATA[case]
    here = server(**says)
    (receipt,) = post(here)(mail())
    assert receipt.status == status, receipt
    assert len(here.taken) == (status == "sent")


def test_a_line_that_was_closed_while_idle_is_replaced_without_a_word(
    server: Callable[..., Liar], post: Callable[..., Post]
):
    for goodbye in (hang_up, reset, then_hang_up(b"421 4.4.2 idle\r\n")):
        here = server(MAIL=[OK, OK, goodbye, goodbye, OK])
        send = post(here, 2)
        assert [r.status for r in send(mail(1), mail(2))] == ["sent"] * 2
        assert [r.status for r in send(mail(3), mail(4))] == ["sent"] * 2
        assert len(here.taken) == 4


def test_a_new_line_that_breaks_is_not_tried_again(
    server: Callable[..., Liar], post: Callable[..., Post]
):
    here = server(MAIL=hang_up)
    assert post(here)(mail())[0].status == "retry"
    assert here.lines == 1


def test_one_bad_line_harms_no_other(server: Callable[..., Liar], post: Callable[..., Post]):
    here = server(DATA=[hang_up, POLITE["DATA"]])
    statuses = [r.status for r in post(here, 4)(*(mail(n) for n in range(4)))]
    assert sorted(statuses) == ["retry", "sent", "sent", "sent"]
    assert len(here.taken) == 3


def test_an_address_beyond_ascii_needs_a_server_that_takes_it(
    smtp_sink: SmtpSink, server: Callable[..., Liar], post: Callable[..., Post]
):
    zoe = mail(recipient="zoë@müller.example")
    assert post(smtp_sink)(zoe)[0].status == "sent"
    assert smtp_sink.accepted()[0]["to"] == ["zoë@xn--mller-kva.example"]
    here = server()
    (receipt,) = post(here)(zoe)
    assert (receipt.status, receipt.permanent) == ("failed", "refused")
    assert "ASCII" in receipt.reply
    assert here.heard[1:] == []


@pytest.mark.parametrize("text", ["a@b.example>\r\nRCPT TO:<evil@x.example", "a b@x", "", "a\0@b"])
def test_an_envelope_cannot_be_broken_out_of(
    text: str, server: Callable[..., Liar], post: Callable[..., Post]
):
    here = server()
    message = replace(mail(), recipient=text)
    assert post(here)(message)[0] == Receipt("failed", "not an address", permanent="bad_address")
    assert not any("RCPT" in heard for heard in here.heard)


# ---------------------------------------------------------------- from the dot on


FROM_THE_DOT: dict[str, tuple[dict[str, Any], str]] = {
    "refused": ({"DOT": b"554 5.7.1 spam\r\n"}, "failed"),
    "deferred": ({"DOT": b"451 4.3.0 full\r\n"}, "retry"),
    "deferred with goodbye": ({"DOT": then_hang_up(b"421 4.3.2 bye\r\n")}, "retry"),
    "taken with goodbye": ({"DOT": then_hang_up(b"250 taken\r\n421 bye\r\n")}, "sent"),
    "taken, dripping": ({"DOT": drip(b"250 ok\r\n", 0.02)}, "sent"),
    "taken in many lines": ({"DOT": b"250-taken\r\n250 id=7\r\n"}, "sent"),
    "taken, then reset": ({"DOT": then_hang_up(b"250 taken\r\n")}, "sent"),
    "silence": ({"DOT": silence}, "unknown"),
    "dripping for ever": ({"DOT": drip(b"250-" + b"x" * 99, 0.1)}, "unknown"),
    "closed": ({"DOT": hang_up}, "unknown"),
    "reset": ({"DOT": reset}, "unknown"),
    "half an answer": ({"DOT": then_hang_up(b"250")}, "unknown"),
    "garbage": ({"DOT": b"yes, of course\r\n"}, "unknown"),
    "another 354": ({"DOT": b"354 go on\r\n"}, "unknown"),
    "an over-long answer": ({"DOT": b"250 " + b"x" * 100_000}, "unknown"),
}


@pytest.mark.parametrize("case", FROM_THE_DOT)
def test_from_the_dot_on_only_a_code_is_definite(
    case: str, server: Callable[..., Liar], post: Callable[..., Post]
):
    says, status = FROM_THE_DOT[case]
    here = server(**says)
    send = post(here)
    (receipt,) = send(mail(1))
    assert receipt.status == status, receipt
    here.says["DOT"] = OK
    assert send(mail(2))[0].status == "sent"  # whatever was left on the line is not its answer


@pytest.mark.parametrize("mode", ["drop", "stall", "slow", "reset"])
def test_never_sent_when_not_and_never_retry_when_taken(
    mode: str, smtp_sink: SmtpSink, post: Callable[..., Post]
):
    (receipt,) = post(smtp_sink, timeouts=Timeouts(1, 1, 1.5))(mail(0, f"{mode}-x@acme.example"))
    assert receipt.status == ("unknown" if mode in ("drop", "stall") else "sent")
    assert len(smtp_sink.accepted()) == 1


def test_a_server_that_stops_reading_before_the_dot_took_nothing(
    server: Callable[..., Liar], post: Callable[..., Post]
):
    def stop_reading(connection: socket.socket) -> None:
        connection.sendall(b"354 go\r\n")
        time.sleep(0.8)
        raise hang_up_now

    hang_up_now = OSError()
    here = server(DATA=stop_reading)
    large = mail(body=b"x" * 70 * 200_000 + b"\r\n")
    assert post(here)(large)[0].status == "retry"


# ---------------------------------------------------------------- the lease


def test_past_the_deadline_nothing_leaves(server: Callable[..., Liar], post: Callable[..., Post]):
    here = server()
    send = post(here, 2)
    receipts = send(mail(1), mail(2), deadline=time.monotonic() - 1)
    assert [r.status for r in receipts] == ["retry"] * 2
    assert here.taken == []
    assert send(mail(3), deadline=time.monotonic() + 60)[0].status == "sent"


def test_a_deadline_between_data_and_the_dot_stops_the_message(
    server: Callable[..., Liar], post: Callable[..., Post]
):
    here = server(DATA=drip(b"354 go on\r\n", 0.02))
    (receipt,) = post(here)(mail(), deadline=time.monotonic() + 0.1)
    assert receipt.status == "retry"
    assert here.taken == []


# ---------------------------------------------------------------- logging in


AUTH = b"250-liar.example\r\n250-PIPELINING\r\n250 AUTH PLAIN\r\n"


def test_a_log_in_that_fails_is_definite_and_tells_nobody_the_password(
    server: Callable[..., Liar], post: Callable[..., Post], caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.DEBUG)
    here = server(EHLO=AUTH, AUTH=b"535 5.7.8 hunter2 is wrong, AGFibQBodW50ZXIy\r\n")
    send = post(here, user="abm", password="hunter2")
    (receipt,) = send(mail())
    assert receipt == Receipt("retry", "the mail server refused our log-in with 535")
    assert "AUTH PLAIN AGFibQBodW50ZXIy" in here.heard
    seen = caplog.text + repr(send.courier._relay) + repr(receipt)
    assert "hunter2" not in seen


def test_a_log_in_that_works(server: Callable[..., Liar], post: Callable[..., Post]):
    here = server(EHLO=AUTH, AUTH=b"235 2.7.0 welcome\r\n")
    assert post(here, user="abm", password="hunter2")(mail())[0].status == "sent"


def test_tls_that_is_wanted_and_not_offered(server: Callable[..., Liar], post: Callable[..., Post]):
    here = server()
    (receipt,) = post(here, tls="starttls")(mail())
    assert (receipt.status, receipt.reply) == (
        "retry",
        "STARTTLS extension not supported by server.",
    )
    assert not any("MAIL" in heard for heard in here.heard)


def test_a_lie_in_the_middle_of_a_group(server: Callable[..., Liar], post: Callable[..., Post]):
    here = server(DOT=[b"250 ok\r\n", hang_up, b"451 later\r\n", b"554 5.6.0 no\r\n"])
    receipts = post(here, 4)(*(mail(n) for n in range(4)))
    assert sorted(r.status for r in receipts) == ["failed", "retry", "sent", "unknown"]


# ---------------------------------------------------------------- TLS


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Files of a certificate for the name localhost, and of its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    builder = x509.CertificateBuilder(
        issuer_name=name,
        subject_name=name,
        public_key=key.public_key(),
        serial_number=1,
        not_valid_before=datetime(2020, 1, 1, tzinfo=UTC),
        not_valid_after=datetime(2090, 1, 1, tzinfo=UTC),
    )
    alternative = x509.SubjectAlternativeName([x509.DNSName("localhost")])
    signed = builder.add_extension(alternative, critical=False).sign(key, SHA256())
    folder = tmp_path_factory.mktemp("tls")
    files = folder / "certificate.pem", folder / "key.pem"
    files[0].write_bytes(signed.public_bytes(Encoding.PEM))
    files[1].write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    )
    return files


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
@pytest.mark.parametrize(("host", "status"), [("localhost", "sent"), ("127.0.0.1", "retry")])
def test_tls_asks_for_the_right_name(
    tls: str, host: str, status: str, certificate: tuple[Path, Path], server: Callable[..., Liar]
):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    here = server(
        tls=context,
        implicit=tls == "implicit",
        EHLO=[b"250-liar\r\n250 STARTTLS\r\n", b"250-liar\r\n250 PIPELINING\r\n"],
        # What an attacker slips in before TLS begins is no answer to anything after it.
        STARTTLS=b"220 go on\r\n550 5.1.1 injected\r\n",
    )
    here.host = host
    trust = ssl.create_default_context(cafile=certificate[0])
    courier = SmtpCourier(relay_to(here, tls=tls, context=trust), 1)
    offered = courier.offer([mail()])
    receipts = [offered[0] or courier.send([mail()])[0]]
    courier.close()
    assert [r.status for r in receipts] == [status], receipts
    assert len(here.taken) == (status == "sent")
