"""Names of countries, as lists of companies write them, lead to a code and a time zone."""

from __future__ import annotations

import csv
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from orchestrator.zones import country_code, zone_of

COMPANIES = Path(__file__).parents[2] / "data" / "companies"


@pytest.mark.parametrize("file", ["accounts.csv", "crm_export.csv"])
def test_every_country_of_the_starter_data_has_a_zone(file):
    with (COMPANIES / file).open(encoding="utf-8", newline="") as rows:
        countries = {row["country"] for row in csv.DictReader(rows)} - {""}
    assert len(countries) > 50
    assert [name for name in countries if not country_code(name)] == []
    assert [name for name in countries if not zone_of(name)] == []


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Germany", "DE"),
        ("germany ", "DE"),
        ("DE", "DE"),
        ("DEU", "DE"),
        ("USA", "US"),
        ("U.S.A.", "US"),
        ("United States of America", "US"),
        ("UK", "GB"),
        ("England", "GB"),
        ("The Netherlands", "NL"),
        ("Netherlands (Kingdom of the)", "NL"),
        ("Bahamas, The", "BS"),
        ("Türkiye", "TR"),
        ("Turkey", "TR"),
        ("Côte d'Ivoire", "CI"),
        ("Ivory Coast", "CI"),
        ("Curaçao", "CW"),
        ("ÅLAND ISLANDS", "AX"),
        ("Hong Kong", "HK"),
        ("Hong Kong SAR, China", "HK"),
        ("Macau", "MO"),
        ("Czech Republic", "CZ"),
        ("Czechia", "CZ"),
        ("Viet Nam", "VN"),
        ("Russian Federation", "RU"),
        ("Iran, Islamic Republic of", "IR"),
        ("Bolivia (Plurinational State of)", "BO"),
        ("Taiwan, Province of China", "TW"),
        ("Tanzania, United Republic of", "TZ"),
        ("Korea, Republic of", "KR"),
        ("Korea (South)", "KR"),
        ("Korea, Democratic People's Republic of", "KP"),
        ("Korea (North)", "KP"),
        ("Congo", "CG"),
        ("Congo, Democratic Republic of the", "CD"),
        ("St. Kitts & Nevis", "KN"),
        ("Trinidad and Tobago", "TT"),
        ("Kosovo", "XK"),
    ],
)
def test_spellings_of_a_country(name, code):
    assert country_code(name) == code


@pytest.mark.parametrize(
    "name",
    ["", " ", "Atlantis", "ZZ", "n/a", "-", "東京", "Samoa (American)", "Germany, France", "the"],
)
def test_what_is_no_country_is_none_and_never_a_guess(name):
    assert country_code(name) is None
    assert zone_of(name) is None


@pytest.mark.parametrize(
    ("country", "place", "zone"),
    [
        ("Germany", "", "Europe/Berlin"),
        ("Germany", "Maintal", "Europe/Berlin"),
        ("United States", "", "America/New_York"),
        ("United States", "California", "America/Los_Angeles"),
        ("United States", "CA", "America/Los_Angeles"),
        ("US", "san francisco", "America/Los_Angeles"),
        ("US", "St. Louis", "America/Chicago"),
        ("US", "Washington", "America/Los_Angeles"),  # the state
        ("US", "Washington, D.C.", "America/New_York"),
        ("US", "NY", "America/New_York"),
        ("US", "Arizona", "America/Phoenix"),
        ("US", "Nowhere", "America/New_York"),
        ("Canada", "BC", "America/Vancouver"),
        ("Canada", "Québec", "America/Toronto"),
        ("Canada", "St. John's", "America/St_Johns"),
        ("Australia", "", "Australia/Sydney"),
        ("Australia", "WA", "Australia/Perth"),
        ("Australia", "Western Australia", "Australia/Perth"),
        ("Australia", "Perth", "Australia/Perth"),
        ("Brazil", "SP", "America/Sao_Paulo"),
        ("Brazil", "Manaus", "America/Manaus"),
        ("Mexico", "BC", "America/Tijuana"),
        ("Russia", "Novosibirsk", "Asia/Novosibirsk"),
        ("Russia", "", "Europe/Moscow"),
        ("India", "Mumbai", "Asia/Kolkata"),
        ("Spain", "Las Palmas", "Atlantic/Canary"),
        ("Kosovo", "", "Europe/Belgrade"),
    ],
)
def test_zone_of_a_place(country, place, zone):
    assert zone_of(country, place) == zone


def test_every_zone_in_the_tables_exists():
    from orchestrator.zones import _zones

    assert all(ZoneInfo(zone) for places in _zones().values() for zone in places.values())
