"""The ids by which another system calls our accounts and people.

An id counts within its system: the same one again is the same record there, whatever it is called
by now. Where the name of a file alone says whose ids they are, it takes more than the id.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from sqlmodel import Session

from accounts.errors import AbmError
from accounts.headers import ColumnMap
from accounts.identity import clean_text
from orchestrator.engine.companies.drafts import Identify
from orchestrator.store.companies import people

NAME_CAP = 60  # characters of a system's name
ACCOUNT, CONTACT = "account", "contact"
_BITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"


@dataclass(frozen=True, slots=True)
class System:
    """Who gave the ids; `sure` unless only the file's name says so. No name: there are no ids."""

    name: str = ""
    sure: bool = True


NOBODY = System()


def system_of(columns: ColumnMap, file: str, said: str = "") -> System:
    """Whose ids the file has: as somebody said, as a header says, or by the file's name.

    The name counts without its end of digits, so that next month's export is of the same system.
    """
    said = clean_text(said).casefold()
    if len(said) > NAME_CAP:
        raise AbmError(f"{said[:NAME_CAP]!r} … is no name of a system", "a short one, as hubspot")
    if not columns.id_headers:
        return NOBODY
    if named := said or columns.system:
        return System(named)
    stem = re.sub(r"[\W\d_]+$", "", PurePath(file).name.partition(".")[0]).casefold()
    return System(stem[:NAME_CAP] or "file", sure=False)


class Ids:
    """What one system calls our accounts, or our contacts; reads the database when it is made."""

    def __init__(
        self, session: Session, kind: str, system: System, heads: Mapping[int, int] | None = None
    ) -> None:
        self.system, self._kind = system, kind
        known = people.external_ids(session, kind, system.name) if system.name else {}
        self._known = {value: (heads or {}).get(one, one) for value, one in known.items()}
        self._shared: Collection[str] = ()

    def distrust(self, rows: Iterable[tuple[str, str]], key: Callable[[str], str]) -> None:
        """An id that stands at several names of one file is none; `rows` are (id, name).

        Numbers that only count the rows are none either, unless somebody says whose ids they are.
        """
        said = [(self._key(value), name) for value, name in rows if value]
        if not self.system.sure and _count_rows([value for value, _ in said]):
            self._shared = {value for value, _ in said}
            return
        times = Counter(value for value, _ in said)
        names: defaultdict[str, set[str]] = defaultdict(set)
        for value, name in said:
            if times[value] > 1:
                names[value].add(key(name))
        self._shared = {value for value, found in names.items() if len(found) > 1}

    def find(self, value: str) -> int | None:
        """Whom the system calls so, by our id."""
        key = self._key(value)
        return None if key in self._shared else self._known.get(key)

    def learn(self, value: str, id_: int, *, again: bool = False) -> Iterator[Identify]:
        """Remember that the system calls it so; `again`: only what it has not called so yet."""
        key = self._key(value)
        if not key or not self.system.name or key in self._shared:
            return
        if self._known.get(key) != id_ and not (again and key in self._known):
            self._known[key] = id_
            yield Identify(self._kind, id_, self.system.name, key)

    def _key(self, value: str) -> str:
        return long_salesforce_id(value) if self.system.name == "salesforce" else value


def _count_rows(values: Sequence[str]) -> bool:
    """Whether these are 1, 2, 3 … or 0, 1, 2 … in the order of the file."""
    first = values[0] if values else ""
    return first in ("0", "1") and all(
        value == str(number) for number, value in enumerate(values, start=int(first))
    )


def long_salesforce_id(value: str) -> str:
    """The 18 characters that tell an id without its case; anything but a short id as it is.

    Reports give 15 characters, of which "a" and "A" are two, the interfaces give three more: one
    for each five, whose bits say which of them are capitals.
    """
    if len(value) != 15 or not (value.isascii() and value.isalnum()):
        return value
    fives = (value[at : at + 5] for at in (0, 5, 10))
    sums = (sum(1 << at for at, one in enumerate(five) if one.isupper()) for five in fives)
    return value + "".join(_BITS[one] for one in sums)
