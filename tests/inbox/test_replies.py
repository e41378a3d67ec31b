"""What people write back: a table of cases, traps included."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.signals import bounce_kind, classify_reply, fresh_text

TODAY = date(2026, 11, 23)  # a Monday
FOOTER = """

On Mon, 23 Nov 2026 at 09:12, Sam Rivers <sam@ours.example> wrote:
> Hi Jane, are you interested in a call?
> To unsubscribe, reply "unsubscribe" or follow the link. Let's talk!
"""

PEOPLE = [
    # opt-out, in words
    ("reply.opt_out", "unsubscribe"),
    ("reply.opt_out", "Unsubscribe please."),
    ("reply.opt_out", "STOP"),
    ("reply.opt_out", "Hi,\nplease remove me from your list.\nJane"),
    ("reply.opt_out", "Stop emailing me"),
    ("reply.opt_out", "Please stop\ncontacting me."),
    ("reply.opt_out", "Don't email me again."),
    ("reply.opt_out", "Please don\u2019t contact us any more"),
    ("reply.opt_out", "take me off this mailing list"),
    ("reply.opt_out", "Not interested. Please remove me."),
    ("reply.opt_out", "I withdraw my consent."),
    ("reply.opt_out", "Do not send me any more mails, thanks"),
    ("reply.opt_out", "Let's talk about the pilot, but unsubscribe me from the newsletter."),
    ("reply.opt_out", "Kein Interesse mehr, bitte austragen."),
    ("reply.opt_out", "Ich m\u00f6chte mich abmelden"),
    ("reply.opt_out", "Bitte nehmen Sie mich aus dem Verteiler"),
    ("reply.opt_out", "Bitte senden Sie mir keine weiteren E-Mails"),
    ("reply.opt_out", "Merci de me d\u00e9sinscrire de votre liste."),
    ("reply.opt_out", "Ne me contactez plus"),
    ("reply.opt_out", "baja"),
    ("reply.opt_out", "Por favor, denme de baja de su lista"),
    ("reply.opt_out", "No me escriban m\u00e1s"),
    ("reply.opt_out", "Cancellatemi dalla lista"),
    ("reply.opt_out", "Graag uitschrijven"),
    # a demand of law
    ("reply.legal", "Cease and desist. Our attorney is informed."),
    ("reply.legal", "If this goes on we will take legal action."),
    ("reply.legal", "Under Article 17 GDPR I demand the erasure of all my data."),
    ("reply.legal", "Please erase everything you hold on me as the GDPR says. Unsubscribe."),
    ("reply.legal", "I will report you to the ICO."),
    ("reply.legal", "Wir behalten uns rechtliche Schritte vor."),
    ("reply.legal", "Auskunft nach Art. 15 DSGVO bitte, welche Daten Sie gespeichert haben."),
    ("reply.legal", "Ceci est une mise en demeure."),
    # refusal
    ("reply.refusal", "Not interested."),
    ("reply.refusal", "We're not\ninterested, thanks"),
    ("reply.refusal", "No thanks"),
    ("reply.refusal", "We'll pass."),
    ("reply.refusal", "I am really not interested"),
    ("reply.refusal", "We are not interested now or ever."),
    ("reply.refusal", "Kein Interesse."),
    ("reply.refusal", "Nein danke, kein Bedarf"),
    ("reply.refusal", "Cela ne nous int\u00e9resse pas, non merci"),
    ("reply.refusal", "No me interesa"),
    # not now
    ("reply.not_now", "Not now, sorry. Try again in Q2."),
    ("reply.not_now", "We're not interested at the moment."),
    ("reply.not_now", "Sounds interesting, but it is not a good time. Ping me in March."),
    ("reply.not_now", "Please reach out again next quarter"),
    ("reply.not_now", "Can you follow up in 3 months?"),
    ("reply.not_now", "No budget this year."),
    ("reply.not_now", "Derzeit kein Bedarf, melden Sie sich im M\u00e4rz wieder"),
    ("reply.not_now", "Pas pour le moment, recontactez-moi dans trois mois"),
    ("reply.not_now", "Ahora no, m\u00e1s adelante"),
    # somebody else
    ("reply.referral", "Please talk to Ana Ruiz <ana@acme.example>"),
    ("reply.referral", "Best to contact bob.stone@acme.example about this."),
    ("reply.referral", "I'm not the right person, please reach out to Bob Stone."),
    ("reply.referral", "I've forwarded this to our CFO."),
    ("reply.referral", "Not interested myself, but talk to my colleague Ana"),
    ("reply.referral", "Bob Stone is the right person for this."),
    ("reply.referral", "Wenden Sie sich bitte an Frau Ruiz (ana@acme.example)"),
    ("reply.wrong_person", "I no longer work at Acme."),
    ("reply.wrong_person", "I left the company. Please contact Ana Ruiz <ana@acme.example>."),
    ("reply.wrong_person", "I'm not responsible for that."),
    ("reply.wrong_person", "You have the wrong person"),
    ("reply.wrong_person", "Daf\u00fcr bin ich nicht zust\u00e4ndig"),
    ("reply.wrong_person", "Je ne suis pas la bonne personne"),
    ("reply.wrong_person", "Ya no trabajo ah\u00ed"),
    # interest
    ("reply.interested", "Let's talk"),
    ("reply.interested", "Sounds interesting, send me times."),
    ("reply.interested", "Yes please, could you share some more details?"),
    ("reply.interested", "We'd be happy to learn more. Call me on Thursday."),
    ("reply.interested", "I'm interested."),
    ("reply.interested", "Please call me back tomorrow, I would love to hear more"),
    ("reply.interested", "No problem, let's meet next week."),
    ("reply.interested", "Klingt spannend, gerne mehr dazu"),
    ("reply.interested", "\u00c7a m'int\u00e9resse, quand pouvons-nous en parler ?"),
    ("reply.interested", "Me interesa, hablemos"),
    # everything else is for a person
    ("reply.unclear", ""),
    ("reply.unclear", "Who are you?"),
    ("reply.unclear", "Thanks!"),
    ("reply.unclear", "Please do not unsubscribe me, I read every one of them"),
    ("reply.unclear", "How does your product handle unsubscribe requests from customers?"),
    ("reply.unclear", "I am not sure I'm interested"),
    ("reply.unclear", "If we are interested we will let you know."),
    ("reply.unclear", "Not interested in a demo. Send me your pricing."),
    ("reply.unclear", "How did you get my address?"),
    ("reply.unclear", "Is your tool GDPR compliant?"),
    ("reply.unclear", "Our lawyers are reviewing the contract."),
    ("reply.unclear", "I will get back to you after the holidays."),
    ("reply.unclear", "I may march in May."),
]


@pytest.mark.parametrize(("kind", "text"), PEOPLE, ids=[text[:40] for _, text in PEOPLE])
def test_a_reply_is_classed_by_its_own_words(kind: str, text: str) -> None:
    alone = classify_reply("Re: Onboarding", text, {}, on=TODAY)
    assert alone.kind == kind, alone
    assert alone.reasons
    quoted = classify_reply("Re: Stop emailing", text + FOOTER, {}, on=TODAY)
    assert quoted == alone


@pytest.mark.parametrize(
    ("text", "until"),
    [
        ("Not now, try again in Q2", date(2027, 4, 1)),
        ("Not now, maybe Q4 2027?", date(2027, 10, 1)),
        ("Bad timing: reach out again next quarter", date(2027, 1, 1)),
        ("Not now. Back in March?", date(2027, 3, 1)),
        ("Not now, mid-January is better", date(2027, 1, 15)),
        ("Not now, in 3 months", date(2027, 2, 23)),
        ("Not now, check back in two weeks", date(2026, 12, 7)),
        ("Not now, after 15 January 2027", date(2027, 1, 15)),
        ("Not now, after January 15th", date(2027, 1, 15)),
        ("Not now, in the new year", date(2027, 1, 7)),
        ("Not now, next year", date(2027, 1, 1)),
        ("Nicht jetzt, erst ab 01.02.2027", date(2027, 2, 1)),
        ("Nicht jetzt, in drei Monaten", date(2027, 2, 23)),
        ("Pas maintenant, dans deux mois", date(2027, 1, 23)),
        ("Ahora no, en enero", date(2027, 1, 1)),
        ("Not now, 2027-02-30 or so", None),  # no such day
        ("Not now, in 999 years", None),
        ("Not now", None),
        ("Not now, and I was away until 5 November", None),  # that day has passed
        ("Not now, 03/04/2027", date(2027, 4, 3)),  # either reading: the later one
    ],
)
def test_not_now_names_its_day(text: str, until: date | None) -> None:
    found = classify_reply("Re: x", text, {}, on=TODAY)
    assert (found.kind, found.until) == ("reply.not_now", until)


AUTO = {"Auto-Submitted": "auto-replied"}


@pytest.mark.parametrize(
    ("subject", "text", "headers", "kind", "until"),
    [
        ("Re: x", "I am away until 5 January.", AUTO, "reply.auto", date(2027, 1, 5)),
        ("Re: x", "From 20 Dec to 4 Jan I am on leave", AUTO, "reply.auto", date(2027, 1, 4)),
        ("Re: x", "back on Monday", {"PRECEDENCE": "auto_reply"}, "reply.auto", date(2026, 11, 30)),
        ("Re: x", "Ticket 5 received", {"X-Autoreply": "yes"}, "reply.auto", None),
        ("Re: x", "Hi", {"Return-Path": "<>"}, "reply.auto", None),
        ("Automatic reply: x", "I'm out, back 1 December", {}, "reply.auto", date(2026, 12, 1)),
        ("Abwesenheitsnotiz", "Ich bin bis 4.12. nicht da", {}, "reply.auto", date(2026, 12, 4)),
        ("Re: x", "Ich bin bis zum 4.12. im Urlaub", {}, "reply.auto", date(2026, 12, 4)),
        ("Re: x", "Estoy de baja hasta el 3 de enero", {}, "reply.auto", date(2027, 1, 3)),
        ("Re: x", "I am out of the office until Dec 2. In urgent cases contact Bob Stone.", {},
         "reply.auto", date(2026, 12, 2)),
        # mautic/mautic#2761: a holiday notice is no opt-out, whatever it says
        ("Re: x", "On holiday. To unsubscribe reply STOP.\nSTOP", AUTO, "reply.auto", None),
        ("Re: x", "I no longer work at Acme. Ask Bob Stone.", AUTO, "departed", None),
        # proof that a person wrote
        ("Re: x", "Let's talk!", {"Auto-Submitted": "no"}, "reply.interested", None),
        ("Re: x", "I'm on vacation until Monday, but let's talk on Tuesday.", {},
         "reply.interested", None),
        # a subject of their own counts, ours does not
        ("unsubscribe", "", {}, "reply.opt_out", None),
        ("Re: unsubscribe", "", {}, "reply.unclear", None),
    ],
)  # fmt: skip
def test_machines_and_subjects(subject, text, headers, kind, until) -> None:
    found = classify_reply(subject, text, headers, on=TODAY)
    assert (found.kind, found.until) == (kind, until), found


@pytest.mark.parametrize(
    ("text", "name", "mail"),
    [
        ("Please talk to Ana Ruiz <ana@acme.example>", "Ana Ruiz", "ana@acme.example"),
        ("Write to ana@acme.example.", "", "ana@acme.example"),
        ("I left the company, Bob de Groot has taken over", "Bob de Groot", ""),
        ("Bitte wenden Sie sich an Herrn Bob Stone", "Bob Stone", ""),
        ("You could ask Ana. Regards, jane@acme.example", "Ana", ""),
    ],
)
def test_a_referral_names_the_person(text: str, name: str, mail: str) -> None:
    found = classify_reply("Re: x", text, {}, on=TODAY, sender="Jane@Acme.example")
    assert (found.referral_name, found.referral) == (name, mail), found


@pytest.mark.parametrize(
    "quote",
    [
        "On Mon, Nov 23, 2026 at 9:12 AM Sam <\nsam@ours.example> wrote:\n\nunsubscribe here",
        "Am Mo., 23. Nov. 2026 um 09:12 Uhr schrieb Sam Rivers <s@ours.example>:\nunsubscribe",
        "Le lun. 23 nov. 2026 \u00e0 09:12, Sam Rivers a \u00e9crit :\nunsubscribe",
        "-----Original Message-----\nFrom: Sam\nunsubscribe",
        "From: Sam Rivers <sam@ours.example>\nSent: Monday\nTo: Jane\nSubject: x\n\nunsubscribe",
        "Von: Sam Rivers\nGesendet: Montag\nAn: Jane\n\nabmelden",
        "________________________________\nFrom: Sam\nunsubscribe",
        "> unsubscribe\n> here",
        "-- \nJane Roe\nunsubscribe",
    ],
)
def test_quoted_history_is_not_an_answer(quote: str) -> None:
    assert (
        classify_reply("Re: x", f"Let's talk.\n\n{quote}", {}, on=TODAY).kind == "reply.interested"
    )
    assert fresh_text(f"Let's talk.\n\n{quote}") == "Let's talk."


def test_an_answer_below_the_quote_is_read() -> None:
    below = "On Monday Sam Rivers <sam@ours.example> wrote:\n> Let's talk\n\nNot interested."
    assert classify_reply("Re: x", below, {}, on=TODAY).kind == "reply.refusal"


@given(
    st.text(max_size=300), st.dictionaries(st.text(max_size=20), st.text(max_size=20), max_size=3)
)
def test_no_text_breaks_it(text: str, headers: dict[str, str]) -> None:
    assert classify_reply(text[:50], text, headers, on=TODAY).reasons


def test_a_huge_text_takes_no_time() -> None:
    for piece in ("please stop ", "On a ", "remove off ", "January ", "A b ", "\n> ", "in in in "):
        assert classify_reply("x", piece * 200_000, {}, on=TODAY).reasons


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("5.1.1", "bounce.hard"),
        ("5.1.10", "bounce.hard"),
        ("5.1.6", "bounce.hard"),
        ("550 5.1.1 <jane@acme.example>: User unknown", "bounce.hard"),
        ("5.7.1", "bounce.block"),  # mautic/mautic#9222: the contact was lost
        ("554 5.7.515 Access denied", "bounce.block"),
        ("4.7.0", "bounce.soft"),
        ("4.2.2", "bounce.soft"),
        ("5.2.2", "bounce.soft"),
        ("5.4.4", "bounce.soft"),
        ("5.1.2", "bounce.soft"),
        ("5.1.100", "bounce.soft"),
        ("550 mailbox unavailable", "bounce.soft"),
        ("", "bounce.soft"),
    ],
)
def test_a_bounce_is_for_ever_only_when_the_mailbox_does_not_exist(status: str, kind: str) -> None:
    assert bounce_kind(status) == kind
