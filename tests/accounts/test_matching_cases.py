"""What the matcher has to know of companies' names, places and addresses, and of hostile text."""

from __future__ import annotations

import pytest

from accounts.company_names import NAME_LIMIT
from accounts.matching import AccountIndex, Candidate, Record, Verdict
from accounts.matching.batch import Batch
from accounts.matching.candidates import COMPARED, pairs
from accounts.matching.engine import Engine
from accounts.matching.keys import WORDS, asked
from accounts.matching.values import Rules
from tests.accounts.companies import ALIKE

ACCEPT, REVIEW, NONE = Verdict.ACCEPT, Verdict.REVIEW, Verdict.NONE

CAST = [
    *ALIKE,
    Candidate(30, "Bank of America Corporation", ("bankofamerica.com",), (), "United States"),
    Candidate(31, "BD (Becton, Dickinson and Company)", ("bd.com",), (), "United States"),
    Candidate(32, "V.F. Corporation", ("vfc.com",), (), "United States"),
    Candidate(33, "A-B-C Packaging Machine Corp", ("abcpackaging.com",), (), "United States"),
    Candidate(34, "AMBA Defence", (), (), "United States"),
    Candidate(35, "Türk Telekomünikasyon A.Ş.", ("turktelekom.com.tr",), (), "Turkey"),
    Candidate(36, "Weiß & Söhne GmbH", ("weiss-soehne.de",), (), "Germany"),
    Candidate(
        37, "トヨタ自動車株式会社", ("toyota.co.jp",), ("Toyota Motor Corporation",), "Japan"
    ),
    Candidate(38, "ПАО Газпром", ("gazprom.ru",), (), "Russia"),
    Candidate(39, "Koninklijke Ahold Delhaize N.V.", ("aholddelhaize.com",), (), "Netherlands"),
    Candidate(40, "OOO Yandex Market", (), (), "Russia"),
    Candidate(41, "PJSC Lukoil", ("lukoil.com",), (), "Russia"),
    Candidate(42, "Grupo Bimbo, S.A.B. de C.V.", ("grupobimbo.com",), (), "Mexico"),
    Candidate(43, "Zabka Polska Sp. z o.o.", ("zabka.pl",), (), "Poland"),
    Candidate(44, "Telefonaktiebolaget LM Ericsson (publ)", ("ericsson.com",), (), "Sweden"),
    Candidate(45, "Merck KGaA", ("merckgroup.com",), (), "Germany", "Darmstadt"),
    Candidate(46, "Atlassian Pty Ltd", ("atlassian.com",), (), "Australia"),
    Candidate(47, "Samsung Electronics (UK) Ltd", (), (), "United Kingdom"),
    Candidate(48, "شركة الاتصالات السعودية", ("stc.com.sa",), ("Saudi Telecom Company",)),
    Candidate(49, "Umbra Holdings Ltd", ("umbra.co.uk",), (), "United Kingdom"),
    Candidate(50, "1&1 Drillisch AG", ("1und1-drillisch.de",), (), "Germany", "Maintal"),
    Candidate(51, "Bücher Meyer", ("xn--bcher-kva.de",), (), "Germany"),
]

NAMES = [
    # alike, and not the same
    ("Delta Airlines Inc", ACCEPT, 1),
    ("Delta Apparel", NONE, None),
    ("American Airlines", ACCEPT, 2),
    ("American Express", NONE, None),
    ("First Bancorp", REVIEW, None),
    ("First Bancorp, Inc.", REVIEW, None),
    ("First Bancorp of Indiana", NONE, None),
    ("Bank of America", ACCEPT, 30),
    ("Bank of Ireland", ACCEPT, 20),
    ("Bank of Montreal", NONE, None),
    # names that are hardly any
    ("AMBA", REVIEW, 34),
    ("Group", NONE, None),
    ("Inc.", NONE, None),
    ("BD", ACCEPT, 31),
    ("Becton Dickinson", REVIEW, 31),
    ("VF", ACCEPT, 32),
    ("3M Co", ACCEPT, 7),
    ("H.P.", ACCEPT, 8),
    ("ABC Packaging Machine", ACCEPT, 33),
    ("7 Eleven", ACCEPT, 10),
    ("7-11", NONE, None),
    ("Exx", REVIEW, 5),
    ("Atl", REVIEW, 46),
    # numbers
    ("Apollo Fund I", ACCEPT, 9),
    ("Apollo Fund II", REVIEW, 9),
    ("Apollo Fund III", REVIEW, 9),
    # other spellings
    ("SCHWAB CHARLES", ACCEPT, 6),
    ("ExxonMobil", ACCEPT, 5),
    ("Kohl&#8217;s", ACCEPT, 11),
    ("L\u2019OREAL", ACCEPT, 12),
    ("Turk Telekomunikasyon AS", ACCEPT, 35),
    ("Weiss und Soehne", ACCEPT, 36),
    ("Weiss & Sohne GmbH", ACCEPT, 36),
    ("ＥＸＸＯＮ ＭＯＢＩＬ", ACCEPT, 5),  # noqa: RUF001 - full width is the case
    ("トヨタ自動車", ACCEPT, 37),
    ("Toyota Motor", ACCEPT, 37),
    ("Газпром", ACCEPT, 38),
    ("Gazprom", ACCEPT, 38),
    ("\u200fشركة الاتصالات السعودية\u200f", ACCEPT, 48),
    ("Ex\u200bxon Mo\u00adbil", ACCEPT, 5),
    ("Royal Ahold Delhaize", ACCEPT, 39),
    ("Kon. Ahold Delhaize NV", ACCEPT, 39),
    # legal forms, before and after
    ("Yandex Market", ACCEPT, 40),
    ("Lukoil PAO", ACCEPT, 41),
    ("Astra International", ACCEPT, 21),
    ("Grupo Bimbo SAB de CV", ACCEPT, 42),
    ("Zabka Polska", ACCEPT, 43),
    ("Telefonaktiebolaget LM Ericsson", ACCEPT, 44),
    ("Merck KGaA", ACCEPT, 45),
    ("Atlassian", ACCEPT, 46),
    # nobody's name
    ("", NONE, None),
    ("   ", NONE, None),
    ("n/a", NONE, None),
    ("-", NONE, None),
    ("self-employed", NONE, None),
    ("Unknown", NONE, None),
    ("123456", NONE, None),
    # hostile
    ("Exxon\x00Mobil", ACCEPT, 5),
    ("\ud800Exxon Mobil", ACCEPT, 5),
    ("\u202eExxon Mobil", ACCEPT, 5),
    ("=Exxon Mobil", ACCEPT, 5),
    ('=HYPERLINK("http://x")', NONE, None),
    ("@SUM(A1)", NONE, None),
    ("x" * 10_000, NONE, None),
]

RECORDS = [
    (Record("First Bancorp", city="Raleigh", country="US"), ACCEPT, 4),
    (Record("Coop Himmelblau", country="AT"), NONE, None),
    # a company sits in more than one city, and namesakes in others
    (Record("Merck KGaA", country="DE", city="Frankfurt"), ACCEPT, 45),
    (Record("1&1 Drillisch", country="DE", city="Montabaur"), ACCEPT, 50),
    (Record("Delta Airlines", country="US", city="New York"), ACCEPT, 1),
    # a holding, a country's subsidiary
    (Record("Umbra Ltd", country="GB"), REVIEW, 49),
    (Record("Siemens Peru", country="PE"), REVIEW, 13),
    (Record("Samsung Electronics", country="GB"), ACCEPT, 47),
    (Record("Samsung Electronics", country="KR"), REVIEW, 47),
    (Record("Merck & Co., Inc.", country="US"), REVIEW, 45),
    # hosts in every spelling
    (Record(website="WWW.Delta.COM:443/x"), ACCEPT, 1),
    (Record(website="delta.com."), ACCEPT, 1),
    (Record(website="mail.delta.com"), ACCEPT, 1),
    (Record(email="Ops <ops@MAIL.delta.com>"), ACCEPT, 1),
    (Record(website="delta.co.uk"), NONE, None),
    (Record(website="https://bücher.de/x"), ACCEPT, 51),
    (Record(website="xn--bcher-kva.de"), ACCEPT, 51),
    (Record(website="co.uk"), NONE, None),
    (Record(website="github.io"), NONE, None),
    (Record(website="delta.github.io"), NONE, None),
    (Record(website="10.0.0.1"), NONE, None),
    (Record(website="http://[::1]:80"), NONE, None),
    # mailboxes and pages of anybody
    (Record(email="x@gmail.com"), NONE, None),
    (Record(email="x@web.de"), NONE, None),
    (Record(email="x@qq.com"), NONE, None),
    (Record("Kohl's", email="x@qq.com"), ACCEPT, 11),
    (Record(website="facebook.com/kohls"), NONE, None),
    (Record("Kohl's", "https://facebook.com/kohls"), ACCEPT, 11),
    (Record(website="https://kohls.wixsite.com/x"), NONE, None),
    (Record(email="@delta.com"), NONE, None),
    (Record(email="delta.com"), NONE, None),
    (Record(email="a@b@delta.com"), NONE, None),
    # the domain and the name disagree
    (Record("Kohl's", "schwab.com"), REVIEW, 6),
    (Record("Kohl's", "quite-another.com"), REVIEW, 11),
]


@pytest.fixture(scope="module")
def index():
    return AccountIndex(CAST)


@pytest.mark.parametrize(
    ("record", "verdict", "account_id"),
    [*((Record(name), *rest) for name, *rest in NAMES), *RECORDS],
    ids=lambda value: str(value)[:60].encode("ascii", "replace").decode(),
)
def test_every_case_has_its_answer(index, record, verdict, account_id):
    match = index.match(record)
    assert match.verdict is verdict, match
    assert account_id is None or match.account_id == account_id, match
    assert match.reasons
    assert all(reason.isprintable() for reason in match.reasons)


@pytest.mark.parametrize(
    ("record", "said"),
    [
        (Record("Drillisch", country="DE"), "rare word 'Drillisch' agrees"),
        (Record("Bank of Americca"), "the word 'Bank' agrees"),
        (
            Record("Siemens Peru", country="PE"),
            "'Peru' is not in its name",
        ),
        (Record("Apollo Fund II"), "number differs: II"),
    ],
    ids=str,
)
def test_the_most_telling_word_is_named_as_it_was_written(index, record, said):
    assert any(one.startswith(said) for one in index.match(record).reasons)


HOSTILE = [
    "x" * 10_000, "delta ember " * 900, "\x00\ud800\u202e" * 3_000, "(" * 10_000, "& + . " * 900,
    "\u200f\u05d0\u05d1\u05d2 " * 2_000, "\ufdfa" * 10_000, "1 " * 5_000, "a.b.c." * 2_000,
    "(a) " * 3_000, "d/b/a " * 2_000, "株式会社" * 3_000,
]  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE, ids=lambda name: ascii(name[:8]))
def test_of_a_name_without_end_no_more_is_compared_than_of_a_long_one(name):
    question, short = asked([Record(name, name, name, name, name, name), Record(name[:NAME_LIMIT])])
    assert question.keys == short.keys
    assert len(question.keys) <= 5
    assert all(len(key.words) <= WORDS for key in question.keys)
    engine = Engine(Rules())
    engine.extend(CAST)
    found = pairs(engine.table, engine.pieces, Batch(engine.table, [question]))
    assert len(found.question) <= COMPARED
    assert all(len(key.core) < 40 * NAME_LIMIT for key in question.keys)
