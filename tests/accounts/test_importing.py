"""Rows become clean values, or rejects that say what is wrong with which cell."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.consent import Consent, Reason, Scope
from accounts.errors import AbmError
from accounts.headers import guess_columns
from accounts.importing import (
    AccountRow,
    ContactRow,
    Rejected,
    SuppressionRow,
    account_rows,
    contact_rows,
    merge_extra,
    row_digest,
    suppression_rows,
)
from accounts.opportunities import opportunity_rows
from accounts.tables import read_table, write_rejects

ROWS: dict[str, Callable[..., list[Any]]] = {
    "accounts": account_rows,
    "contacts": contact_rows,
    "opportunities": opportunity_rows,
    "suppressions": suppression_rows,
}


def read(kind: str, *lines: str) -> list[Any]:
    table = read_table("\n".join(lines).encode())
    return list(ROWS[kind](table, guess_columns(table.headers, kind)))


def account(header: str, line: str) -> AccountRow:
    (row,) = read("accounts", header, line)
    assert isinstance(row, AccountRow), row
    return row


def contact(header: str, line: str) -> ContactRow:
    (row,) = read("contacts", header, line)
    assert isinstance(row, ContactRow), row
    return row


def refusal(kind: str, header: str, line: str) -> str:
    (row,) = read(kind, header, line)
    assert isinstance(row, Rejected), row
    return row.reason


def test_an_account_is_cleaned():
    row = account(
        "name,website,country,tier,zone,employees",
        " Acme\u00a0 GmbH ,https://www.acme.de/about,Germany,1:few,Europe/Berlin,120",
    )
    assert (row.name, row.domain, row.country, row.tier) == ("Acme GmbH", "acme.de", "DE", 2)
    assert row.zone == "Europe/Berlin"
    assert row.extra == (("employees", "120"),)


@pytest.mark.parametrize(
    ("country", "phone", "kept"),
    [
        ("Germany", "030 / 123-4567", "+49301234567"),
        ("", "+49 (0)30 1234567", "+49301234567"),
        ("", "030 1234567", "030 1234567"),
        ("DE", "ask for Ann", "ask for Ann"),
        ("DE", "0" * 400, "0" * 400),
        ("DE", "n/a", ""),
    ],
)
def test_a_phone_is_kept_in_one_form_where_there_is_one(country: str, phone: str, kept: str):
    assert account("name,country,phone", f"Acme,{country},{phone}").phone == kept
    assert contact("name,company,country,phone", f"Ann,Acme,{country},{phone}").phone == kept


def test_a_company_may_be_known_by_its_domain_alone():
    assert account("name,email", "n/a,info@acme.de").domain == "acme.de"
    assert account("name,website", ",acme.de").name == ""


@pytest.mark.parametrize(
    ("header", "line", "why"),
    [
        ("name,email", "self employed,ann@gmail.com", "names no company"),
        ("name,city", ",Berlin", "no company name"),
        ("name,website", "Acme,not a site", "no web address"),
        ("name,email", "Acme,nobody", "e-mail"),
        ("name,tier", "Acme,platinum", "allowed: 1, 2, 3"),
        ("name,zone", "Acme,Mars/Phobos", "no IANA time zone"),
        ("name,zone", "Acme,../../etc/passwd", "no IANA time zone"),
        ("name,city", f"Acme,{'x' * 600}", "at most 500"),
    ],
)
def test_an_account_is_rejected_with_the_reason(header: str, line: str, why: str):
    assert why in refusal("accounts", header, line)


def test_a_contact_is_cleaned():
    row = contact(
        "Vorname,Nachname,Firma,E-Mail,Opt-in,Land,Position",
        "Ann,Archer,Acme GmbH,Ann.Archer@ACME.de,ja,Deutschland,CFO",
    )
    assert (row.name, row.email, row.domain) == ("Ann Archer", "Ann.Archer@acme.de", "acme.de")
    assert (row.consent, row.title) == (Consent.GRANTED, "CFO")


@pytest.mark.parametrize(
    ("said", "consent"),
    [("yes", Consent.GRANTED), ("Opt-out", Consent.REFUSED), ("", Consent.UNKNOWN),
     ("pending", Consent.PENDING), ("interest", Consent.INTEREST), ("0", Consent.REFUSED)],
)  # fmt: skip
def test_consent_is_read_in_many_words(said: str, consent: Consent):
    assert contact("name,company,consent", f"Ann,Acme,{said}").consent is consent


@pytest.mark.parametrize(
    ("header", "line", "why"),
    [
        ("name,company,consent", "Ann,Acme,perhaps", "allowed: yes, no"),
        ("name,company,email", "Ann,Acme,a@b@c", "e-mail"),
        ("name,company,email", 'Ann,Acme,"b@x.com, e@evil.com"', "e-mail"),
        ("name,company", "Ann,", "no company"),
        ("name,company", ",Acme", "neither a name nor"),
    ],
)
def test_a_contact_is_rejected_with_the_reason(header: str, line: str, why: str):
    assert why in refusal("contacts", header, line)


def test_the_columns_of_a_file_of_rejects_are_no_facts():
    table = read_table(b"name,Area\nself employed,North\n")
    columns = guess_columns(table.headers, "accounts")
    refused = [row for row in account_rows(table, columns) if isinstance(row, Rejected)]
    mended = write_rejects(refused, table.headers).replace("self employed", "Acme")
    (row,) = read("accounts", *mended.splitlines())
    assert (row.name, row.extra) == ("Acme", (("Area", "North"),))
    again = guess_columns(read_table(mended.encode()).headers, "accounts")
    assert again.unused == ("rejected_line", "reason", "as it stood")


def test_a_column_called_reason_is_a_fact_elsewhere():
    assert account("name,reason", "Acme,grew").extra == (("reason", "grew"),)


def test_hundreds_of_columns_are_kept_and_a_huge_cell_is_said():
    headers = ["name", *(f"h{n}" for n in range(299))]
    row = account(",".join(headers), ",".join(["Acme", *("x" * 1_000 for _ in range(299))]))
    assert len(row.extra) == 299
    assert "note: 10001 characters" in refusal("accounts", "name,note", f"Acme,{'x' * 10_001}")


extras = st.dictionaries(
    st.sampled_from(["Region", "region", "REGION", "Über", "a"]), st.text("xy")
)


@given(have=extras, told=extras)
def test_what_is_told_last_stands_once_by_its_header(have: dict[str, str], told: dict[str, str]):
    first = merge_extra({}, have.items())
    both = merge_extra(first, told.items())
    assert merge_extra(both, told.items()) == both
    assert len({header.casefold() for header in both}) == len(both)
    last = {header.casefold(): text for header, text in [*have.items(), *told.items()]}
    assert {header.casefold(): text for header, text in both.items()} == last


def test_a_free_address_tells_no_company():
    assert "no company" in refusal("contacts", "name,email", "Ann,ann@gmail.com")


def test_formulas_are_text_and_guards_are_taken_off():
    assert account("name,city", "'=Acme,Bern").name == "=Acme"
    assert contact("name,company,phone", "Ann,Acme,+49 30 123456").phone == "+4930123456"


def test_a_file_that_names_nobody_is_refused_with_its_headers():
    with pytest.raises(AbmError, match="city, zip"):
        read("accounts", "city,zip", "Bern,3000")


def test_a_digest_is_of_the_content_wherever_it_stands():
    one, two = read("accounts", "name,city", "Acme,Bern", "Acme,Bern")
    other = account("city,name", "Bern,Acme")
    assert row_digest(one) == row_digest(two) == row_digest(other)
    assert row_digest(one) != row_digest(account("name,city", "Acme,Basel"))


@given(st.lists(st.text(max_size=30), min_size=3, max_size=3))
def test_no_cells_break_a_row_and_none_is_lost(cells: list[str]):
    line = ",".join('"' + cell.replace('"', '""') + '"' for cell in cells)
    for kind in ROWS:
        header = {"accounts": "name,website,zone", "contacts": "name,email,company",
                  "opportunities": "id,company,amount",
                  "suppressions": "email,domain,reason"}[kind]  # fmt: skip
        table = read_table(f"{header}\n{line}\n".encode("utf-8", "replace"))
        found = read(kind, *f"{header}\n{line}".encode("utf-8", "replace").decode().split("\n"))
        assert len(found) == len(table.rows) + len(table.rejected)


# ---------------------------------------------------------------- suppressions


def rule(header: str, line: str) -> SuppressionRow:
    (row,) = read("suppressions", header, line)
    assert isinstance(row, SuppressionRow), row
    return row


@pytest.mark.parametrize(
    ("line", "scope", "value", "reason"),
    [
        ("Ann@Acme.de,Unsubscribed", Scope.ADDRESS, "ann@acme.de", Reason.UNSUBSCRIBE),
        ("ann@acme.de,Spam complaint", Scope.ADDRESS, "ann@acme.de", Reason.COMPLAINT),
        ("@acme.de,", Scope.DOMAIN, "acme.de", Reason.MANUAL),
        ("mail.acme.co.uk,told us so", Scope.DOMAIN, "acme.co.uk", Reason.MANUAL),
        ("ann@gmail.com,Hard Bounce", Scope.ADDRESS, "ann@gmail.com", Reason.HARD_BOUNCE),
    ],
)
def test_a_rule_is_an_address_or_a_domain(line: str, scope: Scope, value: str, reason: Reason):
    row = rule("email,reason", line)
    assert (row.scope, row.value, row.reason) == (scope, value, reason)


def test_a_domain_that_everybody_uses_is_no_rule():
    assert "give addresses" in refusal("suppressions", "email,reason", "gmail.com,spam")
    assert "names nobody" in refusal("suppressions", "email,reason", ",spam")
