"""The templates of one folder, each compiled once and again when its file changes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from jinja2 import UndefinedError

from accounts.errors import AbmError
from accounts.nearest import nearest
from orchestrator.messages.compiled import Compiled, TooLong, compile_template
from orchestrator.messages.sandbox import BadLink, Missing, is_plain
from orchestrator.terms import Rendered

SUFFIX = ".j2"
# What every message has; some of it may be empty.
KNOWN = frozenset(
    {
        *(
            f"account.{name}"
            for name in (
                "name", "domain", "website", "sector", "industry", "segment", "tier", "city",
                "state", "country", "lost_reason",
            )
        ),
        *(
            f"contact.{name}"
            for name in ("name", "first_name", "title", "role", "persona", "language")
        ),
        *(f"sender.{name}" for name in ("name", "title", "email")),
        "workspace.name",
        "postal_address",
        "unsubscribe",
    }
)  # fmt: skip

T = TypeVar("T")

MOST_SOURCE = 64 * 1024

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}(?:/[A-Za-z0-9][A-Za-z0-9_-]{0,63})*")


class _Known(NamedTuple):
    """A compiled template, and the state of the file from which it was made."""

    path: Path
    stamp: tuple[int, int, int]  # changed, size, inode
    compiled: Compiled


class Library:
    """The templates below a folder, by name: `email/insight` is `email/insight.j2`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._known: dict[str, _Known] = {}

    def names(self) -> tuple[str, ...]:
        """Every template that there is, in order."""
        files = (file.relative_to(self.folder) for file in self.folder.rglob(f"*{SUFFIX}"))
        names = (file.with_suffix("").as_posix() for file in files)
        return tuple(sorted(name for name in names if _NAME.fullmatch(name)))

    def variables(self, name: str) -> frozenset[str]:
        """What a template uses, dotted: {"contact.first_name", "unsubscribe"}; AbmError."""
        return self._template(name).variables

    def insight(self, name: str) -> str:
        """What its reader learns, as it says itself; "" if it does not. AbmError."""
        return self._template(name).insight

    def teaches(self, name: str) -> bool:
        """Whether its first sentences say the insight, if it has one. AbmError."""
        return self._template(name).taught

    def render(self, name: str, facts: Mapping[str, Any]) -> Rendered:
        """A template filled with facts: dicts of text, numbers, dates, truths and None.

        AbmError for a template that is not there or not sound, for facts of another kind, and
        where anything that it prints has no value.
        """
        return self._filled(name, facts, Compiled.rendered)

    def lesson(self, name: str, facts: Mapping[str, Any]) -> str:
        """What its reader learns, filled with facts; "" if it does not say. AbmError likewise."""
        return self._filled(name, facts, Compiled.learned)

    def _filled(
        self, name: str, facts: Mapping[str, Any], fill: Callable[[Compiled, dict[str, Any]], T]
    ) -> T:
        template = self._template(name)
        if not is_plain(facts):
            raise AbmError(f"template {name} is given values that are not plain data")
        try:
            return fill(template, dict(facts))
        except Missing as error:
            hint = "fill it in, or give the template a word for it: {{ … | default('there') }}"
            where = f"{name}, line {error.line}" if error.line else name
            raise AbmError(f"template {where}: {error} has no value", hint) from error
        except UndefinedError as error:
            raise AbmError(f"template {name}: {_unknown(template, facts)}") from error
        except BadLink as error:
            hint = "links begin with https://, http://, mailto: or tel:"
            raise AbmError(f"template {name}: '{error}' is no link", hint) from error
        except TooLong as error:
            raise AbmError(f"template {name}: {error}") from error
        except (ArithmeticError, TypeError, ValueError, LookupError) as error:
            raise AbmError(f"template {name} cannot be rendered: {error}") from error

    def _template(self, name: str) -> Compiled:
        if known := self._known.get(name):
            if _stamp(known.path) == known.stamp:
                return known.compiled
            del self._known[name]
        elif not _NAME.fullmatch(name):
            hint = "names are letters, digits, - and _, with / between folders"
            raise AbmError(f"'{name[:80]}' cannot be the name of a template", hint)
        file = self.folder / (name + SUFFIX)
        stamp = _stamp(file)
        if stamp is None or not file.is_file() or not self._inside(file):
            raise self._absent(name)
        compiled = compile_template(name, _read(file, name, stamp[1]))
        self._known[name] = _Known(file, stamp, compiled)
        return compiled

    def _inside(self, file: Path) -> bool:
        return file.resolve().is_relative_to(self.folder.resolve())

    def _absent(self, name: str) -> AbmError:
        hint = nearest(name, self.names()) or f"it would be {name}{SUFFIX} in the folder"
        return AbmError(f"there is no template {name}", hint)


def _stamp(path: Path) -> tuple[int, int, int] | None:
    """What tells one state of a file from another; None if there is no such file."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _read(file: Path, name: str, size: int) -> str:
    if size > MOST_SOURCE:
        raise AbmError(f"template {name} is larger than {MOST_SOURCE // 1024} KiB")
    try:
        return file.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise AbmError(f"template {name} is not UTF-8 text", "save it as UTF-8") from error
    except OSError as error:
        raise AbmError(f"template {name} cannot be read: {error.strerror}") from error


def _unknown(template: Compiled, facts: Mapping[str, Any]) -> str:
    """Which of its variables the facts do not have."""
    absent = sorted(name for name in template.variables if not _has(facts, name.split(".")))
    return f"messages have no {', '.join(absent)}" if absent else "a value in it does not exist"


def _has(facts: Any, path: Iterable[str]) -> bool:
    for name in path:
        if type(facts) is not dict or name not in facts:
            return False
        facts = facts[name]
    return True
