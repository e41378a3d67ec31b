"""Sequences of other tools become playbooks and templates: one file for each tool, and a table.

Nothing is guessed in silence: what has no word here is listed, and stays visible where it stood.
"""

from __future__ import annotations

from collections.abc import Callable

from accounts.errors import AbmError
from accounts.tables import read_table
from orchestrator.sequences import hubspot, outreach, reading, rows, salesloft
from orchestrator.sequences.base import Sequence, Step, Vendor, Words
from orchestrator.sequences.playbook import Lost, Made, make

__all__ = ["VENDORS", "Lost", "Made", "Sequence", "Step", "Words", "convert", "make", "read"]

# The order in which they are asked whether a file is theirs.
VENDORS: dict[str, Vendor] = {"outreach": outreach, "salesloft": salesloft, "hubspot": hubspot}


def convert(data: bytes, file: str, vendor: str = "") -> list[Made]:
    """The playbooks of a file. AbmError, or Problems with places, where none can be made."""
    made: dict[str, Made] = {}
    for sequence in read(data, file, vendor):
        one = make(sequence, made)
        made[one.name] = one
    return list(made.values())


def read(data: bytes, file: str, vendor: str = "") -> list[Sequence]:
    """The sequences in an export; its tool is found out unless it is said. Raises as above."""
    if vendor and vendor not in VENDORS:
        raise AbmError(f"{vendor!r} is no tool that is known", f"known are {', '.join(VENDORS)}")
    reading.check_size(data, file)
    if reading.is_json(data, file):
        value = reading.read_json(data, file)
        reader = VENDORS.get(vendor) or _theirs(file, lambda one: one.in_json(value))
        found = reader.from_json(value)
    else:
        reading.check_lines(data, file)
        table = read_table(data)
        reader = VENDORS.get(vendor) or _theirs(file, lambda one: one.in_csv(rows.headers(table)))
        found = reader.from_csv(table)
    if not found:
        raise AbmError(f"there is no sequence in {file}", "export one with its steps")
    return list(found)


def _theirs(file: str, is_theirs: Callable[[Vendor], bool]) -> Vendor:
    if reader := next((one for one in VENDORS.values() if is_theirs(one)), None):
        return reader
    hint = f"say it with --from: {', '.join(VENDORS)}"
    raise AbmError(f"nothing in {file} says which tool it comes from", hint)
