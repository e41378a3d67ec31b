"""Columns are guessed, the guess says why, and anybody may say otherwise."""

from __future__ import annotations

import pytest

from accounts.errors import AbmError
from accounts.headers import ColumnMap, guess_columns


def found(columns: ColumnMap) -> dict[str, str]:
    return {guess.field: guess.header for guess in columns.guesses}


@pytest.mark.parametrize(
    ("kind", "headers", "expected"),
    [
        ("accounts", ["Account Name", "Website", "Billing Country"],
         {"name": "Account Name", "website": "Website", "country": "Billing Country"}),
        ("accounts", ["Firma", "Webseite", "Land", "Ort"],
         {"name": "Firma", "website": "Webseite", "country": "Land", "city": "Ort"}),
        ("accounts", ["Société", "Pays", "Ville"],
         {"name": "Société", "country": "Pays", "city": "Ville"}),
        ("contacts", ["First Name", "Last Name", "Company", "Job Title", "E-mail Address"],
         {"first_name": "First Name", "last_name": "Last Name", "company": "Company",
          "title": "Job Title", "email": "E-mail Address"}),
        ("contacts", ["Vorname", "Nachname", "Unternehmen", "Telefon"],
         {"first_name": "Vorname", "last_name": "Nachname", "company": "Unternehmen",
          "phone": "Telefon"}),
        ("suppressions", ["Email Address", "Suppression Reason"],
         {"email": "Email Address", "reason": "Suppression Reason"}),
        ("accounts", ["compnay name", "websiet"], {"name": "compnay name", "website": "websiet"}),
    ],
)  # fmt: skip
def test_usual_headers_are_understood(kind: str, headers: list[str], expected: dict[str, str]):
    assert found(guess_columns(headers, kind)) == expected


@pytest.mark.parametrize(
    ("kind", "headers", "expected", "system"),
    [
        ("accounts", ["Account ID", "Account Name"], {"external_id": "Account ID"}, ""),
        ("accounts", ["ID", "Salesforce ID", "name"], {"external_id": "Salesforce ID"},
         "salesforce"),
        ("accounts", ["Record ID", "Company name"], {"external_id": "Record ID"}, ""),
        ("accounts", ["hs_object_id", "name"], {"external_id": "hs_object_id"}, "hubspot"),
        ("contacts", ["Account ID", "Contact ID", "name"],
         {"external_id": "Contact ID", "company_id": "Account ID"}, ""),
        ("contacts", ["Account ID", "name"], {"company_id": "Account ID"}, ""),
        ("accounts", ["Sub-Account ID", "recordd", "name"], {}, ""),
    ],
)  # fmt: skip
def test_ids_are_found_exactly_or_not_at_all(
    kind: str, headers: list[str], expected: dict[str, str], system: str
):
    columns = guess_columns(headers, kind)
    ids = {name: header for name, header in found(columns).items() if name.endswith("_id")}
    assert (ids, columns.system) == (expected, system)


def test_a_guess_says_why():
    columns = guess_columns(["name", "Firma", "websiet"], "accounts")
    assert {guess.field: guess.how for guess in columns.guesses} == {
        "name": "same word",
        "website": "looks like it",
    }
    assert columns.extra == ((1, "Firma"),)


def test_what_one_says_wins_and_frees_the_other_column():
    columns = guess_columns(["name", "Firma", "city"], "accounts")
    said = columns.override({"name": "Firma", "city": ""})
    assert found(said) == {"name": "Firma"}
    assert said.extra == ((0, "name"), (2, "city"))
    assert {guess.how for guess in said.guesses} == {"as you said"}


@pytest.mark.parametrize(
    ("said", "error", "hint"),
    [
        ({"nmae": "Firma"}, "no field of accounts", "did you mean 'name'?"),
        ({"name": "Frima"}, "no column of the file", "did you mean 'Firma'?"),
    ],
)
def test_a_field_or_column_that_does_not_exist_names_the_nearest(said, error: str, hint: str):
    with pytest.raises(AbmError, match=error) as failed:
        guess_columns(["Firma", "Ort"], "accounts").override(said)
    assert hint in failed.value.hint


def test_a_column_may_be_named_without_its_case_and_signs():
    columns = guess_columns(["Firma / Kunde"], "accounts").override({"name": "firma kunde"})
    assert found(columns) == {"name": "Firma / Kunde"}
