"""Webmail, access providers and page builders: they never name a company, unless it runs them."""

from __future__ import annotations

import pytest

from accounts.identity import whole_host
from accounts.matching import AccountIndex, Candidate, Record, Verdict

ACCEPT, REVIEW, NONE = Verdict.ACCEPT, Verdict.REVIEW, Verdict.NONE

CAST = [
    Candidate(1, "Deutsche Telekom AG", ("telekom.com", "t-online.de"), (), "Germany", "Bonn"),
    Candidate(2, "GoDaddy Inc.", ("godaddy.com", "godaddysites.com"), (), "United States"),
    Candidate(3, "Automattic Inc.", ("automattic.com", "wordpress.com"), ("WordPress",)),
    Candidate(4, "LinkedIn Corporation", ("linkedin.com",), (), "United States"),
    Candidate(5, "Kelso Insurance plc", ("kelso.com",), (), "United Kingdom"),
    Candidate(6, "Joe's Garage", ("gmail.com",)),
    Candidate(7, "Umbra Optics", ("gmail.com",)),
    Candidate(8, "Amazon.com, Inc.", ("amazon.com",), (), "United States"),
]

CASES = [
    # a mailbox is a customer's
    (Record(email="anna@t-online.de"), NONE, None),
    (Record(email="anna@wordpress.com"), NONE, None),
    (Record(email="anna@linkedin.com"), NONE, None),
    (Record("Anna Huber", email="anna@t-online.de"), NONE, None),
    (Record("Baeckerei Huber", email="anna@t-online.de"), NONE, None),
    (Record("Telekom", email="anna@t-online.de"), REVIEW, 1),
    # whoever is called so is the account, as without the mailbox
    (Record("Deutsche Telekom", email="anna@t-online.de"), ACCEPT, 1),
    (Record("Kelso Insurance", email="anna@t-online.de"), ACCEPT, 5),
    # the front page is the owner's
    (Record(website="t-online.de"), ACCEPT, 1),
    (Record(website="https://www.T-Online.de/"), ACCEPT, 1),
    (Record(website="godaddysites.com"), ACCEPT, 2),
    (Record(website="https://wordpress.com"), ACCEPT, 3),
    (Record(website="linkedin.com", email="anna@linkedin.com"), ACCEPT, 4),
    (Record("Deutsche Telekom", "t-online.de"), ACCEPT, 1),
    (Record("Telekom", "t-online.de"), ACCEPT, 1),
    (Record("T-Online", "t-online.de"), ACCEPT, 1),
    (Record("WordPress", "wordpress.com"), ACCEPT, 3),
    (Record("Linked In", "linkedin.com"), ACCEPT, 4),
    # what lives there is not
    (Record(website="https://t-online.de/~huber"), NONE, None),
    (Record(website="joe.wordpress.com"), NONE, None),
    (Record(website="https://wordpress.com/joe"), NONE, None),
    (Record(website="linkedin.com/company/kelso"), NONE, None),
    (Record("Baeckerei Huber", "t-online.de"), NONE, None),
    (Record("Baeckerei Huber", "https://linkedin.com"), NONE, None),
    (Record("Kelso Insurance", "linkedin.com/company/kelso"), ACCEPT, 5),
    (Record("Kelso Insurance", "linkedin.com"), ACCEPT, 5),
    (Record("Kelso Insurrance", "t-online.de"), ACCEPT, 5),
    # a domain of its own speaks, whatever the website
    (Record(website="t-online.de", email="jo@kelso.com"), ACCEPT, 5),
    (Record("Kelso Insurance", "t-online.de", "jo@kelso.com"), ACCEPT, 5),
    # a host that several accounts are listed with is nobody's
    (Record(website="gmail.com"), NONE, None),
    (Record("Umbra Optics", "gmail.com"), ACCEPT, 7),
    (Record("Umbra Optics", "umbra-optics.com"), ACCEPT, 7),
    # and one by which an account is called contradicts another domain
    (Record("Amazon.com", "amazon-books.com"), REVIEW, 8),
]


@pytest.fixture(scope="module")
def index():
    return AccountIndex(CAST)


@pytest.mark.parametrize(("record", "verdict", "account_id"), CASES, ids=str)
def test_who_a_host_of_many_tells_of(index, record, verdict, account_id):
    match = index.match(record)
    assert (match.verdict, match.account_id) == (verdict, account_id), match


def test_a_loaded_index_knows_who_runs_a_host(index, tmp_path):
    index.save(tmp_path / "index")
    loaded = AccountIndex.load(tmp_path / "index")
    records = [record for record, _, _ in CASES]
    assert loaded.match_many(records) == index.match_many(records)


def test_a_host_goes_with_its_account(index):
    now = AccountIndex(CAST)
    now.remove(6)
    assert now.match(Record(website="gmail.com")).account_id == 7
    now.remove(7)
    assert now.match(Record(website="gmail.com")).verdict is NONE


@pytest.mark.parametrize(
    ("website", "host"),
    [
        ("t-online.de", "t-online.de"),
        ("HTTPS://WWW.T-Online.de/", "t-online.de"),
        ("t-online.de.", "t-online.de"),
        ("home.t-online.de", None),
        ("t-online.de/huber", None),
        ("t-online.de?user=huber", None),
        ("kelso.com", None),
        ("", None),
        ("\x00\ud800", None),
    ],
)
def test_a_whole_host_is_the_front_page_of_one_that_many_share(website, host):
    assert whole_host(website) == host
