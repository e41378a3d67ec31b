"""Every mail is read back with the standard library's parser: it says what we really sent."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import getaddresses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.errors import AbmError
from orchestrator.channels import mime
from orchestrator.channels.email import letter
from orchestrator.terms import Draft, Rendered

DOMAIN = "abm.example"
DRAFT = Draft(
    key="0123456789abcdef0123456789abcdef",
    resend=0,
    rendered=Rendered("A question", "Hello Jane,\n\nhere we are.\n", "<p>Hello Jane</p>\n"),
    recipient="jane@acme.example",
    recipient_name="Jane Doe",
    sender="max@abm.example",
    sender_name="Max Muster",
    unsubscribe="https://abm.example/u/token",
    at=datetime(2027, 3, 1, 9, tzinfo=UTC),
)
HEADERS = [
    *("From", "To", "Subject", "Date", "Message-ID"),
    *("List-Unsubscribe", "List-Unsubscribe-Post", "List-Id"),
    *("MIME-Version", "Content-Type"),
]


def composed(**changes: object) -> bytes:
    return letter(replace(DRAFT, **changes), DOMAIN, "email").body  # type: ignore[arg-type]


def read(mail: bytes) -> EmailMessage:
    message = message_from_bytes(mail, policy=SMTP)
    assert isinstance(message, EmailMessage)
    return message


def part(mail: bytes, subtype: str) -> str:
    body = read(mail).get_body((subtype,))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


def test_a_mail_says_what_the_draft_says():
    message = read(composed())
    assert message.keys() == HEADERS
    assert message["From"] == "Max Muster <max@abm.example>"
    assert message["To"] == "Jane Doe <jane@acme.example>"
    assert message["Subject"] == "A question"
    assert message["Date"] == "Mon, 01 Mar 2027 09:00:00 +0000"
    assert message["Message-ID"] == f"<{DRAFT.key}.0@{DOMAIN}>"
    assert message["List-Unsubscribe"] == "<https://abm.example/u/token>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message.get_content_type() == "multipart/alternative"
    assert part(composed(), "plain") == DRAFT.rendered.text
    assert part(composed(), "html") == DRAFT.rendered.html


def test_without_html_it_is_one_plain_part_and_without_a_link_no_list_mail():
    mail = composed(rendered=Rendered("Hi", "Text"), unsubscribe="")
    assert read(mail).keys() == [
        *("From", "To", "Subject", "Date", "Message-ID", "MIME-Version"),
        *("Content-Type", "Content-Transfer-Encoding"),
    ]
    assert part(mail, "plain") == "Text\n"


def test_the_same_draft_gives_the_same_bytes_and_a_resend_another_id():
    assert composed() == composed()
    assert read(composed(resend=2))["Message-ID"] == f"<{DRAFT.key}.2@{DOMAIN}>"


CONTENTS = [
    "",
    "Grüße aus Köln – schön, daß Sie's lesen 🎉",
    "a line of " + "very " * 400 + "long text",
    "ü" * 2000,
    ".\n..\n.leading dots\n.",
    "trailing spaces   \nand tabs\t\n",
    "equal = signs =20 =\n=3D",
    f"--=_{DRAFT.key}.0\nContent-Type: text/html\n\n<b>smuggled</b>\n--=_{DRAFT.key}.0--",
    "From the start of a line\n" * 3,
]


@pytest.mark.parametrize("text", CONTENTS)
def test_text_and_html_come_back_whole_in_short_crlf_lines(text: str):
    mail = composed(rendered=Rendered("S", text, text or "<p></p>"))
    assert part(mail, "plain").rstrip("\n") == text.rstrip("\n")
    assert len(list(read(mail).iter_parts())) == 2
    lines = mail.split(b"\r\n")
    assert max(map(len, lines)) <= mime.LONGEST_LINE
    assert not any(b"\n" in line or b"\r" in line for line in lines)
    assert mail.endswith(b"\r\n")
    assert mail.isascii()


@given(st.text(max_size=300))
def test_any_text_becomes_lines_that_smtp_may_carry(text: str):
    mail = composed(rendered=Rendered("S", text, text + "<br>"))
    lines = mail.split(b"\r\n")
    assert max(map(len, lines)) <= mime.LONGEST_LINE
    assert not any(c in mail.replace(b"\r\n", b"") for c in (b"\r", b"\n", b"\0"))
    assert [p.get_content_type() for p in read(mail).iter_parts()] == ["text/plain", "text/html"]


BREAKS = ["\r\n", "\n", "\r", "\0", "\x0b", "\x0c", "\x1c", "\x1e", "\x85", "\u2028", "\u2029"]
BREAKS += ["\r\n\t", "\n ", "\ud800", "\udfff", "\x7f", "=0D=0A", "%0d%0a", "\\r\\n"]
INJECTED = [
    "Bcc: evil@evil.example",
    "\r\n<script>",
    "Subject: other",
    "=?utf-8?q?a=0D=0ABcc:_evil@evil.example?=",
    "=?utf-8?b?DQpCY2M6IGV2aWxAZXZpbC5leGFtcGxl?=",
    '" <evil@evil.example>, "',
    "<evil@evil.example>",
    ", evil@evil.example",
    "(comment) evil@evil.example",
    "\\",
    '"',
]
CORPUS = [
    before + brk + injected
    for before, brk, injected in itertools.product(("", "Jane"), BREAKS, INJECTED)
]
CORPUS += ["x" * 1000, "ü" * 1000, "x y " * 400, "=?", "?=", "=?utf-8?q?=", " ", "", "a,b", "a;b:c"]


def test_the_corpus_is_large_enough():
    assert len(set(CORPUS)) >= 200


@pytest.mark.parametrize("field", ["subject", "recipient_name", "sender_name"])
def test_no_free_text_adds_a_header_or_a_recipient(field: str):
    for text in CORPUS:
        if field == "subject":
            mail = composed(rendered=DRAFT.rendered._replace(subject=text))
        else:
            mail = composed(**{field: text})
        message = read(mail)
        assert message.keys() == HEADERS, text
        assert [a.addr_spec for a in message["To"].addresses] == [DRAFT.recipient], text
        assert [a.addr_spec for a in message["From"].addresses] == [DRAFT.sender], text
        raw = message_from_bytes(mail)  # the old parser, which many servers resemble
        assert [address for _, address in getaddresses([raw["To"]])] == [DRAFT.recipient], text
        assert max(map(len, mail.split(b"\r\n"))) <= mime.LONGEST_LINE


@pytest.mark.parametrize(
    "name", ["Doe, Jane", 'Jane "JD" Doe', "Zoë Müller", "O'Neil", "a\\b", "ü" * 18]
)
def test_names_and_subjects_come_back_as_they_were(name: str):
    mail = composed(recipient_name=name, rendered=DRAFT.rendered._replace(subject=name))
    assert read(mail)["To"].addresses[0].display_name == name
    assert read(mail)["Subject"] == name


def test_a_long_name_goes_out_in_several_words_that_join_without_a_gap():
    raw = message_from_bytes(composed(recipient_name="ü" * 80))["To"]
    assert str(make_header(decode_header(raw))) == f"{'ü' * 80} <jane@acme.example>"


@pytest.mark.parametrize("field", ["recipient", "sender"])
def test_a_bad_address_is_refused_and_not_repeated(field: str):
    for text in [*CORPUS, *(f"jane@acme.example{b}{i}" for b in BREAKS for i in INJECTED)]:
        with pytest.raises(AbmError) as caught:
            composed(**{field: text})
        assert len(text) < 3 or text not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "b@x.example, e@evil.example",
        "b@x.example e@evil.example",
        "Jane <b@x.example>",
        "b@x.example\n",
        "b@",
        "@x.example",
        "b@x..example",
        "b@-x.example",
        ".b@x.example",
        "b..c@x.example",
        '"b c"@x.example',
        "b@[127.0.0.1]",
        "b" * 65 + "@x.example",
        "b@" + "x" * 64 + ".example",
        "b@" + "x." * 130 + "example",
    ],
)
def test_what_is_not_one_address(text: str):
    with pytest.raises(AbmError, match="not one e-mail address"):
        mime.address(text)


def test_addresses_beyond_ascii_keep_their_local_part_only():
    assert mime.address("jane@müller.example") == "jane@xn--mller-kva.example"
    assert mime.address("zoë@müller.example") == "zoë@xn--mller-kva.example"
    assert "zoë@acme.example".encode() in composed(recipient="zoë@acme.example")


@pytest.mark.parametrize(
    "link",
    [
        "http://abm.example/u/1",
        "https://abm.example/u/1>\r\nBcc: x",
        "https://abm.example/a b",
        "https://abm.example/<x>",
        "javascript:alert(1)",
        "http://localhost.evil.example/",
        "https://abm.example/" + "x" * 1000,
        "https://abm.example/ü",
    ],
)
def test_an_unsubscribe_link_that_is_no_https_url_stops_the_mail(link: str):
    with pytest.raises(AbmError, match="unsubscribe"):
        composed(unsubscribe=link)


@pytest.mark.parametrize("link", ["http://localhost:8000/u/1", "http://127.0.0.1:80/u/1"])
def test_a_local_set_up_needs_no_certificate(link: str):
    assert read(composed(unsubscribe=link))["List-Unsubscribe"] == f"<{link}>"


@pytest.mark.parametrize(
    "change", [{"key": "a b"}, {"key": "a>\r\nX: y"}, {"key": ""}, {"at": None}]
)
def test_a_draft_that_the_house_made_wrongly_is_refused(change: dict[str, object]):
    with pytest.raises(AbmError):
        composed(**change)


def test_a_mail_can_be_the_way_to_unsubscribe_and_then_promises_no_one_click():
    mail = read(composed(unsubscribe="mailto:sam@us.example?subject=unsubscribe"))
    assert mail["List-Unsubscribe"] == "<mailto:sam@us.example?subject=unsubscribe>"
    assert "List-Unsubscribe-Post" not in mail
