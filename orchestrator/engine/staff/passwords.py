"""Passwords: which are too easily guessed, and how they are kept.

Argon2id takes 64 MiB for each, so that only two are worked on at once in a process: a flood of
tries would take all memory otherwise. Who would wait for long is told to come back.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from functools import lru_cache
from threading import BoundedSemaphore
from typing import Final

from accounts.errors import AbmError

SHORTEST, LONGEST = 12, 128  # characters
AT_ONCE, PATIENCE = 2, 3.0  # hashes at a time; seconds that one waits for a turn

# Words of which guessers make long passwords. What is left without them has to be long, too.
_GUESSED: Final = frozenset(
    """
    abc abcd abcdef access account admin administrator alexander andrea apple asdf asdfgh asdfghjkl
    august autumn azerty babygirl baseball basketball batman battery bonjour butterfly charlie
    changeme chelsea chocolate christian company computer correct daniel december default demo
    dezember diamond dragon elephant fall february flower football forever freedom freitag friday
    friend fuckyou geheim guest hallo hello herbst hockey horse hunter iloveyou internet january
    jennifer jessica jesus jordan juli july june juni killer leipzig letmein liverpool london login
    love manager marketing master matrix merlin michael michelle monday monkey montag mustang my
    mypassword nicole ninja november october office oktober one pass passport passw password
    passwort pepper pokemon princess purple qwer qwert qwerty qwertyuiop qwertz qwertzuiop root
    sales samantha samsung schatz secret secure september service shadow snoopy soccer sommer
    spiderman spring staple starwars start strong sunday sunshine superman summer temp test the this
    thomas trustno user welcome whatever william willkommen wilkommen winter yankees yellow you your
    zxcv zxcvbn zxcvbnm yxcvbn yxcvbnm
    """.split()  # noqa: SIM905 - a page of words is read more easily
)
_LEET: Final = str.maketrans("013457@$!€", "oleastasie")
_NEW = 6  # letters that no guesser has at hand

_words = re.compile("|".join(sorted(_GUESSED, key=len, reverse=True)))
_HASHING = BoundedSemaphore(AT_ONCE)


def check(password: str, names: Collection[str]) -> None:
    """AbmError unless the password is long enough, and more than names, common words, digits and
    repetitions; `names` are those of its user and of the workspace."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise AbmError(
            f"a password has {SHORTEST} to {LONGEST} characters",
            "four words that have nothing to do with each other are a good one",
        )
    plain = password.casefold()
    named = any(name.casefold() in plain for name in names if len(name) > 3)
    if named or len(set(plain)) < 5 or _left(plain) < _NEW:
        raise AbmError(
            "that password is easily guessed",
            "not the name, no common words or rows of keys, and not one letter often",
        )


def _left(plain: str) -> int:
    """How many letters are left once common words are taken out, with 0 and 3 for o and e, too;
    the same group of letters again counts once."""
    found = (re.sub(r"[^a-z\u00df-\uffff]", "", text) for text in (plain, plain.translate(_LEET)))
    return min(len(re.sub(r"(.{1,6})\1+", r"\1", _words.sub("", text))) for text in found)


def kept(password: str) -> str:
    """The password as it is stored."""
    from argon2 import PasswordHasher

    with _turn():
        return PasswordHasher().hash(password)


def fits(stored: str, password: str) -> bool:
    """Whether it is that password; as slow where none is stored, so that time tells nobody.

    AbmError when too many are being looked at.
    """
    from argon2 import PasswordHasher
    from argon2.exceptions import InvalidHashError, VerificationError

    with _turn():
        nobodys = _nobodys()
        try:
            PasswordHasher().verify(stored or nobodys, password)
        except (VerificationError, InvalidHashError):
            return False
    return bool(stored)


@contextmanager
def _turn() -> Iterator[None]:
    if not _HASHING.acquire(timeout=PATIENCE):
        raise AbmError("too many sign in at once", "try again in a moment")
    try:
        yield
    finally:
        _HASHING.release()


@lru_cache(maxsize=1)
def _nobodys() -> str:
    """The hash of a password that nobody knows."""
    from argon2 import PasswordHasher

    return PasswordHasher().hash(secrets.token_urlsafe(32))
