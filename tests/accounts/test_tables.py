"""Files as they really come: every record comes out, as a row or as a reject with its line."""

from __future__ import annotations

import csv
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.cells import guard_cell, unguard_cell
from accounts.errors import AbmError
from accounts.tables import CELL_LINES, Table, read_table, write_rejects
from tests.support.hanging import ends


def rows(table: Table) -> list[tuple[str, ...]]:
    return [row.cells for row in table.rows]


TEXT = "name,city\nMüller,Köln\n"


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode(),
        TEXT.encode("utf-8-sig"),
        TEXT.encode("utf-16"),
        TEXT.encode("utf-32"),
        b"\xff\xfe" + TEXT.encode("utf-16-le"),
        TEXT.encode("cp1252"),
        TEXT.replace("\n", "\r\n").encode(),
        TEXT.replace("\n", "\r").encode(),
        TEXT.replace(",", ";").encode(),
        TEXT.replace(",", "\t").encode(),
        TEXT.replace(",", "|").encode(),
        b"sep=;\n" + TEXT.replace(",", ";").encode(),
        b"\n\n" + TEXT.encode(),
        b'"name","city"\n"M\xc3\xbcller","K\xc3\xb6ln"\n',
    ],
)
def test_encodings_line_ends_and_delimiters_are_found_out(data: bytes):
    table = read_table(data)
    assert table.headers == ("name", "city")
    assert rows(table) == [("Müller", "Köln")]
    assert not table.rejected


def test_what_is_not_utf8_is_said():
    assert "check the accents" in " ".join(read_table(TEXT.encode("cp1252")).notices)


@pytest.mark.parametrize("data", [b"", b"\n\n", b"\xef\xbb\xbf", b"PK\x03\x04spreadsheet"])
def test_what_is_no_table_says_so(data: bytes):
    with pytest.raises(AbmError):
        read_table(data)


def test_a_header_alone_is_a_table_without_rows():
    table = read_table(b"name,city\n")
    assert table.headers == ("name", "city")
    assert not table.rows
    assert "no rows" in " ".join(table.notices)


def test_an_unclosed_quote_costs_one_line_and_not_the_rest():
    data = 'name,city\nAcme,Berlin\n"Bolt,Bern\n' + "Dino,Dun\n" * 3
    table = read_table(data.encode())
    assert [one.line for one in table.rejected] == [3]
    assert "never closed" in table.rejected[0].reason
    assert rows(table) == [("Acme", "Berlin"), *[("Dino", "Dun")] * 3]


def test_two_stray_quotes_cost_their_own_lines_only():
    table = read_table(b'name,city\n"Acme,Berlin\nBolt,Bern\nCado,"Como\nDino,Dun\n')
    assert [one.line for one in table.rejected] == [2, 4]
    assert rows(table) == [("Bolt", "Bern"), ("Dino", "Dun")]


def test_a_quoted_cell_may_hold_line_breaks_and_delimiters():
    table = read_table(b'name,note\nAcme,"one, two\nthree"\nBolt,x\n')
    assert rows(table) == [("Acme", "one, two\nthree"), ("Bolt", "x")]
    assert [row.line for row in table.rows] == [2, 4]


def test_a_quote_that_is_closed_far_below_swallows_nothing():
    middle = [f"C{number},x" for number in range(CELL_LINES * 2)]
    table = read_table("\n".join(["name,city", '"Acme,x', *middle, 'Zed,x"', ""]).encode())
    assert len(table.rows) + len(table.rejected) == len(middle) + 2
    assert ("C0", "x") in rows(table)


@pytest.mark.parametrize("line", ['"{n}","x"', '"{n},x', '{n},x"', "{n},x,,,"])
def test_many_quotes_are_read_in_a_time_that_grows_with_the_file_only(line: str):
    lines = [line.replace("{n}", str(n)) for n in range(60_000)]
    with ends(8):
        table = read_table("\n".join(["a,b", *lines]).encode())
    assert len(table.rows) + len(table.rejected) == len(lines)


def test_a_row_of_nothing_but_delimiters_takes_no_longer_than_another():
    with ends(3):
        table = read_table(b"a,b\n1,2" + b"," * 500_000 + b"\n1,2" + b"," * 500_000 + b"3\n")
    assert [row.cells for row in table.rows] == [("1", "2")]
    assert [one.line for one in table.rejected] == [3]


def test_rows_of_another_width_are_rejected_with_their_cells():
    table = read_table(b"name,city\nAcme\nBolt,Bern,more\nCado,Como,,\n\nDino,Dun\n")
    assert [(one.line, one.cells) for one in table.rejected] == [
        (2, ("Acme",)),
        (3, ("Bolt", "Bern", "more")),
    ]
    assert rows(table) == [("Cado", "Como"), ("Dino", "Dun")]


def test_a_header_that_stands_twice_or_is_empty_gets_a_name_of_its_own():
    table = read_table(b"name,Name,,city\nAcme,Acme Inc,x,Bern\n")
    assert len({header.casefold() for header in table.headers}) == 4
    assert "twice" in " ".join(table.notices)


def test_headers_that_collide_with_a_name_that_was_made_stay_apart():
    headers = read_table(b"a,A,a (2),a (2),b\n1,2,3,4,5\n").headers
    assert headers == ("a", "A (2)", "a (2) (2)", "a (2) (3)", "b")


def test_a_header_without_end_is_cut_and_stays_its_own():
    long = "x" * 5_000
    table = read_table(f"{long}1,{long}2\n1,2\n".encode())
    assert [len(header) for header in table.headers] == [200, 204]
    assert any("cut to 200" in notice for notice in table.notices)
    assert table.rows[0].cells == ("1", "2")


def test_nul_characters_and_huge_cells_lose_nothing_else():
    huge = "x" * 140_000
    long = "y" * (1 << 20)
    data = f'name,city\nAc\0me,Bern\n"{huge}",Bern\n{long},Bern\nDino,Dun\n'
    table = read_table(data.encode())
    assert rows(table) == [("Acme", "Bern"), ("Dino", "Dun")]
    assert [one.line for one in table.rejected] == [3, 4]


def test_three_hundred_columns_are_read_and_one_more_is_not():
    wide = ",".join(f"c{number}" for number in range(300))
    assert len(read_table(f"{wide}\n{wide}\n".encode()).headers) == 300
    with pytest.raises(AbmError, match="at most 300"):
        read_table(f"{wide},more\n".encode())


def test_a_wrong_encoding_or_delimiter_says_what_is_allowed():
    with pytest.raises(AbmError, match="cannot be read as utf-8"):
        read_table(TEXT.encode("cp1252"), encoding="utf-8")
    with pytest.raises(AbmError, match="no encoding"):
        read_table(TEXT.encode(), encoding="klingon")
    with pytest.raises(AbmError, match="one character"):
        read_table(TEXT.encode(), delimiter=";;")


@given(st.binary(max_size=400))
def test_no_bytes_break_the_reader(data: bytes):
    try:
        table = read_table(b"name,city\n" + data)
    except AbmError:
        return
    lines = [one.line for one in table.rows] + [one.line for one in table.rejected]
    assert len(set(lines)) == len(lines)
    assert all(len(row.cells) == len(table.headers) for row in table.rows)


CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), max_size=20)


@given(st.lists(st.lists(CELLS, min_size=3, max_size=3), min_size=1, max_size=8))
def test_what_a_csv_writer_wrote_is_read_again(content: list[list[str]]):
    kept = [row for row in content if any(cell.strip() for cell in row)]
    out = StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerows([["a", "b", "c"], *([guard_cell(cell) for cell in row] for row in kept)])
    table = read_table(out.getvalue().encode(), encoding="utf-8", delimiter=",")
    assert rows(table) == [tuple(row) for row in kept]
    assert not table.rejected


# ---------------------------------------------------------------- formulas

FORMULAS = ['=HYPERLINK("http://x")', "+cmd|x", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\uff1d1+1"]


@pytest.mark.parametrize("cell", FORMULAS)
def test_a_formula_is_written_so_that_no_spreadsheet_runs_it(cell: str):
    assert guard_cell(cell).startswith("'")
    assert unguard_cell(guard_cell(cell)) == cell


@pytest.mark.parametrize("cell", ["+49 30 1234567", "-12.5", "+3", "-1,234.00", "12%", "Acme", ""])
def test_phones_and_numbers_stay_whole(cell: str):
    assert guard_cell(cell) == cell


@given(st.text())
def test_every_cell_comes_back_from_its_guard(cell: str):
    assert unguard_cell(guard_cell(cell)) == cell


def test_rejects_keep_line_reason_and_cells_and_can_be_read_again():
    table = read_table(b'name,city\n=cmd(),Bern,more\n"Acme,x\n')
    text = write_rejects(table.rejected, table.headers)
    again = read_table(text.encode())
    assert again.headers == ("rejected_line", "reason", "name", "city", "as it stood")
    assert [row.cells[0] for row in again.rows] == ["2", "3"]
    assert again.rows[0].cells[2:] == ("", "", "=cmd(),Bern,more")
    assert again.rows[1].cells[2:] == ("", "", '"Acme,x')
    assert "'=cmd()" in text
