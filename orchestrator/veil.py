"""What logs do not say: secrets, and how people are reached.

A veil lies over every log record of a process, whoever wrote it and whoever formats it: messages,
traces, what a process says as it dies. It knows what secrets look like, and the values of the
settings that are some. What people need for finding out what happened stays: ids, hosts, paths.
"""

from __future__ import annotations

import logging
import re
import sys
import threading
import traceback
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import Any, Final

from pydantic import BaseModel, SecretStr

HIDDEN: Final = "***"
_SHORTEST: Final = 6  # characters of a value that is hidden wherever it stands

_MAIL = r"[\w.!#$%&'*+/=?^`{|}~-]"
_QUOTED = r"b?(?:\"[^\"\n]*\"|'[^'\n]*')"
_HEADERS = r"(?:proxy-)?authorization|(?:set-)?cookie|x-api-key|webhook-signature"
_NAMES = r"pass(?:word|wd)?|\w*secret|\w*token|api_?key|\w*auth_string"
_ASKED = r"code|state|nonce|session|sig|signature|key|\w*token"
# (what it looks like, what is said instead); the closest first. None goes back over what it read,
# so that no text makes it slow.
_LOOKS: Final = tuple(
    (re.compile(looks, re.IGNORECASE), told)
    for looks, told in (
        (rf"(\b(?:{_HEADERS})[\"']?\s*[:=,]\s*){_QUOTED}", rf"\1'{HIDDEN}'"),
        (rf"(\b(?:{_HEADERS})\s*[:=]\s*)(?!\s|b?[\"'])[^\r\n]+", rf"\1{HIDDEN}"),
        (r"\b(Bearer|Basic)\s+[\w.~+/=-]{6,}", rf"\1 {HIDDEN}"),
        (r"\babm_[\w-]{16,}", f"abm_{HIDDEN}"),
        (r"\bwhsec_[\w+/=-]{8,}", f"whsec_{HIDDEN}"),
        (r"(?<![\w-])eyJ[\w-]{8,}\.[\w-]+\.[\w-]*", HIDDEN),  # a JSON web token
        (r"(://)[^\s/@?#]+@", rf"\1{HIDDEN}@"),  # user and password of an address
        (r"(/(?:feeds|sign-in)/)[\w-]{16,}", rf"\1{HIDDEN}"),
        (r"(\bhooks\.[\w.-]+/)[^\s\"'<>]+", rf"\1{HIDDEN}"),  # addresses that are secrets
        (r"((?<![\w-])(?:__Host-)?abm(?:-oidc)?=)[^;\s\"']+", rf"\1{HIDDEN}"),  # our cookies
        (rf"([?&](?:{_ASKED})=)[^&\s\"'#]+", rf"\1{HIDDEN}"),
        (rf"(\b(?:{_NAMES})[\"']?\s*[=:]\s*){_QUOTED}", rf"\1'{HIDDEN}'"),
        (rf"(\b(?:{_NAMES})\s*[=:]\s*)(?!\s|b?[\"'])[^\s&,;)}}\"']+", rf"\1{HIDDEN}"),
        (rf"(?<!{_MAIL}){_MAIL}+@(?=[\w-]+\.[\w-])", f"{HIDDEN}@"),  # the host stays
        (r"(?<![\w.:])\+\d[\d ()/.-]{6,}\d", f"+{HIDDEN}"),
        (r"\btel:[\d ()/.+-]+", f"tel:{HIDDEN}"),
    )
)


class Secret(str):
    """A text that no trace and no dump of what holds it shows; to say it is meant."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"'{HIDDEN}'"


def mask(text: str, known: Iterable[str] = ()) -> str:
    """The text without secrets and without how people are reached; `known` are secrets of which
    nobody could tell by their looks."""
    for value in known:
        text = text.replace(value, HIDDEN)
    for looks, told in _LOOKS:
        text = looks.sub(told, text)
    return text


def secrets_of(settings: BaseModel) -> Iterator[str]:
    """The values of settings that are secrets, at whatever depth."""
    for _, value in settings:
        if isinstance(value, BaseModel):
            yield from secrets_of(value)
        elif isinstance(value, SecretStr) and len(value.get_secret_value()) >= _SHORTEST:
            yield value.get_secret_value()


def draw(settings: BaseModel) -> None:
    """Lay the veil over all that this process logs from now on, and over its last words."""
    known = tuple(sorted(secrets_of(settings), key=len, reverse=True))
    before = logging.getLogRecordFactory()
    make = before.make if isinstance(before, _Veiled) else before
    veiled = _Veiled(make, known)
    logging.setLogRecordFactory(veiled)
    sys.excepthook = veiled.last_words
    threading.excepthook = lambda told: veiled.last_words(*told[:3])


class _Veiled:
    """Makes log records that say no secrets."""

    def __init__(self, make: Any, known: tuple[str, ...]) -> None:
        self.make, self.known = make, known

    def __call__(self, *about: Any, **more: Any) -> logging.LogRecord:
        record: logging.LogRecord = self.make(*about, **more)
        try:
            said = record.getMessage()
        except Exception:  # noqa: BLE001 - logging would tell of it, with all that it was given
            said = record.msg = f"{record.msg} {record.args}"
            record.args = ()
        if (told := mask(said, self.known)) != said:
            record.msg, record.args = told, ()
        if record.exc_info and record.exc_info[0]:
            trace = "".join(traceback.format_exception(*record.exc_info)).rstrip("\n")
            record.exc_text = mask(trace, self.known)  # which formatters take as it is
        return record

    def last_words(
        self,
        kind: type[BaseException],
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """What the process says of a mistake that ends it, or one of its threads."""
        text = "".join(traceback.format_exception(kind, error, trace))
        sys.stderr.write(mask(text, self.known))
