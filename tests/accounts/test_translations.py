"""Institutions under the names that they have at home and abroad."""

import pytest

from accounts.matching import AccountIndex, Candidate, Record, Verdict
from accounts.matching.keys import keys_of
from accounts.translations import foreign_forms, translated

SAME_WORDS = [
    ("Universität Wien", "University of Vienna"),
    ("Université de Genève", "University of Geneva"),
    ("Università degli Studi di Torino", "University of Studies of Turin"),
    ("Uniwersytet Warszawski", "Warsaw University"),
    ("Technische Universität Graz", "Graz University of Technology"),
    ("Politechnika Gdańska", "Gdansk University of Technology"),
    ("Fachhochschule Potsdam", "Potsdam University of Applied Sciences"),
    ("Instituto Nacional de Tecnología Industrial", "National Institute of Industrial Technology"),
    ("Banque nationale de Belgique", "National Bank of Belgium"),
    ("Bundesministerium für Gesundheit", "Federal Ministry of Health"),
    ("Institut d'Études politiques", "Institute of Studies politiques"),
    ("Московский государственный университет", "Moscow State University"),
    ("Universidad Católica de Valencia", "Valencia Catholic University"),
    ("Fakultní nemocnice Brno", "Brno University Hospital"),
    ("Kunsthochschule Kassel", "Kassel University of Arts"),
    ("Laboratoire de Génétique Moléculaire", "Molecular Genetics Laboratory"),
    ("Universitetssjukhuset Örebro", "Örebro University Hospital"),
    ("Gesundheitsministerium", "Ministry of Health"),
    ("Instituto de Ecología de la Ciudad de México", "Mexico City Institute of Ecology"),
    ("Telecomunicações de Angola", "Angola Telecommunications"),
    ("Ministero delle Finanze", "Ministry of Finance"),
    ("Institut de Statistique", "Statistics Institute"),
    ("Facultad de Teología de Granada", "Granada Faculty of Theology"),
    ("Institut für Hygiene Graz", "Graz Institute of Hygiene"),
    ("Instituto de Pesca de Santos", "Santos Institute of Fisheries"),
    ("Kobe Rika Daigaku", "Kobe University of Science"),
    ("Üsküdar Hukuk Fakültesi", "Uskudar Faculty of Law"),
    ("Jardín Botánico de Bogotá", "Bogota Botanical Garden"),
    ("Politeknik Kesehatan Negeri Bandung", "Bandung State Polytechnic of Health"),
]


@pytest.mark.parametrize(("home", "abroad"), SAME_WORDS)
def test_a_name_has_the_same_words_in_both_languages(home, abroad):
    assert keys_of(home)[0].sorted == keys_of(abroad)[0].sorted


def test_what_is_english_stays_as_it_is():
    for english in foreign_forms():
        assert translated([english]) == [english]


LIST = [
    Candidate(1, "National Autonomous University of Mexico", (), (), "Mexico", "Mexico City"),
    Candidate(2, "Graz University of Technology", (), (), "Austria", "Graz"),
    Candidate(3, "University of Graz", (), (), "Austria", "Graz"),
    Candidate(4, "Universidade Estadual de Campinas (UNICAMP)", (), (), "Brazil", "Campinas"),
    Candidate(5, "Western Connecticut State University", (), (), "United States", "Danbury"),
    Candidate(6, "University of Southern Denmark", (), (), "Denmark", "Odense"),
    Candidate(7, "Federal Institute for Materials Research and Testing", (), (), "Germany"),
    Candidate(8, "Medical Education University of Garhwal", ("hnbumu.ac.in",), (), "India"),
    Candidate(9, "Evolving Nano Process Infrastructure Center", ("eidec.co.jp",), (), "Japan"),
]


@pytest.mark.parametrize(
    ("record", "account_id"),
    [
        (Record("UNAM", country="MX"), 1),
        (Record("Technische Universität Graz", country="AT"), 2),
        (Record("Karl-Franzens Universität Graz", country="AT"), 3),
        (Record("UNICAMP", country="BR"), 4),
        (Record("HNBUMU", country="IN"), 8),
        (Record("EIDEC", country="JP"), 9),
        (Record("University of Southern Denmark - SDU", country="DK"), 6),
        (Record("Syddansk Universitet (University of Southern Denmark)", country="DK"), 6),
    ],
    ids=lambda value: str(value)[:40],
)
def test_acronyms_and_translations_find_their_institution(record, account_id):
    assert AccountIndex(LIST).match(record).account_id == account_id


def test_a_name_that_is_the_domain_of_an_account_says_so():
    match = AccountIndex(LIST).match(Record("HNBUMU", country="IN"))
    assert "its domain begins with 'HNBUMU'" in match.reasons
    assert AccountIndex(LIST).match(Record("Hnbu", country="IN")).verdict is not Verdict.ACCEPT


def test_the_other_side_of_a_country_is_another_institution():
    record = Record("Southern Connecticut State University", country="US")
    assert AccountIndex(LIST).match(record).verdict is not Verdict.ACCEPT


def test_a_list_of_names_alone_works_as_well():
    index = AccountIndex(Candidate(one.id, one.name) for one in LIST)
    match = index.match(Record("Technische Universität Graz"))
    assert (match.verdict, match.account_id) == (Verdict.ACCEPT, 2)
