"""What commands print: tables that fit, times in the workspace's zone, JSON, progress.

Nothing here is coloured: a state is a word. What comes from outside is cleaned of control
characters, so that no name and no reply can steer a terminal.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields, is_dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from accounts.errors import AbmError, Problem
from accounts.progress import unwatched

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]

_GAP = "  "
_NARROWEST = 6  # a column is cut no further than this
_WIDEST = 60  # of a cell in a table that nobody's screen limits


def say(text: str = "") -> None:
    """A line of the answer, on stdout."""
    print(text)


def note(text: str) -> None:
    """A line beside the answer, on stderr."""
    print(text, file=sys.stderr)


def ask(question: str) -> bool:
    """A yes or no from the terminal; no where there is none."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return False
    return input(f"{question} [y/N] ").strip().lower() in {"y", "yes"}


def ask_secret(question: str) -> str:
    """What nobody should see on the screen, typed twice; one line of standard input elsewhere.

    AbmError when the two differ.
    """
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    from getpass import getpass

    said = getpass(f"{question}: ")
    if getpass("once more: ") != said:
        raise AbmError("the two are not the same")
    return said


# ---------------------------------------------------------------- JSON


def say_json(value: object) -> None:
    """The value as JSON: instants in UTC as ISO 8601, records as objects."""
    say(json.dumps(plain(value), ensure_ascii=False, indent=2))


def plain(value: Any) -> Any:
    """Dataclasses, named tuples and mappings as dicts, instants and paths as text."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if hasattr(value, "_asdict"):
        return plain(value._asdict())
    if is_dataclass(value):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, date):  # an instant, too
        return value.isoformat()
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, Iterable) and not isinstance(value, str):
        return [plain(item) for item in value]
    return value


# ---------------------------------------------------------------- text


def clean(text: str) -> str:
    """One printable line: whatever is not printable becomes a space."""
    return "".join(char if char.isprintable() else " " for char in text)


def columns_of(text: str) -> int:
    """How many columns of a terminal the text takes."""
    return sum(map(_width, text))


def _width(char: str) -> int:
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def cut(text: str, width: int) -> str:
    """The text in at most `width` columns, with … where it was cut."""
    if columns_of(text) <= width:
        return text
    kept, used = "", 0
    for char in text:
        used += _width(char)
        if used > width - 1:
            break
        kept += char
    return kept.rstrip() + "…"


def screen() -> int | None:
    """Columns of the terminal (or of COLUMNS); None when nobody's screen limits the output."""
    if sys.stdout.isatty() or os.environ.get("COLUMNS", "").isdecimal():
        return shutil.get_terminal_size().columns
    return None


def when(instant: datetime | None, zone: str, *, zone_name: bool = True) -> str:
    """`2026-03-02 09:00 CET`: an instant on the workspace's clock; "" for none."""
    if instant is None:
        return ""
    form = "%Y-%m-%d %H:%M %Z" if zone_name else "%Y-%m-%d %H:%M"
    return instant.astimezone(ZoneInfo(zone)).strftime(form)


def counted(number: int, what: str, many: str = "") -> str:
    """`1 account`, `2,755 accounts`, `2 enrollments` (`many` for what does not end in s)."""
    return f"{number:,} {what if number == 1 else many or what + 's'}"


def took(seconds: float) -> str:
    """`0 s`, `42 s`, `7 min`, `3 h`, `2 d`: a length of time in its largest whole unit."""
    for name, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds // size:.0f} {name}"
    return f"{max(seconds, 0):.0f} s"


# ---------------------------------------------------------------- tables


def say_table(heads: Sequence[str], rows: Iterable[Sequence[object]], *, none: str = "") -> None:
    """A table that fits the screen; `none` is said when there are no rows."""
    cells = [[_cell(value) for value in row] for row in rows]
    if cells:
        say("\n".join(table(heads, cells, screen())))
    elif none:
        say(none)


def table(heads: Sequence[str], rows: Sequence[Sequence[str]], width: int | None) -> list[str]:
    """Lines of aligned columns, numbers to the right, the widest cut first to fit `width`."""
    right = [all(_number(row[place]) for row in rows) for place in range(len(heads))]
    widths = _widths([heads, *rows], width)
    return [_line(row, widths, right) for row in (heads, *rows)]


def _cell(value: object) -> str:
    return "" if value is None else clean(str(value))


def _number(cell: str) -> bool:
    return cell.replace(".", "").removesuffix("%").isdecimal() or not cell


def _widths(rows: Sequence[Sequence[str]], limit: int | None) -> list[int]:
    widths = [max(map(columns_of, column)) for column in zip(*rows, strict=True)]
    if limit is None:  # the last column ends the line, so its length disturbs nobody
        return [min(width, _WIDEST) for width in widths[:-1]] + widths[-1:]
    over = sum(widths) + len(_GAP) * (len(widths) - 1) - limit
    while over > 0 and (widest := max(widths)) > _NARROWEST:
        widths[widths.index(widest)] -= 1
        over -= 1
    return widths


def _line(row: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> str:
    cells = []
    for text, width, to_right in zip(row, widths, right, strict=True):
        shown = cut(text, width)
        blank = " " * (width - columns_of(shown))
        cells.append(blank + shown if to_right else shown + blank)
    return _GAP.join(cells).rstrip()


# ---------------------------------------------------------------- problems


def problem_lines(problem: Problem, source: str = "") -> list[str]:
    """A problem as `file:line:col: message`, the line it stands in with a caret, and the mend."""
    lines = [clean(str(replace(problem, hint=""))), *_excerpt(problem, source)]
    return [*lines, f"    {clean(problem.hint)}"] if problem.hint else lines


def _excerpt(problem: Problem, source: str, around: int = 68) -> list[str]:
    lines = source.splitlines()
    if not 0 < problem.line <= len(lines):
        return []
    text, at = clean(lines[problem.line - 1]), max(problem.col - 1, 0)
    start = max(0, at - around // 2) if len(text) > around else 0
    shown = text[start : start + around]
    number = f"{problem.line:5} | "
    return [f"{number}{shown}".rstrip(), " " * (len(number) - 2) + "| " + " " * (at - start) + "^"]


# ---------------------------------------------------------------- progress


@contextmanager
def progress(what: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on stderr, only on a terminal; call what it gives with (done, of)."""
    if not sys.stderr.isatty():
        yield unwatched
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, of: bar.update(task, completed=done, total=of)
