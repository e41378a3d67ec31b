"""The bytes of a mail, put together by hand.

The standard library's `email` package takes a millisecond a message and has let header injections
through; what we send is one fixed shape: a few headers, a text part, an HTML part. The tests read
every message back with that package.
"""

from __future__ import annotations

import re
from binascii import b2a_base64, b2a_qp
from datetime import datetime
from email.utils import format_datetime
from functools import lru_cache

from email_validator import EmailNotValidError, validate_email

from accounts.errors import AbmError
from orchestrator.terms import Draft

LONGEST_LINE = 998  # octets without CRLF, RFC 5322 §2.1.1
_RAW_HEADER = 900  # longer ones are encoded, because encoded words may be folded
_WORD = 39  # octets in one encoded word: with the longest header name it fits 76 columns

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_PLAIN_ADDRESS = re.compile(rf"(?=.{{1,254}}\Z){_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})*")
_DOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_PLAIN_PHRASE = re.compile(rf"{_ATOM}(?: {_ATOM})*")
_NOT_PRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
_NOT_TEXT = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_KEY = re.compile(r"[A-Za-z0-9._-]{1,64}")
_BY_MAIL = re.compile(r"mailto:[!-;=?-~]{1,880}")
_MESSAGE_ID = re.compile(r"<[!-;=?-~]{1,900}>")
_ONE_CLICK = re.compile(
    r"(?:https://|http://(?:localhost|127\.0\.0\.1|\[::1\])[:/])[!-;=?-~]{1,880}"
)


def address(text: str) -> str:
    """One e-mail address as it goes into an envelope: ASCII, but for a local part beyond it.

    Raises AbmError for anything else. The words of the error keep the address to themselves,
    because they end on the activity log.
    """
    if _PLAIN_ADDRESS.fullmatch(text) and text.index("@") <= 64:
        return text
    try:
        valid = validate_email(text, check_deliverability=False, test_environment=True, strict=True)
    except (EmailNotValidError, UnicodeError) as error:
        raise AbmError("not one e-mail address", "correct the contact's address") from error
    return f"{valid.local_part}@{valid.ascii_domain}"


def message_id(key: str, resend: int, domain: str) -> str:
    """`<key.resend@domain>`: the same for every try, so that replies and bounces find the touch."""
    if not (_KEY.fullmatch(key) and _DOMAIN.fullmatch(domain)):
        raise AbmError(f"no Message-ID from key {key!r} and domain {domain!r}")
    return f"<{key}.{resend}@{domain}>"


def compose(draft: Draft, *, sender: str, recipient: str, domain: str) -> bytes:
    """The mail of a draft between two checked addresses; AbmError if it must not leave."""
    if draft.at is None:
        raise AbmError("a mail has a date")
    lines = [
        f"From: {_mailbox(draft.sender_name, sender)}",
        f"To: {_mailbox(draft.recipient_name, recipient)}",
        f"Subject: {header_text(draft.rendered.subject)}",
        f"Date: {_date(draft.at)}",
        f"Message-ID: {message_id(draft.key, draft.resend, domain)}",
        *_thread(draft.answers),
        *_list_headers(draft.unsubscribe, domain),
        "MIME-Version: 1.0",
        "",
    ]
    return "\r\n".join(lines).encode() + _content(draft)


def _thread(answers: str) -> list[str]:
    """RFC 5322 §3.6.4, so that an answer stands below what it answers; none for what is no id."""
    if not _MESSAGE_ID.fullmatch(answers):
        return []
    return [f"In-Reply-To: {answers}", f"References: {answers}"]


def _list_headers(unsubscribe: str, domain: str) -> list[str]:
    """RFC 8058: one POST unsubscribes; RFC 2369: or a mail does. Else it is no list mail."""
    if not unsubscribe:
        return []
    if _BY_MAIL.fullmatch(unsubscribe):
        return [f"List-Unsubscribe: <{unsubscribe}>", f"List-Id: <outreach.{domain}>"]
    if not _ONE_CLICK.fullmatch(unsubscribe):
        raise AbmError("the unsubscribe address is not an https URL", "see `unsubscribe` of [mail]")
    return [
        f"List-Unsubscribe: <{unsubscribe}>",
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
        f"List-Id: <outreach.{domain}>",
    ]


# ---------------------------------------------------------------- headers


def header_text(text: str) -> str:
    """Free text as a header's value: raw ASCII where it is harmless, else encoded words."""
    if not (text.isascii() and text.isprintable()):
        text = _NOT_PRINTABLE.sub(" ", text)
    text = text.strip()
    if text.isascii() and len(text) <= _RAW_HEADER and "=?" not in text:
        return text
    return _encoded_words(text)


def _mailbox(name: str, address: str) -> str:
    return f"{phrase} <{address}>" if (phrase := _phrase(name)) else address


@lru_cache(1024)
def _phrase(name: str) -> str:
    """A display name: as it is, quoted, or as encoded words."""
    text = header_text(name)
    if text.startswith("=?") or not text or _PLAIN_PHRASE.fullmatch(text):
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _encoded_words(text: str) -> str:
    """RFC 2047, B encoding: whole characters, one word a line."""
    octets, words = text.encode(), []
    while octets:
        end = min(_WORD, len(octets))
        while end < len(octets) and octets[end] & 0xC0 == 0x80:
            end -= 1
        words.append(f"=?utf-8?b?{b2a_base64(octets[:end], newline=False).decode()}?=")
        octets = octets[end:]
    return "\r\n ".join(words)


@lru_cache(256)
def _date(at: datetime) -> str:
    return format_datetime(at)


# ---------------------------------------------------------------- content


def _content(draft: Draft) -> bytes:
    text = _part(b"plain", _clean(draft.rendered.text))
    if not draft.rendered.html:
        return text
    html = _clean(draft.rendered.html).encode("ascii", "xmlcharrefreplace").decode()
    boundary = f"=_{draft.key}.{draft.resend}".encode()
    return (
        b'Content-Type: multipart/alternative; boundary="%b"\r\n\r\n'
        b"--%b\r\n%b\r\n--%b\r\n%b\r\n--%b--\r\n"
        % (boundary, boundary, text, boundary, _part(b"html", html), boundary)
    )


def _clean(text: str) -> str:
    """Lines that end in CRLF, without control characters, however the breaks were written."""
    lines = text.splitlines() or [""]
    if not "".join(lines).isprintable():
        lines = [_NOT_TEXT.sub("", line) for line in lines]
    return "\r\n".join((*lines, ""))


def _part(subtype: bytes, text: str) -> bytes:
    """A body part with its own headers; no line of it is too long, none looks like a boundary."""
    octets, encoding = text.encode(), b"7bit"
    if not text.isascii() or "--=_" in text or _longest_line(octets) > LONGEST_LINE:
        octets, encoding = b2a_qp(octets), b"quoted-printable"  # which writes every "=" as "=3D"
    return b"Content-Type: text/%b; charset=utf-8\r\nContent-Transfer-Encoding: %b\r\n\r\n%b" % (
        subtype,
        encoding,
        octets,
    )


def _longest_line(octets: bytes) -> int:
    return max(map(len, octets.split(b"\r\n")))
