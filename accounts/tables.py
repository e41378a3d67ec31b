"""Somebody's CSV file, read whole: each line becomes a row or a rejected line with its reason."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from io import StringIO
from itertools import count

from accounts.cells import guard_cell, unguard_cell
from accounts.errors import AbmError
from accounts.identity import clean_text

COLUMN_CAP = 300
HEADER_CAP = 200  # characters of a header: it is kept with every record
ROW_CAP = 1 << 20  # bytes of one record as UTF-8
# A quoted cell may hold line breaks; one that runs further than this was never closed.
CELL_LINES = 200

EMPTY = "the row is empty"

# The columns that a file of rejects has before and behind those of the file.
_FIRST, _LAST = ("rejected_line", "reason"), "as it stood"
_DELIMITERS = ",;\t|"
# UTF-32 first: its mark begins like that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True, slots=True)
class Row:
    """One record: the line where it starts (1-based) and a cell for each header."""

    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rejected:
    """A record that was not taken: its line, why, and its cells as far as they could be told.

    `raw`: the only cell is the line as it stood, because no cells could be told.
    """

    line: int
    reason: str
    cells: tuple[str, ...]
    raw: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A file as read. `notices` say what was assumed (encoding, delimiter, renamed headers)."""

    headers: tuple[str, ...]
    rows: tuple[Row, ...]
    rejected: tuple[Rejected, ...]
    encoding: str
    delimiter: str
    notices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """A file whose header is read and whose rows come one by one: they can be gone through once.

    A row of empty cells comes as rejected for `EMPTY`. `lines` bounds how many rows there are.
    """

    headers: tuple[str, ...]
    rows: Iterator[Row | Rejected]
    lines: int
    encoding: str
    delimiter: str
    notices: tuple[str, ...]


def read_table(data: bytes, *, encoding: str | None = None, delimiter: str | None = None) -> Table:
    """Read a CSV file with a header line; rows of empty cells are none.

    Encoding and delimiter are found out unless they are given. Raises `AbmError` only where there
    is no table at all: an empty file, bytes that are not in the given encoding, too many columns.
    """
    reading = open_table(data, encoding=encoding, delimiter=delimiter)
    rows: list[Row] = []
    rejected: list[Rejected] = []
    for one in reading.rows:
        if isinstance(one, Row):
            rows.append(one)
        elif one.reason != EMPTY:
            rejected.append(one)
    notices = reading.notices
    if not rows:
        notices += ("the file has a header and no rows that can be read",)
    return Table(
        reading.headers, tuple(rows), tuple(rejected), reading.encoding, reading.delimiter, notices
    )


def open_table(
    data: bytes, *, encoding: str | None = None, delimiter: str | None = None
) -> Reading:
    """As `read_table`, for a file that is too long to hold all its rows at once."""
    if delimiter is not None and (len(delimiter) != 1 or delimiter in '"\r\n'):
        raise AbmError(
            f"{delimiter!r} cannot separate cells", "allowed: one character, as ; or tab"
        )
    text, used, notices = _decode(data, encoding)
    lines = text.split("\n")
    start, announced = _header_line(lines)
    delimiter = delimiter or announced or _sniff_delimiter(lines[start:])
    records = _records(lines, start, delimiter)
    headers, renamed = _headers(next(records))
    rows = (one if isinstance(one, Rejected) else _fit(one, len(headers)) for one in records)
    return Reading(headers, rows, len(lines), used, delimiter, (*notices, *renamed))


def write_rejects(rejected: Iterable[Rejected], headers: Sequence[str]) -> str:
    """CSV text of what was not taken: line and reason, then the cells, safe for spreadsheets.

    The file can be mended and imported again. What did not fit the header stands in a last column
    and in no other, so that it is rejected again as long as nobody has put it in its place.
    """
    width, kept = len(headers), sorted(rejected, key=lambda one: one.line)
    out = StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow(map(guard_cell, (*_FIRST, *headers, _LAST)))
    for one in kept:
        fits = not one.raw and len(one.cells) == width
        cells = (*one.cells, "") if fits else (*[""] * width, _as_it_stood(one))
        writer.writerow(map(guard_cell, (str(one.line), one.reason, *cells)))
    return out.getvalue()


def is_ours(headers: Sequence[str], at: int) -> bool:
    """Whether `write_rejects` has added this column: it says nothing of a record."""
    is_rejects = tuple(headers[:2]) == _FIRST and headers[-1] == _LAST
    return is_rejects and at in (0, 1, len(headers) - 1)


def _as_it_stood(one: Rejected) -> str:
    if one.raw:
        return "".join(one.cells)
    out = StringIO()
    csv.writer(out, lineterminator="").writerow(one.cells)
    return out.getvalue()


def _decode(data: bytes, encoding: str | None) -> tuple[str, str, list[str]]:
    if data.startswith(b"PK\x03\x04"):
        raise AbmError("this is a spreadsheet or an archive, no CSV", "save it as CSV (UTF-8)")
    notices: list[str] = []
    used = encoding or _sniff_encoding(data)
    try:
        text = data.decode(used)
    except LookupError:
        hint = "allowed: utf-8, utf-16, cp1252, latin-1 and the other names Python knows"
        raise AbmError(f"{used!r} is no encoding", hint) from None
    except UnicodeError:
        if encoding or used != "utf-8":
            hint = "leave the encoding out to have it found" if encoding else "the file is damaged"
            raise AbmError(f"the file cannot be read as {used}", hint) from None
        text, used = _decode_western(data)
        notices.append(f"not UTF-8; read as {used}: check the accents, or give the encoding")
    if "\0" in text:
        text = text.replace("\0", "")
        notices.append("NUL characters were removed")
    # Only a file without line feeds ends its lines with CR alone; elsewhere CR is cell content.
    ends = "\r\n" if "\n" in text else "\r"
    return text.removeprefix("\ufeff").replace(ends, "\n"), used, notices


def _decode_western(data: bytes) -> tuple[str, str]:
    try:
        return data.decode("cp1252"), "cp1252"
    except UnicodeDecodeError:
        return data.decode("latin-1"), "latin-1"


def _sniff_encoding(data: bytes) -> str:
    for mark, name in _MARKS:
        if data.startswith(mark):
            return name
    head = data[:4_096]
    odd, even = head[1::2].count(0), head[0::2].count(0)
    if max(odd, even) * 3 > len(head) and len(data) % 2 == 0:
        return "utf-16-le" if odd > even else "utf-16-be"
    return "utf-8"


def _header_line(lines: list[str]) -> tuple[int, str | None]:
    """(index of the header's line, the delimiter that Excel's `sep=` line announces)."""
    start = next((at for at, line in enumerate(lines) if line.strip()), None)
    if start is None:
        raise AbmError("the file is empty", "expected: a header line, then one line per record")
    word = lines[start].strip("\"' ").casefold()
    announced = word[4:5] if word.startswith("sep=") and len(word) == 5 else None
    if announced is None and lines[start].casefold() != "sep=\t":
        return start, None
    rest = (at for at in range(start + 1, len(lines)) if lines[at].strip())
    return next(rest, start), announced or "\t"


def _sniff_delimiter(lines: list[str]) -> str:
    """The one that cuts most of the first lines into as many cells as the header, and most."""
    sample = [line for line in lines[:30] if line.strip()]

    def fitness(delimiter: str) -> tuple[float, int]:
        widths = [_width(line, delimiter) for line in sample]
        header = widths[0]
        return (sum(width == header for width in widths) / len(widths), header)

    split = [one for one in _DELIMITERS if _width(sample[0], one) > 1]
    return max(split, key=fitness, default=",")


def _width(line: str, delimiter: str) -> int:
    # A CR in the middle is cell content here, and csv would stumble over it.
    return len(next(csv.reader([line[:65_536].replace("\r", " ")], delimiter=delimiter)))


def _records(lines: list[str], start: int, delimiter: str) -> Iterator[Row | Rejected]:
    """The records from `start` on; the first is the header. An unclosed quote costs one line."""
    at, width = start, None
    while at < len(lines):
        if not lines[at].strip():
            at += 1
            continue
        record, used = _record(lines, at, delimiter, width)
        if width is None:
            if isinstance(record, Rejected):
                raise AbmError(f"line {at + 1}: {record.reason}", "mend the header line")
            width = len(record.cells)
        yield record
        at += used


def _record(
    lines: list[str], at: int, delimiter: str, width: int | None
) -> tuple[Row | Rejected, int]:
    """(the record that starts at index `at`, how many lines it takes)."""
    line = lines[at]
    if _too_long(line):
        return Rejected(at + 1, "the row is longer than 1 MiB", (line[:200],), raw=True), 1
    if '"' not in line and len(line) < csv.field_size_limit():
        return Row(at + 1, tuple(map(unguard_cell, line.split(delimiter)))), 1
    block = (f"{part}\n" for part in lines[at : at + CELL_LINES])
    reader = csv.reader(block, delimiter=delimiter, strict=True)
    try:
        cells = next(reader)
    except csv.Error as error:
        return Rejected(at + 1, _why(str(error)), (line[:2_000],), raw=True), 1
    if _too_long("\n".join(lines[at : at + reader.line_num])):
        return Rejected(
            at + 1, "the row is longer than 1 MiB", (line[:200],), raw=True
        ), reader.line_num
    if reader.line_num > 1 and width is not None and len(cells) != width:
        return Rejected(at + 1, _why("unexpected end"), (line[:2_000],), raw=True), 1
    return Row(at + 1, tuple(map(unguard_cell, cells))), reader.line_num


def _too_long(line: str) -> bool:
    return len(line) * 4 > ROW_CAP and len(line.encode("utf-8", "replace")) > ROW_CAP


def _why(error: str) -> str:
    if "unexpected end" in error:
        return "a quote is opened and never closed; double a quote that belongs to the text"
    if "expected after" in error:
        return "text stands after a closing quote; double a quote that belongs to the text"
    if "field larger" in error:
        return "a cell is longer than 131,072 characters"
    return f"not readable as CSV: {error}"


def _fit(row: Row, width: int) -> Row | Rejected:
    """The row with exactly one cell per header."""
    cells = row.cells
    if not any(cell.strip() for cell in cells):
        return Rejected(row.line, EMPTY, ("",) * width)
    if len(cells) > width and not any(cell.strip() for cell in cells[width:]):
        cells = cells[:width]
    if len(cells) != width:
        return Rejected(row.line, f"{len(cells)} cells, the header has {width}", cells)
    return Row(row.line, cells)


def _headers(record: Row | Rejected) -> tuple[tuple[str, ...], list[str]]:
    """(headers, all different and none empty; what was renamed for that)."""
    names = [clean_text(cell) for cell in record.cells]
    while len(names) > 1 and not names[-1]:
        names.pop()
    if len(names) > COLUMN_CAP:
        raise AbmError(f"{len(names)} columns, at most {COLUMN_CAP} are read", "cut the others off")
    taken: set[str] = set()
    headers, notices = [], []
    for at, name in enumerate(names, start=1):
        label = said = name[:HEADER_CAP] or f"column {at}"
        if len(name) > HEADER_CAP:
            notices.append(f"the header of column {at} is cut to {HEADER_CAP} characters")
        for times in count(2):
            if label.casefold() not in taken:
                break
            label = f"{said} ({times})"
        if label != said:
            notices.append(f"header {said!r} stands twice; column {at} is {label!r}")
        taken.add(label.casefold())
        headers.append(label)
    return tuple(headers), notices
