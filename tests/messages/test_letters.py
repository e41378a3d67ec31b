"""From a due touch to the mail that lies in the recipient's box."""

from __future__ import annotations

from email.message import EmailMessage
from typing import Any

from sqlmodel import select

from accounts.records import AccountTeam, Suppression
from accounts.signals import classify_reply
from orchestrator.calendar import parse_span
from orchestrator.engine.context import Context
from orchestrator.engine.running.delivering import deliver
from orchestrator.records import Activity, Task, Touch
from orchestrator.terms import CalendarSpec, Cap, Plan
from tests.messages.conftest import House, Write, post
from tests.planner.plans import plan, step
from tests.support import cast

MAIL = """\
Hi {{ contact.first_name }} of {{ account.name }},

[no more]({{ unsubscribe }})

{{ sender.name }}
"""


def mail_plan(**options: Any) -> Plan:
    return plan(step("insight", "email", "champion", variants=("insight",), always=True), **options)


def due_mail(ctx: Context, **person: Any) -> None:
    with ctx.db.writing() as session:
        acme = cast.company(session, "Acme")
        play = cast.enrolled(session, acme, cast.version(session, mail_plan()))
        cast.touch(session, play, cast.person(session, acme, "Ann Archer", **person), "insight")


def delivered(ctx: Context) -> EmailMessage:
    assert deliver(ctx).counts == {"sent": 1}
    (mail,) = post(ctx)
    return mail


def text_of(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    content: str = part.get_content()
    return content.replace("\r\n", "\n")


def test_a_mail_brings_its_one_click_address_in_words_and_headers(house: House, write: Write):
    ctx = house(unsubscribe="https://us.example/u/", postal_address="Us, Street 1, Bonn")
    write(MAIL, "email/insight", subject="At {{ account.name }}")
    due_mail(ctx)
    mail = delivered(ctx)
    with ctx.db.reading() as session:
        touch = session.exec(select(Touch)).one()
    assert mail["Subject"] == "At Acme"
    assert mail["From"] == "My workspace <team@us.example>"
    assert mail["List-Unsubscribe"] == f"<https://us.example/u/{touch.key}>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert f"no more (https://us.example/u/{touch.key})" in text_of(mail)
    assert text_of(mail).endswith("Us, Street 1, Bonn\n")


def test_without_such_a_page_a_mail_with_the_word_as_its_subject_unsubscribes(
    house: House, write: Write
):
    ctx = house()
    write(MAIL, "email/insight", subject="At {{ account.name }}")
    due_mail(ctx)
    mail = delivered(ctx)
    assert mail["List-Unsubscribe"] == "<mailto:team@us.example?subject=unsubscribe>"
    assert "List-Unsubscribe-Post" not in mail
    assert "no more (mailto:team@us.example?subject=unsubscribe)" in text_of(mail)


def test_the_mail_that_this_address_makes_is_understood():
    said = classify_reply("unsubscribe", "", {}, on=cast.NOW.date())
    assert said.kind == "reply.opt_out"


def test_a_hole_becomes_a_task_that_names_template_and_variable(house: House, write: Write):
    ctx = house()
    write(MAIL, "email/insight", subject="At {{ account.name }}")
    due_mail(ctx, first_name="")
    assert deliver(ctx).counts == {"cancelled": 1}
    with ctx.db.reading() as session:
        task = session.exec(select(Task)).one()
    assert (task.purpose, task.status) == ("review", "open")
    assert "template email/insight, line 4: contact.first_name has no value" in task.body
    assert "default(" in task.body
    assert post(ctx) == []


def test_a_mail_that_comes_from_nobody_does_not_leave(house: House, write: Write):
    ctx = house(sender="")
    write(MAIL, "email/insight", subject="x")
    due_mail(ctx)
    assert deliver(ctx).counts == {"cancelled": 1}
    with ctx.db.reading() as session:
        assert "in whose name" in session.exec(select(Task)).one().body


# ---------------------------------------------------------------- word to a colleague

NOTE = "They looked at our mails.\nOne line of yours now does more than our next mail."


def note_plan(*seats: str, **options: Any) -> Plan:
    return plan(step("tell", "notify", *seats, by="owner", title="Look", text=NOTE), **options)


def due_note(ctx: Context, of: Plan, *, whom: bool = False, owner: bool = True) -> None:
    """A note on Acme, whose owner is Olga; Ann refused to hear of us."""
    with ctx.db.writing() as session:
        acme = cast.company(session, "Acme")
        ann = cast.person(session, acme, "Ann Archer", consent="refused")
        session.add(Suppression(scope="account", value=str(acme.id), reason="legal", at=cast.NOW))
        session.add(Suppression(scope="address", value=ann.email_key, reason="manual", at=cast.NOW))
        olga = cast.user(session, "olga", "sales")
        cast.user(session, "mara", "marketing")
        if owner and acme.id and olga.id:
            session.add(AccountTeam(account_id=acme.id, role="owner", user_id=olga.id))
        play = cast.enrolled(session, acme, cast.version(session, of))
        cast.touch(session, play, ann if whom else None, "tell", channel="notify", template="")


def test_word_to_a_colleague_leaves_as_a_mail_that_no_rule_for_contacts_holds(house: House):
    ctx = house()
    closed = CalendarSpec(hours="20:00-21:00")  # and it is noon
    due_note(ctx, note_plan("champion", calendar=closed), whom=True)
    mail = delivered(ctx)
    assert mail["To"] == "Olga <olga@us.example>"
    assert mail["Subject"] == "Acme: Look"
    assert text_of(mail) == f"{NOTE}\n\nAcme: Ann Archer\nPlay, step tell\n"
    assert "List-Unsubscribe" not in mail


def test_word_to_a_colleague_counts_to_no_cap_of_the_contact(house: House, write: Write):
    ctx = house()
    once = (Cap("contact", 1, parse_span("7d")),)
    both = plan(
        step("tell", "notify", "champion", by="owner", text=NOTE),
        step("insight", "email", "champion", variants=("insight",), always=True),
        caps=once,
    )
    write(MAIL, "email/insight", subject="x")
    with ctx.db.writing() as session:
        acme = cast.company(session, "Acme")
        ann = cast.person(session, acme, "Ann Archer")
        cast.user(session, "olga", "sales", role="owner")
        play = cast.enrolled(session, acme, cast.version(session, both))
        cast.touch(session, play, ann, "tell", channel="notify", template="")
    assert deliver(ctx).counts == {"sent": 1}
    with ctx.db.writing() as session:
        cast.touch(session, session.merge(play), session.merge(ann), "insight")
    assert deliver(ctx).counts == {"sent": 1}


def test_where_nobody_fills_the_role_its_team_is_told(house: House):
    ctx = house(sender="")
    due_note(ctx, note_plan(), owner=False)
    mail = delivered(ctx)
    assert mail["To"] == "Mara <mara@us.example>"
    assert mail["From"] == "My workspace <mara@us.example>"


def test_where_nobody_can_be_told_somebody_is_asked_to_mend_it(house: House):
    ctx = house()
    with ctx.db.writing() as session:
        acme = cast.company(session, "Acme")
        play = cast.enrolled(session, acme, cast.version(session, note_plan()))
        cast.touch(session, play, None, "tell", channel="notify", template="")
    assert deliver(ctx).counts == {"cancelled": 1}
    with ctx.db.reading() as session:
        assert "there is no owner of Acme" in session.exec(select(Task)).one().body


def test_the_log_tells_of_the_word(house: House):
    ctx = house()
    due_note(ctx, note_plan())
    delivered(ctx)
    with ctx.db.reading() as session:
        line = session.exec(select(Activity)).one()
    assert (line.kind, line.team, line.text) == ("touch.sent", "marketing", "tell: sent")
