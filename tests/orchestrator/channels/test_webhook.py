"""POSTs: signed, keyed, and a receipt that says no more than is known."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from accounts.errors import AbmError
from orchestrator.channels.guard import Guard
from orchestrator.channels.webhook import Webhook
from orchestrator.channels.webhook_courier import _retry_after
from orchestrator.terms import Draft, Receipt
from tests.orchestrator.channels.test_mime import DRAFT
from tests.support.sinks import HttpSink

NOW = datetime(2021, 2, 25, 14, 58, 38, tzinfo=UTC)
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def channel_to(port: int, seconds: float = 1, secret: str = "") -> Webhook:
    return Webhook(Guard([f"127.0.0.1:{port}"]), secret, seconds, lambda: NOW)


def draft(url: str, **data: object) -> Draft:
    return replace(DRAFT, recipient=url, data=data or {"account": "Acme"})


def post(channel: Webhook, url: str, deadline: float | None = None) -> Receipt:
    courier = channel.open(1)
    message = channel.compose(draft(url))
    try:
        return courier.offer([message])[0] or courier.send([message], deadline)[0]
    finally:
        courier.close()


def test_a_post_carries_its_key_and_the_data(http_sink: HttpSink):
    receipt = post(channel_to(http_sink.port), http_sink.url())
    assert receipt == Receipt("sent", "HTTP 200 OK")
    (entry,) = http_sink.accepted()
    name = f"{DRAFT.key}.0"
    assert entry["method"] == "POST"
    assert json.loads(entry["body"]) == {"account": "Acme"}
    assert entry["headers"]["content-type"] == "application/json"
    assert entry["headers"]["idempotency-key"] == entry["headers"]["webhook-id"] == name
    assert entry["headers"]["host"] == f"127.0.0.1:{http_sink.port}"
    assert "webhook-signature" not in entry["headers"]


def test_the_signature_is_the_one_of_the_standards_example():
    body = b'{"test": 2432232314}'
    signature = Webhook(secret=SECRET).signature("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body)
    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_signed_post_is_signed_with_real_time(http_sink: HttpSink):
    channel = channel_to(http_sink.port, secret=SECRET)
    post(channel, http_sink.url())
    (entry,) = http_sink.accepted()
    timestamp = int(NOW.timestamp())
    expected = channel.signature(f"{DRAFT.key}.0", timestamp, entry["body"].encode())
    assert entry["headers"]["webhook-timestamp"] == str(timestamp)
    assert entry["headers"]["webhook-signature"] == expected
    assert SECRET not in repr(channel)


def test_a_secret_out_of_form_is_told_at_once():
    with pytest.raises(AbmError, match="secret"):
        Webhook(secret="whsec_not base64!")


@pytest.mark.parametrize(
    ("path", "status", "permanent"),
    [
        ("/ok", "sent", ""),
        ("/slow", "sent", ""),
        ("/500", "retry", ""),
        ("/429", "retry", ""),
        ("/redirect", "failed", "refused"),
        ("/nowhere", "failed", "refused"),
        ("/drop-before-accept", "unknown", ""),
        ("/drop-after-accept", "unknown", ""),
        ("/stall", "unknown", ""),
    ],
)
def test_what_a_status_means(path: str, status: str, permanent: str, http_sink: HttpSink):
    receipt = post(channel_to(http_sink.port, 1.5), http_sink.url(path))
    assert (receipt.status, receipt.permanent) == (status, permanent)
    assert receipt.retry_after == (1.0 if path == "/429" else None)
    assert len(http_sink.accepted()) <= 1  # the redirect was not followed, nothing was repeated


def test_nobody_listens():
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    assert post(channel_to(port), f"http://127.0.0.1:{port}/").status == "retry"


def test_past_the_deadline_nothing_leaves(http_sink: HttpSink):
    receipt = post(channel_to(http_sink.port), http_sink.url(), time.monotonic() - 1)
    assert receipt.status == "retry"
    assert http_sink.accepted() == []


def test_several_at_a_time(http_sink: HttpSink):
    channel = channel_to(http_sink.port, 3)
    drafts = [replace(draft(http_sink.url("/slow")), key=f"k{n}") for n in range(4)]
    courier = channel.open(4)
    messages = [channel.compose(one) for one in drafts]
    started = time.monotonic()
    assert courier.offer(messages) == [None] * 4
    assert [r.status for r in courier.send(messages)] == ["sent"] * 4
    courier.close()
    assert time.monotonic() - started < 4  # one after the other takes longer


@pytest.fixture
def speaker() -> Iterator[Callable[[Callable[[socket.socket], None]], int]]:
    """Starts a server that does with each connection what the test says; gives its port."""
    servers = []

    def start(speak: Callable[[socket.socket], None]) -> int:
        server = socket.create_server(("127.0.0.1", 0))
        servers.append(server)

        def serve() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = server.accept()
                    with connection, suppress(OSError):
                        speak(connection)

        threading.Thread(target=serve, daemon=True).start()
        return int(server.getsockname()[1])

    yield start
    for server in servers:
        server.shutdown(socket.SHUT_RDWR)
        server.close()


@pytest.mark.parametrize(
    "dripped", [b"HTTP/1.1 200 OK\r\nX: " + b"x" * 99, b"HTTP/1.1 2" + b"0" * 99]
)
def test_an_answer_that_drips_for_ever_ends_in_time(dripped: bytes, speaker: Any):
    def drip(connection: socket.socket) -> None:
        for position in range(len(dripped)):
            connection.sendall(dripped[position : position + 1])
            time.sleep(0.1)

    port = speaker(drip)
    started = time.monotonic()
    assert post(channel_to(port, 0.5), f"http://127.0.0.1:{port}/").status == "unknown"
    assert time.monotonic() - started < 0.1 * len(dripped)


def test_an_endless_body_is_not_read(speaker: Any):
    def flood(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10000000000\r\n\r\n")
        while True:
            connection.sendall(b"x" * 65536)

    port = speaker(flood)
    assert post(channel_to(port), f"http://127.0.0.1:{port}/").status == "sent"


@pytest.mark.parametrize("answer", [b"", b"SSH-2.0-OpenSSH\r\n", b"HTTP/1.1 999999 what\r\n\r\n"])
def test_an_answer_that_is_not_http_is_unknown(answer: bytes, speaker: Any):
    def speak(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(answer)

    port = speaker(speak)
    assert post(channel_to(port), f"http://127.0.0.1:{port}/").status == "unknown"


def test_tls_that_fails_is_definite(speaker: Any):
    port = speaker(lambda connection: connection.sendall(b"no TLS here, sorry\r\n"))
    assert post(channel_to(port), f"https://127.0.0.1:{port}/").status == "retry"


def test_tls_asks_for_the_name_not_for_the_address(speaker: Any):
    asked: list[bytes] = []
    port = speaker(lambda connection: asked.append(connection.recv(65536)))
    guard = Guard([f"hooks.example:{port}"], resolver=lambda _host, _port: ["127.0.0.1"])
    assert post(Webhook(guard, seconds=1), f"https://hooks.example:{port}/").status == "retry"
    assert b"hooks.example" in asked[0]


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0.0),
        ("120", 120.0),
        ("99999999999", 86400.0),
        ("Thu, 25 Feb 2021 15:00:38 GMT", 120.0),
        ("Thu, 25 Feb 2021 14:00:38 GMT", 0.0),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("²", None),
        ("Thu, 25 Feb 2021 15:00:38", None),
    ],
)
def test_retry_after(value: str, seconds: float | None):
    assert _retry_after(value, NOW) == seconds


def test_the_same_data_gives_the_same_bytes():
    first = Webhook().compose(draft("https://hooks.example/", b=1, a=NOW, c="ü\ud800"))
    second = Webhook().compose(draft("https://hooks.example/", c="ü\ud800", a=NOW, b=1))
    assert first.body == second.body
    assert first.body.isascii()


@pytest.mark.parametrize("data", [{"x": float("nan")}, {"x": object()}, {"x": "y" * 300_000}])
def test_data_that_is_no_json_is_refused(data: dict[str, object]):
    with pytest.raises(AbmError, match="data"):
        Webhook().compose(draft("https://hooks.example/", **data))


def test_the_proxy_of_the_environment_is_not_asked(
    http_sink: HttpSink, monkeypatch: pytest.MonkeyPatch
):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert post(channel_to(http_sink.port), http_sink.url()).status == "sent"
