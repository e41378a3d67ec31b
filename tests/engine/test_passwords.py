"""Which passwords are taken, and that a flood of tries takes neither memory nor all threads."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import BoundedSemaphore, Event, Lock

import argon2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.errors import AbmError
from orchestrator.engine.staff import passwords

NAMES = {"dana", "dana.reed", "My workspace"}


@pytest.mark.parametrize(
    "password",
    [
        "", "short", "x" * 129, "aaaaaaaaaaaaaaaa", "abababababab", "abcabcabcabc",
        "password1234", "Passw0rd!2026", "P@$$w0rd!P@$$w0rd!", "123456789012", "2026-11-29 08:45",
        "qwertyuiop12", "1q2w3e4r5t6y", "asdfghjkl123", "iloveyouiloveyou", "letmeinletmein",
        "Summer2026!Summer", "geheimgeheim12", "Willkommen2026",
        "correct horse battery staple", "MyCompany2026!", "dana dana dana", "I am dana.reed!!",
        "my workspace rules",
    ],
)  # fmt: skip
def test_what_is_easily_guessed_is_refused(password: str):
    with pytest.raises(AbmError):
        passwords.check(password, NAMES)


@pytest.mark.parametrize(
    "password",
    ["four stray badgers sing", "g4rd3n-sh3d-pl0w", "aB3$kL9!qWz2", "Donaudampfschiff",
     "пароль длинный ключ", "x9!Lq2#vTz7$ runs"],
)  # fmt: skip
def test_what_nobody_guesses_is_taken(password: str):
    passwords.check(password, NAMES)


@given(st.text())
def test_any_text_is_taken_or_refused(password: str):
    with suppress(AbmError):
        passwords.check(password, NAMES)
        assert passwords.SHORTEST <= len(password) <= passwords.LONGEST


class Slow:
    """A hasher that counts how many are at work, and waits until it is let go."""

    most, at_work, verified = 0, 0, 0
    lock, go = Lock(), Event()

    def hash(self, _password: str) -> str:
        return "hash"

    def verify(self, _kept: str, _password: str) -> bool:
        with self.lock:
            type(self).verified += 1
            type(self).at_work += 1
            type(self).most = max(self.most, self.at_work)
        self.go.wait(20)
        with self.lock:
            type(self).at_work -= 1
        return True


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Slow]]:
    passwords._nobodys.cache_clear()
    fresh = type("Fresh", (Slow,), {"lock": Lock(), "go": Event()})
    monkeypatch.setattr(argon2, "PasswordHasher", fresh)
    monkeypatch.setattr(passwords, "_HASHING", BoundedSemaphore(passwords.AT_ONCE))
    yield fresh
    passwords._nobodys.cache_clear()


def test_no_more_than_two_are_looked_at_at_once_and_nobody_waits_for_ever(
    slow: type[Slow], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(passwords, "PATIENCE", 0.05)
    with ThreadPoolExecutor(12) as pool:
        tries = [pool.submit(passwords.fits, "hash", "x") for _ in range(12)]
        refused = 0
        while refused < 10:
            refused = sum(one.done() for one in tries)
        slow.go.set()
    assert slow.most == passwords.AT_ONCE
    assert sum("too many" in str(one.exception()) for one in tries) == 10


def test_a_user_without_a_password_takes_as_long_as_one_with(slow: type[Slow]):
    slow.go.set()
    assert (passwords.fits("hash", "x"), passwords.fits("", "x")) == (True, False)
    assert slow.verified == 2
