"""Legal forms before and behind a name, and the names that only look as if they began with one."""

import pytest

from accounts.company_names import name_key
from accounts.matching import AccountIndex, Candidate, Record, Verdict

FORMS_IN_FRONT = [
    ("OY Nokia", "nokia", "oy"),
    ("PT Telkom Indonesia Tbk", "telkomindonesia", "pt"),
    ("OOO Romashka", "romashka", "ooo"),
    ("ZAO Vimpel", "vimpel", "zao"),
    ("CJSC Vimpel", "vimpel", "zao"),
    ("LLC Romashka", "romashka", "llc"),
    ("UAB Litgrid", "litgrid", "uab"),
    ("SARL Dupont", "dupont", "sarl"),
    ("Aktiebolaget Nordlund", "nordlund", "ab"),
    ("Osakeyhtiö Ahlgren", "ahlgren", "oy"),
]


@pytest.mark.parametrize(("name", "core", "form"), FORMS_IN_FRONT)
def test_a_form_in_front_is_no_word_of_the_name(name, core, form):
    key = name_key(name)
    assert (key.core, form in key.legal, key.alternatives) == (core, True, ())


FORMS_OR_INITIALS = [
    ("AB SKF", "skf"),
    ("AB Volvo (publ)", "volvo"),
    ("A/S Dansk Salt", "dansksalt"),
    ("SA Brain", "brain"),
    ("NV Bekaert", "bekaert"),
    ("Société BIC", "bic"),
    ("SE Blades", "blades"),
    ("AG Barr", "barr"),
    ("SA Power Networks", "powernetworks"),
]


@pytest.mark.parametrize(("name", "short"), FORMS_OR_INITIALS)
def test_what_may_be_a_form_or_initials_is_read_both_ways(name, short):
    key = name_key(name)
    assert key.core.endswith(short)
    assert key.core != short
    assert [one.core for one in key.alternatives] == [short]


@pytest.mark.parametrize(
    "name", ["AB InBev SA/NV", "AG Barr plc", "SE Blades Ltd", "SA Power Inc.", "AS Roma S.p.A."]
)
def test_initials_before_a_name_with_a_form_of_its_own_are_initials(name):
    key = name_key(name)
    assert key.alternatives == ()
    assert key.core.startswith(name.split()[0].lower())


@pytest.mark.parametrize("name", ["AB", "SA", "OY", "PT", "OOO", "AB Ltd", "A/S"])
def test_a_name_that_is_a_form_is_never_emptied(name):
    assert name_key(name).core


@pytest.mark.parametrize("name", ["Walden Icn.", "Walden Innc", "Walden Ienc.", "Walden inc"])
def test_a_short_form_with_a_slip_is_still_the_form(name):
    assert name_key(name) == name_key("Walden Inc")


@pytest.mark.parametrize("name", ["Walden Nic", "Walden Crop", "Walden Zinc", "Walden Inch"])
def test_a_word_like_a_short_form_stays(name):
    assert name_key(name).legal == ()


@pytest.mark.parametrize(
    "name", ["Walden, Inc./DE", "WALDEN INC/MI/", "Walden Corp. /NY/", "Walden Trust/MA"]
)
def test_the_state_behind_a_form_is_no_word_of_the_name(name):
    assert name_key(name).core.removesuffix("trust") == "walden"


def test_what_stands_behind_a_stroke_stays_where_no_form_is_before_it():
    assert name_key("AC/DC").core == "acdc"
    assert name_key("Walden A/S").legal == ("as",)


LIST = [
    Candidate(1, "SKF AB", (), (), "Sweden"),
    Candidate(2, "Anheuser-Busch InBev SA/NV", (), (), "Belgium"),
    Candidate(3, "A.G. Barr plc", (), (), "United Kingdom"),
    Candidate(4, "AB Volvo", (), (), "Sweden"),
    Candidate(5, "SOCIETE BIC", (), (), "France"),
    Candidate(6, "Caverion Oyj", (), (), "Finland"),
    Candidate(7, "Danax Corporation (Japan)", (), (), "Japan"),
    Candidate(8, "111, Inc.", (), (), "China"),
]

FOUND = [
    ("AB SKF", 1),
    ("AG Barr", 3),
    ("Volvo AB (publ)", 4),
    ("Volvo", 4),
    ("BIC Société", 5),
    ("Caverion plc", 6),
    ("Danax Corporation", 7),
    ("111 Inc", 8),
]


@pytest.fixture(scope="module")
def index():
    return AccountIndex(LIST)


@pytest.mark.parametrize(("name", "account_id"), FOUND)
def test_a_name_is_found_wherever_its_form_stands(index, name, account_id):
    match = index.match(Record(name))
    assert (match.verdict, match.account_id) == (Verdict.ACCEPT, account_id), match


@pytest.mark.parametrize("name", ["AB Barr", "SE Volvo Trucks", "AG Power", "111"])
def test_another_name_behind_the_same_letters_is_not_accepted(index, name):
    assert index.match(Record(name)).verdict is not Verdict.ACCEPT
