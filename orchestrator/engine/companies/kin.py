"""Who belongs to whom, as the rows of a file say: a child is not its parent, nor a sibling."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from accounts.company_names import name_key
from accounts.identity import domain_key
from accounts.importing import AccountRow
from accounts.matching import Record, Verdict
from accounts.matching.families import ancestors
from orchestrator.engine.companies.directory import Directory
from orchestrator.engine.companies.external_ids import Ids


class Kin:
    """The families of a file's rows and of the accounts that are known."""

    def __init__(self, directory: Directory, ids: Ids) -> None:
        self._directory, self._ids = directory, ids
        self._rows: dict[str, int] = {}  # by the id that the file gives them
        self._parents: dict[str, int] = {}  # by what their children call them
        self._children: defaultdict[str | int, set[int]] = defaultdict(set)  # so too, and by id

    def never(self, row: AccountRow) -> set[int]:
        """The accounts of its family that a row is not, though they may share its domain."""
        found = {child for call in _calls(row) for child in self._children.get(call, ())}
        if not _is_child(row):
            return found
        siblings = set(self._children.get(_call(row.parent), ()))
        parent = self.parent(row)
        if parent is not None:
            found |= {parent, *ancestors(self._directory.parents, parent)}
            siblings |= self._children.get(parent, set()) | self._directory.children(parent)
        core = name_key(row.name).core
        return found | {
            one for one in siblings if core and not self._directory.is_called(one, core)
        }

    def note(self, row: AccountRow, account_id: int) -> None:
        """Know which account a row is."""
        if row.external_id:
            self._rows.setdefault(row.external_id, account_id)
        if _is_child(row):
            self._children[_call(row.parent)].add(account_id)
            parent = self.parent(row, account_id)
            if parent is not None:
                self._children[parent].add(account_id)

    def parent(self, row: AccountRow, account_id: int | None = None) -> int | None:
        """The account that a row, which is `account_id`, calls its parent; None for none."""
        said = row.parent
        if not _is_child(row):
            return account_id
        known = self._rows.get(said, self._ids.find(said)) or self._parents.get(said)
        if known is not None:
            return known
        record = Record(website=said) if domain_key(said) else Record(said)
        found = self._directory.match(record, () if account_id is None else [account_id])
        # One of several that were as close was chosen for a lead, not for a parent.
        if found.verdict is Verdict.ACCEPT and found.runner_up is None and found.account_id:
            self._parents[said] = found.account_id
            return found.account_id
        return None


def _is_child(row: AccountRow) -> bool:
    """Whether a row names a parent; the head of a family often names itself."""
    return bool(row.parent) and _call(row.parent) not in _calls(row)


def _call(said: str) -> str:
    """What a row calls its parent, whether that is a domain, a name or an id."""
    return domain_key(said) or name_key(said).core or said


def _calls(row: AccountRow) -> Iterator[str]:
    """What others may call a row by that is their parent; its domain is theirs as often."""
    yield name_key(row.name).core
    if row.external_id:
        yield _call(row.external_id)
