"""The witnesses themselves: what a sink logs is what it took, in every mood."""

from __future__ import annotations

import signal
import smtplib
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.processes import wait_until
from tests.support.sinks import HttpSink, SmtpSink

MAIL = b"Message-ID: <k.0@abm.example>\r\nSubject: hello\r\n\r\n.a dot, stuffed\r\n"


def send(sink: SmtpSink, recipient: str, timeout: float = 1) -> tuple[int, bytes]:
    """The sink's last answer to one mail, as smtplib heard it."""
    with smtplib.SMTP(sink.host, sink.port, timeout=timeout) as client:
        client.ehlo()
        client.mail("us@abm.example")
        answer = client.rcpt(recipient)
        return client.data(MAIL) if answer[0] == 250 else answer


def test_an_accepted_mail_is_in_the_log_with_its_bytes(smtp_sink: SmtpSink):
    assert send(smtp_sink, "jane@acme.example")[0] == 250
    (entry,) = smtp_sink.accepted()
    assert (entry["from"], entry["to"]) == ("us@abm.example", ["jane@acme.example"])
    assert entry["message_id"] == "<k.0@abm.example>"
    assert Path(entry["raw"]).read_bytes() == MAIL
    assert entry["size"] == len(MAIL)


@pytest.mark.parametrize(
    ("mode", "code"),
    [
        ("bounce", 550),
        ("defer", 450),
        ("grey", 450),
        ("close", 421),
        ("refuse", 554),
        ("tempfail", 451),
    ],
)
def test_a_refused_mail_is_not_in_the_log(smtp_sink: SmtpSink, mode: str, code: int):
    assert send(smtp_sink, f"{mode}-jane@acme.example")[0] == code
    assert smtp_sink.accepted() == []


def test_data_refused_and_data_unanswered(smtp_sink: SmtpSink):
    with pytest.raises(smtplib.SMTPDataError, match="554"):
        send(smtp_sink, "nodata-jane@acme.example")
    with pytest.raises((TimeoutError, smtplib.SMTPServerDisconnected)):
        send(smtp_sink, "mute-jane@acme.example", timeout=0.3)
    assert smtp_sink.accepted() == []


@pytest.mark.parametrize("mode", ["drop", "stall"])
def test_accepted_but_the_client_never_hears_of_it(smtp_sink: SmtpSink, mode: str):
    with pytest.raises((OSError, smtplib.SMTPServerDisconnected)):
        send(smtp_sink, f"{mode}-jane@acme.example", timeout=0.3)
    assert [entry["mode"] for entry in smtp_sink.accepted()] == [mode]


@pytest.mark.parametrize("mode", ["slow", "reset"])
def test_accepted_and_said_so_in_an_odd_way(smtp_sink: SmtpSink, mode: str):
    assert send(smtp_sink, f"{mode}-jane@acme.example", timeout=5)[0] == 250
    assert len(smtp_sink.accepted()) == 1


def test_grey_is_welcome_the_second_time(smtp_sink: SmtpSink):
    answers = [send(smtp_sink, "grey-jane@acme.example")[0] for _ in range(2)]
    assert answers == [450, 250]


def test_a_mood_for_each_nth_mail(make_smtp_sink: Callable[..., SmtpSink]):
    sink = make_smtp_sink(mode="tempfail", every=2)
    answers = [send(sink, "jane@acme.example")[0] for _ in range(4)]
    assert answers == [250, 451, 250, 451]


def test_a_mail_that_breaks_off_was_not_accepted(smtp_sink: SmtpSink):
    client = smtplib.SMTP(smtp_sink.host, smtp_sink.port, timeout=5)
    client.ehlo()
    client.mail("us@abm.example")
    client.rcpt("jane@acme.example")
    client.putcmd("data")
    client.getreply()
    client.send(MAIL)
    client.close()
    assert send(smtp_sink, "next@acme.example")[0] == 250
    assert [entry["to"] for entry in smtp_sink.accepted()] == [["next@acme.example"]]


KILLED = """
import os, pathlib, signal, sys
from tests.support.processes import wait_until
from tests.support.sinks import SmtpSink
sink = SmtpSink(pathlib.Path(sys.argv[1]))
print(sink._process.pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_no_sink_outlives_a_killed_test_run(tmp_path: Path):
    run = subprocess.run(
        [sys.executable, "-c", KILLED, tmp_path], check=False, stdout=subprocess.PIPE, timeout=20
    )
    assert run.returncode == -signal.SIGKILL
    wait_until(lambda: not alive(run.stdout.decode().strip()), "the sink's end")


def alive(pid: str) -> bool:
    """Whether the process runs; one that nobody has buried yet does not."""
    try:
        return Path("/proc", pid, "stat").read_text().split()[2] != "Z"
    except OSError:
        return False


def post(url: str, timeout: float = 1) -> int:
    request = urllib.request.Request(url, data=b'{"a": 1}', headers={"Idempotency-Key": "k"})
    try:
        with urllib.request.urlopen(request, timeout=timeout) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def test_http_requests_are_logged_before_the_answer(http_sink: HttpSink):
    assert [post(http_sink.url(path)) for path in ("/ok", "/500", "/429")] == [200, 500, 429]
    for path in ("/drop-before-accept", "/drop-after-accept", "/stall"):
        with pytest.raises(OSError, match=r"closed|timed out"):
            post(http_sink.url(path), timeout=0.3)
    logged = http_sink.accepted()
    assert [entry["path"] for entry in logged] == [
        *("/ok", "/500", "/429", "/drop-after-accept", "/stall")
    ]
    assert logged[0]["headers"]["idempotency-key"] == "k"
    assert logged[0]["body"] == '{"a": 1}'


def test_http_answers_carry_the_headers_that_clients_obey(http_sink: HttpSink):
    with pytest.raises(urllib.error.HTTPError) as moved:
        urllib.request.build_opener(_NoRedirect).open(http_sink.url("/redirect"), timeout=1)
    assert moved.value.headers["Location"] == "/ok"
    moved.value.close()


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: object) -> None:
        return None


def test_the_log_has_a_line_only_when_it_is_whole(smtp_sink: SmtpSink):
    log = smtp_sink.folder / "accepted.jsonl"
    log.write_bytes(b'{"to": []}\n{"to": ["ha')
    assert smtp_sink.accepted() == [{"to": []}]
