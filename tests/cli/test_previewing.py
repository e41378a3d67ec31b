"""preview: what a step will say to one person, of the real command, in a real project."""

from __future__ import annotations

from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from sqlmodel import SQLModel, func, select

from accounts.records import Account, Alias, Contact, Suppression
from orchestrator.records import PlaybookVersion, SeatHolder
from orchestrator.settings import load
from orchestrator.store.database import Database
from tests.cli.conftest import Abm
from tests.support import cast
from tests.support.cast import NOW

PLAY = """\
name: hello
title: Say hello
for: {signed: no}
committee:
  champion: {role: champion}
  buyer: {role: economic_buyer}
steps:
  - id: write
    email: {to: champion, template: email/hello}
    from: owner
    after: []
  - id: teach
    email: {to: champion}
    split: {a: {template: email/hello}, b: {template: email/other}}
  - id: ring
    call: {to: champion, script: call/hello, text: Have the study at hand.}
    title: Ring and say hello
    by: sdr
    overdue: [proceed]
  - id: again
    email: {to: ring.contact, template: email/other}
  - id: tell
    notify: {who: owner, text: The play is nearly over.}
  - id: settle
    wait_for: {until: any.clicked('write'), at_most: 2w}
  - id: money
    email: {to: buyer, template: email/hello}
  - id: own
    email: {to: champion, template: {tier-1: email/other, otherwise: email/hello}}
"""
HELLO = """\
---
subject: A question about {{ account.name }}
---
Hi {{ contact.first_name }},

I am *glad* to write.

{{ sender.name }}

[No more]({{ unsubscribe }})
"""
TEMPLATES = {
    "email/hello": HELLO,
    "email/other": HELLO.replace("A question about", "The other one for"),
    "call/hello": "Good morning {{ contact.first_name }}, this is {{ sender.name }}.\n",
}


@pytest.fixture
def file(abm: Abm) -> Path:
    """The playbook of these tests, written and not applied."""
    path = abm.project / "playbooks" / "hello.yaml"
    path.write_text(PLAY, "utf-8")
    for name, text in TEMPLATES.items():
        template = abm.project / "templates" / f"{name}.j2"
        template.write_text(text, "utf-8")
    (abm.project / "abm.toml").write_text(
        "clock = 'file:now.txt'\n[mail]\nsender = 'hello@us.example'\nunsubscribe = 'https://us.example/u'\n",
        "utf-8",
    )
    (abm.project / "now.txt").write_text(NOW.isoformat(), "utf-8")
    database = Database(load(abm.project).database_url)
    with database.writing() as session:
        acme = cast.company(session, "Acme", tier=1)
        cast.company(session, "Globex")
        cast.person(session, acme, "Bob Baker", role="champion", engagement=5.0)
        cast.person(session, acme, "Ann Archer", role="champion", engagement=9.0,
                    phone="+49301234567")  # fmt: skip
        cast.person(session, acme, "Tom Tyler", role="user")
        cast.user(session, "dana", "sales", role="sdr")
        assert acme.id is not None
        session.add(Alias(account_id=acme.id, kind="domain", value="acme-group.example",
                          created_at=NOW))  # fmt: skip
    database.dispose()
    return path


def counts(abm: Abm) -> dict[str, int | None]:
    """How many rows each table has."""
    database = Database(load(abm.project).database_url)
    with database.reading() as session:
        tables = SQLModel.metadata.sorted_tables
        found = {
            one.name: session.connection().execute(select(func.count()).select_from(one)).scalar()
            for one in tables
        }
    database.dispose()
    return found


def mails(abm: Abm) -> list[EmailMessage]:
    """What stands in the project's maildir."""
    folder = abm.project / ".abm" / "maildir" / "new"
    files = sorted(folder.iterdir()) if folder.exists() else []
    return [message_from_bytes(one.read_bytes(), policy=policy.default) for one in files]


# ---------------------------------------------------------------- what is shown


def test_a_mail_is_shown_as_it_would_leave_from_a_file_that_nobody_applied(abm: Abm, file: Path):
    before = counts(abm)
    out = abm("preview", file, "write", "--account", "Acme")
    for part in (
        "hello, write: email to Ann Archer of Acme",
        "in their place it could reach Bob Baker: --contact chooses",
        "From: My workspace <hello@us.example>",
        "To: Ann Archer <ann.archer@acme.example>",
        "Subject: A question about Acme",
        "Hi Ann,",
        "https://us.example/u/preview",
    ):
        assert part in out
    assert "Tom Tyler" not in out
    assert counts(abm) == before
    assert not mails(abm)


def test_an_account_that_is_no_target_yet_hears_from_whom_it_would_get(abm: Abm, file: Path):
    abm("user", "add", "sam", "--team", "sales", "--email", "sam@us.example", "--role", "owner")
    assert "nothing was said" in abm("user", "change", "sam", code=1)
    assert "is no time zone" in abm("user", "change", "sam", "--zone", "Berlin/Europe", code=1)
    said = abm("user", "change", "sam", "--full-name", "Sam Seller", "--title", "Director")
    assert said == "Sam Seller works in sales as owner\n"
    (abm.project / "agreement.yml").write_text(
        "account_team: {owner: sales, sdr: sales}\n", "utf-8"
    )
    abm("apply", abm.project / "agreement.yml")
    out = abm("preview", file, "write", "--account", "Acme")
    assert "From: Sam Seller <sam@us.example>" in out


def test_an_applied_playbook_goes_by_its_name(abm: Abm, file: Path):
    abm("apply", file)
    told = abm.json("preview", "hello", "write", "--account", "acme.example")
    assert told["contact"] == "Ann Archer"
    assert told["arms"][0]["subject"] == "A question about Acme"
    assert "did you mean 'hello'?" in abm("preview", "helo", "write", "--account", "Acme", code=1)
    out = abm("preview", "nowhere.yaml", "write", "--account", "Acme", code=1)
    assert "nowhere.yaml cannot be read" in out


def test_the_preview_says_the_very_bytes_of_the_letter(abm: Abm, file: Path):
    """All but what a plan adds: the key in Message-ID and in the unsubscribe link."""
    abm("apply", file)
    abm("enroll", "hello", "Acme")
    told = abm.json("preview", "hello", "write", "--account", "Acme")["arms"][0]
    abm("tick", "--once")
    left = [one for one in mails(abm) if one["Subject"] == "A question about Acme"]
    assert left
    body = left[0].get_body(("plain",))
    assert body is not None
    words = "\n".join(body.get_content().splitlines())
    key = left[0]["Message-ID"].strip("<").partition(".")[0]
    assert words.replace(key, "preview") == told["text"]
    assert (str(left[0]["From"]), str(left[0]["To"])) == (told["sender"], told["to"])


def test_a_call_is_shown_as_its_rep_will_read_it(abm: Abm, file: Path):
    out = abm("preview", file, "ring", "--account", "Acme")
    for part in (
        "hello, ring: call to Ann Archer of Acme",
        "From: Dana",
        "To: +49301234567",
        "Subject: Ring and say hello",
        "Have the study at hand.",
        "Good morning Ann, this is Dana.",
    ):
        assert part in out


def test_every_arm_of_a_split_is_shown_and_the_account_s_own_is_named(abm: Abm, file: Path):
    told = abm.json("preview", file, "teach", "--account", "Acme")
    assert [one["name"] for one in told["arms"]] == ["a", "b"]
    assert [one["subject"] for one in told["arms"]] == [
        "A question about Acme", "The other one for Acme",
    ]  # fmt: skip
    assert sum(one["drawn"] for one in told["arms"]) == 1
    assert ", which Acme gets" in abm("preview", file, "teach", "--account", "Acme")


def test_an_account_is_shown_the_words_for_its_tier(abm: Abm, file: Path):
    [told] = abm.json("preview", file, "own", "--account", "Acme")["arms"]
    assert (told["template"], told["subject"]) == ("email/other", "The other one for Acme")


def test_the_html_part_is_written_to_a_file_one_for_each_arm(abm: Abm, file: Path, tmp_path: Path):
    page = tmp_path / "mail.html"
    abm("preview", file, "write", "--account", "Acme", "--html", page)
    assert "Hi Ann," in page.read_text("utf-8")
    abm("preview", file, "teach", "--account", "Acme", "--html", page)
    assert "glad" in (tmp_path / "mail.b.html").read_text("utf-8")
    out = abm("preview", file, "ring", "--account", "Acme", "--html", page, code=1)
    assert "ring has no HTML part" in out
    nowhere = tmp_path / "none" / "mail.html"
    out = abm("preview", file, "write", "--account", "Acme", "--html", nowhere, code=1)
    assert "cannot be written" in out


# ---------------------------------------------------------------- whom


@pytest.mark.parametrize("said", ["Bob Baker", "bob baker", "BOB.Baker@acme.example"])
def test_another_who_fits_is_chosen_by_name_or_address(abm: Abm, file: Path, said: str):
    told = abm.json("preview", file, "write", "--account", "Acme", "--contact", said)
    assert told["contact"] == "Bob Baker"
    assert "Hi Bob," in told["arms"][0]["text"]


def test_whoever_does_not_fit_is_not_written_to(abm: Abm, file: Path):
    out = abm("preview", file, "write", "--account", "Acme", "--contact", "Tom Tyler", code=1)
    assert "the step does not reach 'Tom Tyler'" in out
    out = abm("preview", file, "write", "--account", "Acme", "--contact", "Ann Acher", code=1)
    assert "did you mean 'Ann Archer'?" in out


def test_who_has_the_seat_in_a_running_play_keeps_it(abm: Abm, file: Path):
    abm("apply", file)
    database = Database(load(abm.project).database_url)
    with database.writing() as session:
        bob = session.exec(select(Contact).where(Contact.name == "Bob Baker")).one()
        acme = session.get_one(Account, bob.account_id)
        play = cast.enrolled(session, acme, session.exec(select(PlaybookVersion)).one())
        assert play.id is not None
        assert bob.id is not None
        seat = SeatHolder(enrollment_id=play.id, seat="champion", contact_id=bob.id, bound_at=NOW)
        session.add(seat)
    database.dispose()
    assert abm.json("preview", "hello", "write", "--account", "Acme")["contact"] == "Bob Baker"


def test_a_step_follows_the_person_of_the_step_that_it_is_threaded_on(abm: Abm, file: Path):
    assert abm.json("preview", file, "again", "--account", "Acme")["contact"] == "Ann Archer"


def test_the_first_who_can_be_reached_comes_first_and_the_others_are_named(abm: Abm, file: Path):
    play = PLAY.replace("{to: champion, script", "{to: {first: [champion]}, script")
    file.write_text(play.replace("{role: champion}", "{role: champion, at_most: 2}"), "utf-8")
    told = abm.json("preview", file, "ring", "--account", "Acme")
    assert (told["contact"], told["others"]) == ("Ann Archer", ["Bob Baker"])
    told = abm.json("preview", file, "write", "--account", "Acme")
    assert told["reached"] == ["Ann Archer", "Bob Baker"]
    assert "it reaches Bob Baker, too" in abm("preview", file, "write", "--account", "Acme")


def test_an_account_without_anybody_who_fits_says_so(abm: Abm, file: Path):
    out = abm("preview", file, "write", "--account", "Globex", code=1)
    assert "nobody at Globex fits champion" in out
    assert "nobody at Acme fits buyer" in abm("preview", file, "money", "--account", "Acme", code=1)


# ---------------------------------------------------------------- what is wrong


def test_an_unknown_step_names_the_nearest(abm: Abm, file: Path):
    assert "did you mean 'write'?" in abm("preview", file, "wriet", "--account", "Acme", code=1)


def test_an_unknown_account_names_the_nearest(abm: Abm, file: Path):
    assert "Acme" in abm("preview", file, "write", "--account", "Acne", code=1)


def test_a_step_of_nobody_says_nothing(abm: Abm, file: Path):
    out = abm("preview", file, "settle", "--account", "Acme", code=1)
    assert "settle is a wait_for: it says nothing to anybody" in out


def test_word_to_one_of_us_asks_for_one_of_us(abm: Abm, file: Path):
    out = abm("preview", file, "tell", "--account", "Acme", code=1)
    assert "there is no owner of Acme with an e-mail address" in out


@pytest.mark.parametrize(
    ("step", "name"), [("write", "email/hello"), ("teach", "email/hello"), ("ring", "call/hello")]
)
def test_a_hole_is_told_in_the_engine_s_own_words(abm: Abm, file: Path, step: str, name: str):
    template = abm.project / "templates" / f"{name}.j2"
    text = template.read_text("utf-8").replace("contact.first_name", "contact.title")
    template.write_text(text, "utf-8")
    out = abm("preview", file, step, "--account", "Acme", code=1)
    assert f"template {name}, line " in out
    assert ": contact.title has no value" in out


def test_a_template_that_is_not_sound_is_told_with_its_line(abm: Abm, file: Path):
    abm("apply", file)
    template = abm.project / "templates" / "email" / "hello.j2"
    template.write_text(HELLO + "\n{% set x = 1 %}\n", "utf-8")
    out = abm("preview", "hello", "write", "--account", "Acme", code=1)
    assert "template email/hello, line 12" in out


def test_a_file_that_is_not_sound_is_told_with_its_places(abm: Abm, file: Path):
    file.write_text(PLAY.replace("emial", "").replace("by: sdr", "buy: sdr"), "utf-8")
    out = abm("preview", file, "write", "--account", "Acme", code=1)
    assert "hello.yaml:" in out
    assert "buy" in out


# ---------------------------------------------------------------- a test mail


def test_a_test_goes_to_us_alone_and_past_the_ledger(abm: Abm, file: Path):
    before = counts(abm)
    out = abm("preview", file, "write", "--account", "Acme", "--send-to", "me@us.example")
    assert "sent to me@us.example as a test" in out
    (mail,) = mails(abm)
    assert mail["To"] == "me@us.example"
    assert mail["Subject"] == "[test] A question about Acme"
    assert mail["X-ABM-Test"] == "yes"
    assert mail["List-Unsubscribe"] is None
    assert mail["List-Unsubscribe-Post"] is None
    assert "ann.archer" not in mail.as_string()
    body = mail.get_body(("plain",))
    assert body is not None
    assert "Hi Ann," in body.get_content()
    assert counts(abm) == before


def test_each_arm_and_each_test_is_a_mail_of_its_own(abm: Abm, file: Path):
    for _ in range(2):
        abm("preview", file, "teach", "--account", "Acme", "--send-to", "me@us.example")
    assert len(mails(abm)) == 4
    assert len({one["Message-ID"] for one in mails(abm)}) == 4


@pytest.mark.parametrize(
    ("address", "because"),
    [
        ("bob.baker@acme.example", "is a contact"),
        ("BOB.BAKER@ACME.example", "is a contact"),
        ("tom.tyler@acme.example", "is a contact"),
        ("bob.baker+test@acme.example", "is at an account"),
        ("anybody@acme-group.example", "is at an account"),
        ("gone@old.example", "must not be written to"),
        ("me@us.example, bob.baker@acme.example", "is not one e-mail address"),
        ("me@us.example\r\nBcc: bob.baker@acme.example", "is not one e-mail address"),
        ("me", "is not one e-mail address"),
    ],
)
def test_nobody_outside_gets_a_test(abm: Abm, file: Path, address: str, because: str):
    database = Database(load(abm.project).database_url)
    with database.writing() as session:
        session.add(
            Suppression(
                scope="address", value="gone@old.example", reason="manual", source="x", at=NOW
            )
        )
    database.dispose()
    out = abm("preview", file, "write", "--account", "Acme", "--send-to", address, code=1)
    assert because in out
    assert not mails(abm)


def test_only_a_mail_can_be_sent_as_a_test(abm: Abm, file: Path):
    out = abm("preview", file, "ring", "--account", "Acme", "--send-to", "me@us.example", code=1)
    assert "only an email can be sent as a test, and ring is a call" in out
