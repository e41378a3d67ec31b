"""Names, domains, addresses and phones as keys: what is the same must become the same."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from accounts.company_names import by_all_rules, name_key, read_name, told_apart
from accounts.countries import country_key
from accounts.identity import (
    clean_text,
    domain_key,
    email_domain,
    email_key,
    is_free_mail,
    is_shared_host,
    own_domain,
    phone_key,
)

SAME_COMPANY = [
    ("ExxonMobil", "Exxon Mobil Corp."),
    ("Kohl&#8217;s Corp", "Kohl's"),
    ("Kohls", "Kohl\u2019s Corporation"),
    ("Deere & Co.", "DEERE + COMPANY"),
    ("AT&amp;T Inc.", "AT&T"),
    ("L'Oréal S.A.", "LOREAL"),
    ("Türk Telekom", "TURK TELEKOM A.S."),
    ("Weiß Straßenbau GmbH", "Weiss Strassenbau"),
    ("\uff21\uff23\uff2d\uff25 Ltd", "Acme Limited"),
    ("\u200fAcme\u200b\u00ad", "acme"),
    ("Газпром ПАО", "PJSC Gazprom"),
    ("株式会社ソニー", "ソニー"),
    ("Koninklijke Philips N.V.", "Royal Philips"),
    ("Kon. Philips", "Koninklijke Philips NV"),
    ("PT Astra International Tbk", "Astra International"),
    ("OOO Lukoil", "Lukoil"),
    ("Grupo Bimbo, S.A.B. de C.V.", "Grupo Bimbo"),
    ("CD Projekt Sp. z o.o.", "CD Projekt"),
    ("AB Volvo (Publ)", "AB Volvo"),
    ("Volvo AB (publ)", "Volvo"),
    ("Merck KGaA", "Merck"),
    ("Rio Tinto Pty Ltd", "Rio Tinto"),
    ("U.S. Steel Corp", "US Steel"),
    ("A. O. Smith Corporation", "AO Smith"),
    ("The Boston Beer Company, Inc.", "Boston Beer"),
    ("Coca-Cola Co (The)", "The Coca-Cola Company"),
    ("A-B-C", "ABC"),
    ("7-Eleven, Inc.", "7 Eleven"),
    ("Intl Paper Co", "International Paper"),
    ("FOO CORP /DE/", "Foo"),
    ("FOO CORP /CAYMAN ISLANDS/", "Foo"),
    ("Foo UAB", "Foo"),
    ("Foo W.L.L.", "Foo"),
    ("Vinafoo JSC", "Vinafoo"),
    ("Foo EOOD", "Foo"),
    ("Ústav Foo, v. v. i.", "Ústav Foo"),
    ("SANDVIK AB SANDVIK", "Sandvik"),
    ("AMERESCO INC.CL.A", "Ameresco, Inc."),
    ("Mueller GmbH & Co. KG", "Mueller"),
    ("Acme Public Compayn Limited", "Acme plc"),
    ("Acme Corporaiton", "Acme"),
]


@pytest.mark.parametrize(("one", "other"), SAME_COMPANY)
def test_spellings_of_one_company_share_a_core(one, other):
    assert name_key(one).core == name_key(other).core != ""


DIFFERENT = [
    ("Delta Air Lines", "Delta Apparel"),
    ("Fund I", "Fund II"),
    ("Samsung", "Samsung (China) Ltd"),
    ("FDM Group (Holdings) plc", "FDM Group"),
    ("Acme", "Acme Holding"),
    ("3M", "3i"),
    ("HP Inc", "VF Corp"),
]


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_different_companies_keep_different_cores(one, other):
    assert name_key(one).core != name_key(other).core


@pytest.mark.parametrize(
    "name", ["Coop", "AMBA", "3M", "HP", "BD", "VF", "SE", "AG", "GmbH & Co. KG"]
)
def test_a_name_of_legal_forms_is_never_emptied(name):
    assert name_key(name).core


@pytest.mark.parametrize("name", ["Limite", "Corporatio", "Acme Unlimited", "Accompany Health"])
def test_a_word_that_only_looks_like_a_legal_form_stays(name):
    assert name_key(name).core == name.replace(" ", "").lower()


def test_legal_forms_stand_beside_the_name_in_one_spelling():
    assert name_key("Acme Limited").legal == name_key("ACME LTD.").legal == ("ltd",)
    assert name_key("Acme").legal == ()


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("Philippine Long Distance Telephone (PLDT)", "pldt"),
        ("Acme Inc. d/b/a Roadrunner Supply", "roadrunnersupply"),
        ("Meta (formerly Facebook)", "facebook"),
        ("Alphabet formerly Google Inc", "google"),
    ],
)
def test_other_names_are_kept_as_alternatives(text, other):
    assert other in [name.core for name in name_key(text).alternatives]


@pytest.mark.parametrize("text", ["Acme (Japan)", "Acme Corp. (U.K.)", "Acme Ltd (Viet Nam)"])
def test_a_country_in_brackets_at_the_end_is_a_word_of_the_name_and_of_a_longer_one(text):
    key = name_key(text)
    assert key.core != "acme"
    assert [one.core for one in key.alternatives] == ["acme"]


def test_a_number_in_brackets_is_no_other_name():
    assert name_key("Acme Systems (1985) Ltd").alternatives == ()


@pytest.mark.parametrize("text", ["Acme (The)", "Acme (Publ)", "Acme (New)", "Acme (Holdings)"])
def test_brackets_that_only_qualify_are_no_other_name(text):
    assert name_key(text).alternatives == ()


@pytest.mark.parametrize(
    "name",
    ["", " ", "n/a", "N.A.", "none", "self employed", "Self-Employed", "-", "123", "\x00", "Inc.",
     "Test", "xxx", "The Company Ltd", "\u200b", "???"],
)  # fmt: skip
def test_junk_names_no_company(name):
    assert name_key(name).is_junk


def test_a_number_with_a_legal_form_is_a_company():
    assert not name_key("111, Inc.").is_junk


@given(st.text(max_size=80))
def test_any_text_has_a_key_and_the_key_is_plain(text):
    name = name_key(text)
    assert name.core == "".join(name.tokens)
    assert name.core.isascii()
    assert name.core == name.core.casefold()


WORDS = st.sampled_from([
    "acme", "anyname", "the", "and", "&", "+", "-", "co", "ltd", "ltd.", "inc", "limted", "s.p.a.",
    "a", "b", "h", "pt", "ag", "gmbh", "kgaa", "hldgs", "intl", "common", "stock", "class", "d/b/a",
    "public", "joint", "company", "de", "cv", "(uk)", "o'neill", "3m", "türk", "\n", "\x01", "\t",
])  # fmt: skip


@given(st.lists(st.lists(WORDS, max_size=8).map(" ".join), max_size=5))
def test_names_that_are_read_together_are_read_as_each_alone_by_all_rules(names):
    told = [None if one is None else (tuple(one[0]), one[1]) for one in told_apart(names)]
    for name, found in zip(names, told, strict=True):
        rules = by_all_rules(name)
        assert read_name(name) == rules
        assert found is None or (found == (rules.tokens, rules.legal) and not rules.alternatives)


@given(st.text(max_size=60))
def test_case_does_not_matter_in_ascii(text):
    plain = text.encode("ascii", "ignore").decode()
    assert name_key(plain.upper()).core == name_key(plain.lower()).core


def test_hostile_names_take_bounded_time():
    for text in ["x" * 10_000, "a " * 5_000, "(" * 10_000, "\ud800" * 100, "\ufdfa" * 10_000]:
        assert len(name_key(text).core) < 10_000


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("HTTPS://user:pw@WWW.Acme.CO.UK:8080/x?y#z", "acme.co.uk"),
        ("acme.com.", "acme.com"),
        ("mail.acme.de", "acme.de"),
        ("//acme.com/x", "acme.com"),
        ("acme.com/team@home", "acme.com"),
        ("foo.github.io", "foo.github.io"),
        ("bücher.de", "xn--bcher-kva.de"),
        ("XN--BCHER-KVA.de", "xn--bcher-kva.de"),
        ("https://www.linkedin.com/company/acme", "linkedin.com"),
        ("github.io", None),
        ("co.uk", None),
        ("shop.acme.co.ck", "acme.co.ck"),  # *.ck
        ("acme.ck", None),
        ("www.ck", "www.ck"),  # !www.ck
        ("mail.city.kawasaki.jp", "city.kawasaki.jp"),
        ("a." * 100 + "acme.com", "acme.com"),
        ("192.168.0.1", None),
        ("http://[::1]/", None),
        ("http://2130706433/", None),
        ("localhost", None),
        ("acme", None),
        ("anna@acme.com", None),
        ("mailto:anna@acme.com", None),
        ("javascript:alert(1)", None),
        ("a b.com", None),
        ("http://a..com", None),
        ("http://", None),
        ("", None),
        ("x" * 10_000 + ".com", None),
    ],
)
def test_domains(text, domain):
    assert domain_key(text) == domain


@given(st.text(max_size=60))
def test_any_text_has_a_domain_or_none_and_the_key_is_stable(text):
    domain = domain_key(text)
    assert domain is None or domain_key(domain) == domain


@example("@\u00af")
@given(st.text(max_size=60))
def test_an_email_key_never_fails_and_is_stable(text):
    assert email_key(email_key(text)) == email_key(text)


def test_email_keys():
    assert email_key(" Anna.B@ACME.com ") == "anna.b@acme.com"
    assert email_key("x@münchen.de") == "x@xn--mnchen-3ya.de"
    assert email_domain("a@MAIL.acme.co.uk") == "acme.co.uk"
    assert email_domain("a@googlemail.com") == "gmail.com"
    assert [email_domain(bad) for bad in ("x@@acme.com", "a@b@c.com", "@acme.com", "x", "")] == [
        None
    ] * 5


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("Ann.Archer@gmail.com", "annarcher@gmail.com"),
        ("ann.archer+abm@GoogleMail.com", "annarcher@gmail.com"),
        ("ann.archer+abm@hotmail.com", "ann.archer@hotmail.com"),
        ("ann+a+b@icloud.com", "ann@icloud.com"),
        ("ann+abm@acme.com", "ann+abm@acme.com"),  # only acme.com knows
        ("ann.archer@acme.com", "ann.archer@acme.com"),
        ("+abm@gmail.com", "+abm@gmail.com"),
        ("...@gmail.com", "...@gmail.com"),
        ("ann@gmail.com.evil.example", "ann@gmail.com.evil.example"),
        ("@gmail.com", "@gmail.com"),
    ],
)
def test_a_mailbox_has_one_key_where_its_provider_says_so(address, key):
    assert email_key(address) == key == email_key(key)


def test_free_mail_and_shared_hosts_never_identify():
    assert is_free_mail("gmail.com")
    assert is_free_mail("WEB.de")
    assert is_shared_host("linkedin.com")
    assert own_domain("https://linkedin.com/company/acme", "anna@qq.com") is None
    assert own_domain("facebook.com/acme", "anna@acme.com") == "acme.com"


def test_phones():
    assert phone_key("030 / 123 45 67", "Germany") == phone_key("+49 30 1234567") == "+49301234567"
    for bad in ("030 1234567", "", "abc", "+1", "9" * 5_000):
        assert phone_key(bad) is None


def test_countries():
    assert {country_key(one) for one in ("Germany", "DE", "deutschland", "DEU")} == {"DE"}
    assert country_key("Türkiye") == country_key("Turkey") == "TR"
    assert country_key("U.S.A.") == country_key("United States") == "US"
    assert country_key("Korea, Republic of") == "KR"
    assert country_key("Côte d'Ivoire") == "CI"
    assert country_key("Atlantis") is country_key("") is None


def test_clean_text_removes_what_shows_nothing_and_keeps_letters():
    assert clean_text("A\x00b\r\n\u202ec\ud800\u2028d") == "A b c d"
    persian = "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"  # the joiner shapes a letter
    assert clean_text(persian) == persian


@given(st.text())
def test_clean_text_is_stable_and_can_be_stored(text):
    cleaned = clean_text(text)
    assert clean_text(cleaned) == cleaned
    cleaned.encode("utf-8")
