"""CSV cells that a spreadsheet would run as formulas, made harmless and restored again."""

from __future__ import annotations

import re

# What starts a formula in some spreadsheet, also in full width, after quotes of an earlier guard.
_FORMULA = re.compile(r"'*\s*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
_NUMBER = re.compile(r"[+-]?[0-9][0-9.,]*(?:[eE][+-]?[0-9]+)?%?")
_PHONE = re.compile(r"\+[0-9][0-9 ()./-]{4,24}[0-9]")


def guard_cell(value: str) -> str:
    """The cell to write: a quote in front of what could run; numbers and phones stay whole.

    `unguard_cell(guard_cell(value)) == value` for every text.
    """
    harmless = not _FORMULA.match(value) or _NUMBER.fullmatch(value) or _PHONE.fullmatch(value)
    return value if harmless else f"'{value}"


def unguard_cell(value: str) -> str:
    """The cell as it was before `guard_cell`; anything else is returned as it is."""
    return value[1:] if value.startswith("'") and _FORMULA.match(value) else value
