"""Two people at one account: the same, a question, or two; always with the reason."""

from __future__ import annotations

import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from accounts.people_matching import Likeness, Person, Verdict, is_role, same_person
from accounts.people_names import read_name

SAME, ASK, OTHER = Verdict.SAME, Verdict.ASK, Verdict.OTHER

NAMES = [
    # as it is written
    ("John Smith", "john  SMITH", SAME, "the same name"),
    ("Smith, John", "John Smith", SAME, "the same name"),
    ("DUPONT Jean", "Jean Dupont", SAME, "the same name"),
    ("Juan GARCÍA LÓPEZ", "García López, Juan", SAME, "the same name"),
    ("John Smith", "Jane Smith", OTHER, ""),
    ("John Smith", "John Brown", OTHER, ""),
    ("Pat O’Brien", "Pat O'Brien", SAME, "the same name"),
    ("Pat O'Brien", "Pat OBrien", SAME, "the same name"),
    ("Wang Xiaoming", "Xiaoming Wang", SAME, "the names stand in the other order"),
    ("Müller Hans", "Hans Müller", SAME, "the names stand in the other order"),
    ("James Thomas", "Thomas James", ASK, "the names stand in the other order"),
    ("Thomas, James", "James Thomas", SAME, "the same name"),
    ("Thomas, James", "Thomas James", ASK, "the names stand in the other order"),
    # titles, degrees, suffixes
    ("Dr. Ann Archer", "Ann Archer, PhD", SAME, "the same name"),
    ("Prof. Dr.-Ing. Ann Archer", "Ann Archer, MBA", SAME, "the same name"),
    ("Dipl.-Kfm. Max Weber", "Max Weber", SAME, "the same name"),
    ("Dr. rer. nat. h. c. Max Weber", "Weber, Dr. Max", SAME, "the same name"),
    ("Ann Archer, M.D.", "Ann Archer", SAME, "the same name"),
    ("Ann Lee Ph.D.", "Ann Lee", SAME, "the same name"),
    ("Jack Ma", "Jack Ma, MA", SAME, "the same name"),
    ("Mr. Smith", "John Smith", ASK, "one of them has no first name"),
    ("John Smith Jr.", "John Smith Sr.", OTHER, ""),
    ("John Smith, Jr.", "John Smith", ASK, "only one of them is called jr"),
    ("Smith, John, III", "John Smith III", SAME, "the same name"),
    ("John Smith II", "John Smith III", OTHER, ""),
    # particles, double names
    ("Jan van der Berg", "Berg, Jan van der", SAME, "the same name"),
    ("Jan Vanderberg", "Jan van der Berg", SAME, "the same name"),
    ("Jan Berg", "Jan van der Berg", SAME, "the same name"),
    ("Jan van Berg", "Jan von Berg", ASK, "van Berg is not quite von Berg"),
    ("María de la Cruz", "De La Cruz, Maria", SAME, "the same name"),
    ("Hans-Peter Müller", "Hans Peter Müller", SAME, "the same name"),
    ("Hanspeter Müller", "Hans-Peter Müller", SAME, "the same name"),
    ("Hans-Peter Müller", "Hans Müller", ASK, "Hans and Hans-Peter have a name in common"),
    ("Anna Müller-Schmidt", "Anna Müller", ASK, "Müller and Müller-Schmidt have a name in common"),
    ("Anna Müller-Schmidt", "Anna Schmidt", ASK, "have a name in common"),
    ("Anna Schmidt (geb. Müller)", "Anna Müller", ASK, "have a name in common"),
    ("Juan García López", "Juan García", ASK, "García and López have a name in common"),
    ("Juan Carlos García López", "Juan García López", SAME, "the same name"),
    ("Anna Müller", "Anna Schmidt", OTHER, ""),
    # middle names and initials
    ("John Q. Smith", "John Smith", SAME, "the same name"),
    ("John Quincy Smith", "John Q. Smith", SAME, "the same name"),
    ("John A. Smith", "John B. Smith", OTHER, ""),
    ("Juan Carlos Ruiz", "Juan Pablo Ruiz", OTHER, ""),
    ("J. Smith", "John Smith", SAME, "the initial J. fits John"),
    ("J Smith", "J. Smith", SAME, "both have the initial J."),
    ("K. Smith", "John Smith", OTHER, ""),
    ("J. P. Dupont", "Jean-Pierre Dupont", SAME, "the initial J. fits Jean-Pierre"),
    ("J.-P. Dupont", "JP Dupont", SAME, "both have the initial J."),
    ("J. M. Dupont", "Jean-Pierre Dupont", OTHER, ""),
    ("John S.", "John Smith", SAME, "the initial S. fits Smith"),
    ("J. S.", "John Smith", ASK, "the initial S. fits Smith"),
    ("Edgar Hoover", "John Edgar Hoover", ASK, "Edgar may be called by a middle name"),
    # short names
    ("Bill Gates", "William Gates", SAME, "Bill is short for William"),
    ("Bob Smith", "Robert Smith", SAME, "Bob is short for Robert"),
    ("Bill Smith", "Will Smith", SAME, "Bill and Will may both be"),
    ("Kate Moss", "Katherine Moss", SAME, "Kate is short for Katherine"),
    ("Catherine Moss", "Katherine Moss", SAME, "Catherine is another form of Katherine"),
    ("Sasha Petrov", "Alexander Petrov", SAME, "Sasha is short for Alexander"),
    ("Sasha Petrova", "Alexandra Petrova", SAME, "Sasha is short for Alexandra"),
    ("Alexander Petrov", "Alexandra Petrov", OTHER, ""),
    ("Hans Meier", "Johannes Meier", SAME, "Hans is short for Johannes"),
    ("Uschi Meier", "Ursula Meier", SAME, "Uschi is short for Ursula"),
    ("Paco Ruiz", "Francisco Ruiz", SAME, "Paco is short for Francisco"),
    ("Beppe Rossi", "Giuseppe Rossi", SAME, "Beppe is short for Giuseppe"),
    ("Kees Jansen", "Cornelis Jansen", SAME, "Kees is short for Cornelis"),
    ("Kasia Nowak", "Katarzyna Nowak", SAME, "Kasia is short for Katarzyna"),
    ("Vova Orlov", "Vladimir Orlov", SAME, "Vova is short for Vladimir"),
    ('William "Bill" Smith', "Bill Smith", SAME, "Bill is what they say"),
    ("Bob Smith", "Robert Smyth", OTHER, ""),
    # other alphabets, other spellings
    ("Hans Müller", "Hans Mueller", SAME, "is another spelling of"),
    ("Hans Müller", "Hans Muller", SAME, "the same name"),
    ("Hans Bauer", "Hans Baur", OTHER, ""),
    ("Michael Stone", "Michal Stone", OTHER, ""),
    ("Håkon Aas", "Haakon Aas", SAME, "is another spelling of"),
    ("Юлия Щербакова", "Julia Scherbakowa", SAME, "is another spelling of"),
    ("Дмитрий Чайковский", "Dmitri Tchaikovsky", SAME, "is another spelling of"),
    ("Саша Петров", "Alexander Petrov", SAME, "Саша is short for Alexander"),
    ("Γιώργος Παπαδόπουλος", "Giorgos Papadopoulos", SAME, "is another spelling of"),
    ("王小明", "Xiao-Ming Wang", SAME, "the same name"),
    ("王小明", "Wang Xiao Ming", SAME, "the names stand in the other order"),
    ("欧阳修", "Xiu Ouyang", SAME, "the same name"),
    ("김철수", "Kim Cheol-su", SAME, "the names stand in the other order"),
    # slips of the pen
    ("Ann Featherstone", "Ann Fetherstone", ASK, "is nearly"),
    ("Ann Featherstonehaugh", "Ann Fetherstonhaugh", ASK, "is nearly"),
    ("Micheal Brandt", "Michael Brandt", ASK, "Michael is nearly Micheal"),
    ("Ann Smith", "Ann Smits", OTHER, ""),
    ("Maria Lang", "Marta Lang", OTHER, ""),
    # one word
    ("Ann", "Ann", SAME, "the same name"),
    ("Ann", "Ann Archer", ASK, "one of them has one name only"),
    ("Archer", "Ann Archer", ASK, "Archer may be the family name"),
    ("Ann", "Bo", OTHER, ""),
]  # fmt: skip

HOSTILE = [
    "", " ", "\0", "\ud800", "x", "J", "🦊", "🦊 Fox", "\u202eJohn Smith", "Jo\u200bhn Smith",
    "A" * 10_000, "a " * 5_000, ",", ",,,", "Dr.", "Dr. Dr. Dr.", "Jr.", "III", "'", "-", "- -",
    "van der", "(geb. )", '""', "()", "@", "a@b", "geb. X", "Smith,", ", John", "PhD, MBA", "王",
    "\uff41\uff4e\uff4e", "ß", "\N{COMBINING ACUTE ACCENT}", "M.D.", "ll", "yy ouou", "-a- b-",
]  # fmt: skip


@pytest.mark.parametrize(("one", "other", "verdict", "reason"), NAMES)
def test_two_names(one: str, other: str, verdict: Verdict, reason: str):
    found = same_person(Person(one), Person(other))
    assert found.verdict is verdict, found
    assert reason in "; ".join(found.reasons)
    assert found == same_person(Person(other), Person(one))


def two(one: Person, other: Person) -> tuple[Verdict, str]:
    found = same_person(one, other)
    assert found == same_person(other, one)
    return found.verdict, "; ".join(found.reasons)


JOHN = Person("John Smith", "john.smith@acme.com")


@pytest.mark.parametrize(
    ("one", "other", "verdict", "reason"),
    [
        (JOHN, Person("Johnny S.", JOHN.email), SAME, "the same address"),
        (JOHN, Person("", JOHN.email), SAME, "the same address"),
        (JOHN, Person(JOHN.email, JOHN.email), SAME, "the same address"),
        (JOHN, Person("John Brown", JOHN.email), ASK, "the family name is Brown or Smith"),
        (JOHN, Person("Bo Brook", JOHN.email), ASK, "the names are Bo Brook and John Smith"),
        (Person("John Smith Sr", "js@acme.com"), Person("John Smith Jr", "js@acme.com"), ASK,
         "the same address"),
        (JOHN, Person("John Smith", "j.smith@acme.com"), ASK, "an address of their own"),
        (JOHN, Person("John Smith", "jsmith77@gmail.com"), ASK, "an address of their own"),
        (JOHN, Person("John Smith", "john.smith+crm@acme.com"), SAME, "the same name"),
        (JOHN, Person("Ann Archer", "john.smith+crm@acme.com"), OTHER, ""),
        (JOHN, Person("John Smith", "info@acme.com"), SAME, "the same name"),
        (Person("Ann Archer", "info@acme.com"), Person("Bo Brook", "info@acme.com"), OTHER, ""),
        (Person("Ann Archer", "info@acme.com"), Person("A. Archer", "info@acme.com"), SAME,
         "the initial A. fits Ann"),
        (Person("", "info@acme.com"), Person("info@acme.com", "info@acme.com"), SAME, "address"),
        # what the address says of the name
        (Person("J. Smith", "jane.smith@acme.com"), Person("John Smith"), OTHER, ""),
        (Person("J. Smith", "john.smith@acme.com"), Person("John Smith"), SAME,
         "as the address spells it"),
        (Person("Alex Lee", "alexandra.lee@acme.com"), Person("Alexander Lee"), OTHER, ""),
        (Person("", "john.smith@acme.com"), Person("John Smith"), SAME, "as the address spells it"),
        (Person("J. Smith", "jsmith@acme.com"), Person("John Smith"), SAME, "fits the name"),
        (Person("", "js@acme.com"), Person("John Smith"), OTHER, ""),
        # what else they share
        (Person("Ann Featherstone", phone="+4930123", title="CFO"),
         Person("Ann Fetherstone", phone="+4930123", title="cfo"), SAME, "the same phone"),
        (Person("Ann Featherstone", phone="+4930123"), Person("Ann Fetherstone", phone="+4930123"),
         ASK, "the same phone"),
        (Person("Ann Archer", phone="+4930123"), Person("Bo Brook", phone="+4930123"), OTHER, ""),
        # who has left
        (Person("John Smith", gone=True), Person("J. Smith"), ASK, "one of them has left"),
        (Person("John Smith", gone=True), Person("John Smith"), SAME, "the same name"),
    ],
)  # fmt: skip
def test_addresses_and_what_else_is_known(one, other, verdict, reason):
    found, reasons = two(one, other)
    assert found is verdict, reasons
    assert reason in reasons


def test_what_is_sure_is_likelier_than_what_is_not():
    def chance(one: str, other: str) -> float:
        return same_person(Person(one), Person(other)).probability

    same, short = chance("John Smith", "Smith, John"), chance("Bob Smith", "Robert Smith")
    assert 1 > same > short > chance("Ann Featherstone", "Ann Fetherstone") > 0
    assert same_person(Person("John Smith"), Person("Smith, John")).sure
    assert not same_person(Person("J. Smith"), Person("John Smith")).sure


@pytest.mark.parametrize(
    ("address", "role"),
    [("info@a.com", True), ("sales.emea@a.com", True), ("noreply@a.com", True),
     ("ann.info@a.com", False), ("infomann@a.com", False), ("", False)],
)  # fmt: skip
def test_an_office_is_nobody(address, role):
    assert is_role(address) is role


# ---------------------------------------------------------------- any text


@pytest.mark.parametrize("one", HOSTILE)
@pytest.mark.parametrize("other", [*HOSTILE, "John Smith"])
def test_no_text_breaks_it(one: str, other: str):
    assert two(Person(one), Person(other)) == two(Person(other), Person(one))
    if read_name(one) and "@" not in one:
        assert same_person(Person(one), Person(one)).verdict is SAME
    else:
        assert same_person(Person(one), Person(other)).verdict is OTHER


def test_marks_that_show_nothing_change_nothing():
    assert two(Person("\u202eJo\u200bhn Smith\0"), Person("John Smith"))[0] is SAME


def test_a_pasted_book_takes_no_time():
    start = time.process_time()
    for sign in ("a", "a ", "a-", "Dr. ", "(", "geb. ", "van ", "ä", "王", "ue", '"x" '):
        read_name(sign * 200_000)
        same_person(Person(sign * 100_000), Person(sign * 99_999))
    assert time.process_time() - start < 2


words = st.sampled_from(
    [
        "Bill",
        "William",
        "J.",
        "Ann",
        "Anna",
        "Müller",
        "Mueller",
        "Muller",
        "Smith",
        "Smith-Jones",
        "van",
        "der",
        "Dr.",
        "Jr.",
        "PhD",
        ",",
        "-",
    ]
)
texts = st.one_of(st.text(max_size=30), st.lists(words, max_size=5).map(" ".join))
mails = st.sampled_from(["", "ann@acme.com", "bill.smith@acme.com", "info@acme.com", "a@gmail.com"])
people = st.builds(
    Person, texts, mails, st.sampled_from(["", "+4930123"]), st.sampled_from(["", "CFO"]),
    st.booleans(),
)  # fmt: skip


@given(people, people)
@example(Person("0"), Person("0", gone=True))
def test_neither_comes_first(one: Person, other: Person):
    found = same_person(one, other)
    assert found == same_person(other, one)
    assert (found == Likeness(OTHER)) == (found.verdict is OTHER)
    assert found.verdict is OTHER or (found.reasons and 0 < found.probability < 1)
    assert found.verdict is SAME or not found.sure


@given(people)
def test_everybody_is_themselves(one: Person):
    known = read_name(one.name) if "@" not in one.name else None
    alone = same_person(one, one)
    assert alone.verdict is (SAME if known or one.email else OTHER) or one.gone
