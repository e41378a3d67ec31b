"""Whatever somebody types as a webhook's address, our own network never hears of it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest

from accounts.errors import AbmError
from orchestrator.channels.guard import Guard, Refused
from orchestrator.channels.webhook import Webhook
from orchestrator.terms import Receipt
from tests.orchestrator.channels.test_mime import DRAFT

PUBLIC = "93.184.215.14"
PRIVATE = [
    *("0.0.0.0", "10.1.2.3", "100.64.0.1", "127.0.0.1", "127.8.8.8", "169.254.169.254"),
    *("172.16.0.1", "172.31.255.255", "192.0.0.8", "192.168.1.1", "198.18.0.1", "224.0.0.1"),
    *("240.0.0.1", "255.255.255.255", "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1"),
    *("::ffff:7f00:1", "::ffff:10.0.0.1", "fc00::1", "fd12::1", "fe80::1", "fe80::1%lo", "fec0::1"),
    *("ff02::1", "64:ff9b::7f00:1", "64:ff9b:1::1", "2002:7f00:1::", "2001::1"),
]


class Listener:
    """Counts who connects to loopback; nobody may."""

    def __init__(self) -> None:
        self.visits = 0
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._count, daemon=True)
        self._thread.start()

    def _count(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.visits += 1
            connection.close()

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(5)


@pytest.fixture
def listener() -> Iterator[Listener]:
    one = Listener()
    yield one
    one.close()


def post(url: str, guard: Guard, seconds: float = 2) -> Receipt:
    """What comes of a POST with an offer before it, and (the same) of one without."""
    channel = Webhook(guard, seconds=seconds)
    message = channel.compose(replace(DRAFT, recipient=url))
    courier = channel.open(1)
    try:
        offered = courier.offer([message])[0]
        (sent,) = courier.send([message])  # as if the name had changed its mind meanwhile
    finally:
        courier.close()
    assert offered is None or offered.status == sent.status
    return sent


@pytest.mark.parametrize("address", PRIVATE)
def test_addresses_inside_are_refused(address: str):
    with pytest.raises(Refused, match="private network"):
        Guard(resolver=lambda _host, _port: [address]).addresses("name.example", 443)


@pytest.mark.parametrize("address", [PUBLIC, "2606:2800:220::1", "100.128.0.1", "172.32.0.1"])
def test_addresses_outside_pass(address: str):
    assert Guard(resolver=lambda _host, _port: [address]).addresses("a.example", 80) == [address]


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "localhost", "localhost.", "LOCALHOST", "2130706433", "0x7f.1", "127.1"),
        *("017700000001", "[::ffff:7f00:1]", "[::1]", "0", "0.0.0.0", "①②⑦.⓪.⓪.①", "127。0。0。1"),
    ],
)
def test_no_way_of_writing_loopback_reaches_it(host: str, listener: Listener):
    guard = Guard(allow=[f"hooks.example:{listener.port}"])
    for port in ("", f":{listener.port}"):
        try:
            receipt = post(f"http://{host}{port}/hook", guard)
        except AbmError:
            continue
        assert (receipt.status, receipt.permanent) in (("failed", "refused"), ("retry", ""))
    assert listener.visits == 0


@pytest.mark.parametrize(
    "url",
    [
        "http://good@127.0.0.1/",
        "https://user:password@hooks.example/",
        "file:///etc/passwd",
        "gopher://127.0.0.1/",
        "ftp://hooks.example/",
        "//hooks.example/",
        "hooks.example",
        "",
        "http://",
        "http:///path",
        "https://hooks.example:99999/",
        "https://hooks.example/\r\nX: y",
        "https://ho\0oks.example/",
        "javascript:alert(1)",
        "http://[::1",
        "https://" + "x" * 70_000,
    ],
)
def test_what_is_no_web_address_is_not_even_composed(url: str):
    with pytest.raises(Refused):
        Webhook().compose(replace(DRAFT, recipient=url))


def test_a_name_that_changes_its_mind_is_refused_where_the_socket_opens(listener: Listener):
    answers = [[PUBLIC], ["127.0.0.1"]]
    guard = Guard([f"{PUBLIC}:{listener.port}"], resolver=lambda _host, _port: answers.pop(0))
    channel = Webhook(guard)
    message = channel.compose(replace(DRAFT, recipient=f"http://rebind.example:{listener.port}/"))
    courier = channel.open(1)
    assert courier.offer([message]) == [None]
    (receipt,) = courier.send([message])
    courier.close()
    assert (receipt.status, receipt.permanent) == ("failed", "refused")
    assert (answers, listener.visits) == ([], 0)


def test_one_private_address_among_public_ones_is_one_too_many(listener: Listener):
    guard = Guard(resolver=lambda _host, _port: [PUBLIC, "127.0.0.1"])
    assert post("http://mixed.example/", guard).status == "failed"
    assert listener.visits == 0


@pytest.mark.parametrize("port", [22, 25, 6379, 8080])
def test_only_web_ports(port: int):
    with pytest.raises(Refused, match="not a web port"):
        Guard(resolver=lambda _host, _port: [PUBLIC]).addresses("a.example", port)


@pytest.mark.parametrize(
    ("allow", "host", "port", "address", "fine"),
    [
        ("hooks.internal", "HOOKS.internal", 443, "10.0.0.1", True),
        ("hooks.internal", "hooks.internal", 8443, "10.0.0.1", False),
        ("hooks.internal", "other.internal", 443, "10.0.0.1", False),
        ("hooks.internal:8443", "hooks.internal", 8443, "10.0.0.1", True),
        ("hooks.internal:8443", "hooks.internal", 443, "10.0.0.1", False),
        ("10.0.0.0/8", "any.internal", 80, "10.9.9.9", True),
        ("10.0.0.0/8", "any.internal", 80, "192.168.0.1", False),
        ("10.0.0.0/8:8080", "any.internal", 8080, "10.9.9.9", True),
        ("127.0.0.1:9000", "localhost", 9000, "127.0.0.1", True),
        ("[fd00::/8]:8080", "six.internal", 8080, "fd00::1", True),
        ("fd00::/8", "six.internal", 443, "fd00::1", True),
        ("a.example:8443", "a.example", 8443, PUBLIC, True),
    ],
)
def test_the_allow_list(allow: str, host: str, port: int, address: str, fine: bool):
    guard = Guard([allow], resolver=lambda _host, _port: [address])
    if fine:
        assert guard.addresses(host, port) == [address]
    else:
        with pytest.raises(Refused):
            guard.addresses(host, port)


@pytest.mark.parametrize("text", ["a:b", ":80", "a:-1", "a:80a"])
def test_an_allow_list_that_says_nothing(text: str):
    with pytest.raises(AbmError, match="no host or network"):
        Guard([text])


def test_a_name_without_address_is_tried_later():
    assert post("https://nowhere.invalid/", Guard()).status == "retry"
    assert post("https://x.example/", Guard(resolver=lambda _host, _port: [])).status == "retry"
