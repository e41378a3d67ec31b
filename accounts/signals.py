"""What a reply and a bounce mean: pure rules that read a text and always say why.

A person who was read wrongly must not suffer: whatever cannot be classed for certain is
`reply.unclear`, which stops mail to that person and asks a rep.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from email.utils import parseaddr

from accounts import reply_words as words
from accounts.identity import clean_text, email_key
from accounts.reply_dates import When, days_in, plain

TEXT_LIMIT = 20_000  # nobody answers a mail with a book
CLOSE = timedelta(days=7)  # "call me on Monday" is interest, "come back in March" is not
DENIAL_WORDS = 4  # how far before a hit a denial reaches


@dataclass(frozen=True, slots=True)
class Classified:
    """The class of a reply (an event kind), the words that led to it, and what it names.

    `until` is the day somebody asked us to come back or returns; `referral` the address and
    `referral_name` the name of the person to ask instead.
    """

    kind: str
    reasons: tuple[str, ...]
    until: date | None = None
    referral: str = ""
    referral_name: str = ""


def classify_reply(
    subject: str, text: str, headers: Mapping[str, str], *, on: date, sender: str = ""
) -> Classified:
    """Class the reply that arrived on the day `on` from the address `sender`.

    Only the words of this message count: quoted history is cut first, because our own footer
    says "unsubscribe". Headers are read without regard to case.
    """
    fresh = plain(fresh_text(text))
    referral = _referral(fresh, sender)
    automatic = _automatic(headers) or _hit(words.AUTO_SUBJECT, plain(clean_text(subject)))
    if automatic:
        return _auto_reply(fresh, on, automatic, referral)
    found = _human(subject, fresh, on, referral)
    by_text = _hit(words.AUTO_TEXT, _flat(fresh))
    if by_text and found.kind in {"reply.unclear", "reply.not_now", "reply.referral"}:
        return _auto_reply(fresh, on, by_text, referral)
    return found


def bounce_kind(status: str) -> str:
    """The event kind of an enhanced status code, or of a whole answer that contains one.

    Only a code that says "no such mailbox" is for ever; a block is about us, not the person.
    """
    code = re.search(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b", status)
    if code is None:
        return "bounce.soft"
    if code.group() in {"5.1.1", "5.1.6", "5.1.10"}:
        return "bounce.hard"
    return "bounce.block" if code.group(1) == "5" and code.group(2) == "7" else "bounce.soft"


# ---------------------------------------------------------------- whose words

_QUOTE_STARTS = re.compile(
    r"^\s*(?:"
    r"(?:On|Am|Le|El|Il|Op|Em)\b[^\n]{4,200}(?:\n[^\n]{0,120})?"
    r"(?:wrote|schrieb|a \u00e9crit|a ecrit|escribi\u00f3|escribio|ha scritto|schreef|escreveu)"
    r"[^\n]{0,120}:\s*$"
    r"|-{2,}\s*(?:Original Message|Urspr\u00fcngliche Nachricht|Message d'origine|Mensaje original"
    r"|Forwarded message|Weitergeleitete Nachricht)[^\n]*$"
    r"|_{10,}\s*$"
    r"|(?:From|Von|De|Da|Van)\s?:[^\n]+\n(?:[^\n]*\n){0,3}?\s*"
    r"(?:Sent|Date|To|Subject|Gesendet|Datum|An|Betreff|Envoy\u00e9|Objet|\u00c0|Enviado|Para|Asunto)\s?:"
    r")",
    re.MULTILINE | re.IGNORECASE,
)
_SIGNATURE = re.compile(
    r"^(?:-- ?|Sent from my .*|Von meinem .* gesendet|Envoy\u00e9 de mon .*)$",
    re.MULTILINE,
)
_QUOTED_LINE = re.compile(r"^\s*>.*$", re.MULTILINE)


def fresh_text(text: str) -> str:
    """The sender's own words: no quoted history (above or below them), no signature."""
    text = text[:TEXT_LIMIT].replace("\r\n", "\n").replace("\r", "\n")
    start = _QUOTE_STARTS.search(text)
    if start:
        before, after = text[: start.start()], text[start.end() :]
        # Words under a quote marked by ">" are an answer; an unmarked quote never ends.
        marked = after.lstrip().startswith(">")
        text = f"{before}\n{after}" if marked else before
    text = _QUOTED_LINE.sub("", text)
    return _SIGNATURE.split(text, maxsplit=1)[0].strip()


# ---------------------------------------------------------------- machines


def _automatic(headers: Mapping[str, str]) -> str:
    """The header that proves an automatic reply (RFC 3834 and its older relatives), or ""."""
    given = {name.casefold(): value.strip().casefold() for name, value in headers.items()}
    if given.get("auto-submitted", "no").partition(";")[0].strip() != "no":
        return f"Auto-Submitted: {given['auto-submitted']}"
    if given.get("precedence") in {"bulk", "junk", "auto_reply", "auto-reply"}:
        return f"Precedence: {given['precedence']}"
    for name in ("x-autoreply", "x-autorespond", "x-autoresponder", "x-auto-reply"):
        if given.get(name, "no") != "no":
            return name
    return "Return-Path: <>" if given.get("return-path") == "<>" else ""


def _auto_reply(text: str, on: date, reason: str, referral: Classified) -> Classified:
    left = _hit(words.LEFT, _flat(text))
    if left:
        return replace(referral, kind="departed", reasons=(reason, left))
    return Classified("reply.auto", (reason,), until=_return_day(_flat(text), on))


def _return_day(text: str, on: date) -> date | None:
    days = days_in(text, on)
    returning = [when for when in days if _is_return(text, when)]
    return max((when.day for when in returning or days), default=None)


def _is_return(text: str, when: When) -> bool:
    near = text[max(0, when.start - 25) : when.start + 12]
    return words.RETURN.search(near) is not None


# ---------------------------------------------------------------- people


def _human(subject: str, text: str, on: date, referral: Classified) -> Classified:
    clauses = _clauses(text)
    opt_out = _opt_out(subject, text, clauses)
    left = _hit(words.LEFT, _flat(text))
    if legal := _hit(words.LEGAL, _flat(text)):
        return Classified("reply.legal", (legal,))
    if opt_out:
        return replace(referral, kind="reply.opt_out", reasons=(opt_out,))
    if left:
        return replace(referral, kind="reply.wrong_person", reasons=(left,))
    if referral.kind:
        return referral
    if wrong := _first(words.WRONG_PERSON, clauses):
        return Classified("reply.wrong_person", (wrong,))
    return _attitude(clauses, _flat(text), on)


def _opt_out(subject: str, text: str, clauses: tuple[str, ...]) -> str:
    alone = [line for line in [*text.splitlines(), _own_subject(subject)] if _is_alone(line)]
    return f'"{alone[0].strip()}"' if alone else _first(words.OPT_OUT, clauses)


def _own_subject(subject: str) -> str:
    """A subject that the sender chose; an answer's subject consists of our words."""
    return "" if re.match(r"\s*\w{2,4}\s*:", subject) else plain(clean_text(subject))


def _is_alone(line: str) -> bool:
    return words.OPT_OUT_ALONE.fullmatch(line.strip(" .!*\t\"'")) is not None


def _attitude(clauses: tuple[str, ...], text: str, on: date) -> Classified:
    """Refusal, not now, interest; whatever contradicts itself is for a rep."""
    refusal = _first(words.REFUSAL, clauses)
    later = _first(words.NOT_NOW, clauses)
    back = _come_back(clauses)
    interest = _first(words.INTERESTED, clauses)
    day = max((when.day for when in days_in(text, on)), default=None)
    at_present = refusal and words.AT_PRESENT.search(text) and not words.FOR_EVER.search(text)
    close = day is not None and day - on <= CLOSE
    if later or at_present or (back and day and not close and not refusal):
        return Classified("reply.not_now", _reasons(later, back, refusal), until=day)
    if refusal and not interest:
        return Classified("reply.refusal", (refusal,))
    if interest and not refusal:
        return Classified("reply.interested", (interest,))
    if back and not refusal:
        return Classified("reply.not_now", (back,), until=day)
    return Classified("reply.unclear", _why_unclear(refusal, interest, clauses))


def _come_back(clauses: tuple[str, ...]) -> str:
    return _first(words.COME_BACK, tuple(c for c in clauses if not words.OWN_PROMISE.search(c)))


def _why_unclear(refusal: str, interest: str, clauses: tuple[str, ...]) -> tuple[str, ...]:
    if refusal and interest:
        return (f"{refusal} against {interest}",)
    if any(words.UNSUBSCRIBE_TOPIC.search(clause) for clause in clauses):
        return ("speaks of unsubscribing without asking for it",)
    return ("no phrase that we know",)


# ---------------------------------------------------------------- reading


def _referral(text: str, sender: str) -> Classified:
    """Who should be asked instead; `kind` is empty when nobody is named."""
    flat = _flat(text)
    for match in (*words.REFERRAL.finditer(flat), *words.REFERRAL_AFTER.finditer(flat)):
        name = match["name"] or ""
        if name.split(" ")[0].lower() in words.NOT_A_NAME or _denied(flat, match.start()):
            continue
        address = match["mail"] or _address_near(flat, match.end(), sender)
        if match["mail"] and email_key(match["mail"]) == email_key(sender):
            continue
        shown = clean_text(match.group()).strip(" .:")
        return Classified("reply.referral", (f'"{shown}"',), None, address.rstrip("."), name)
    return Classified("", ())


def _address_near(text: str, end: int, sender: str) -> str:
    """The first address within a line's length of the name, unless it is the sender's own."""
    for found in re.finditer(r"[\w.+-]+@[\w-]+\.[\w.-]+", text[end : end + 120]):
        _, address = parseaddr(found.group().rstrip("."))
        if email_key(address) != email_key(sender):
            return address
    return ""


_CLAUSE_END = re.compile(
    r"[.!?;:]+(?=\s|$)|,\s|\s[-\u2013\u2014]\s|\b(?:but|however|aber|mais|pero)\b", re.IGNORECASE
)


def _flat(text: str) -> str:
    return " ".join(text.split())


def _clauses(text: str) -> tuple[str, ...]:
    """Parts within which a denial reaches: mails wrap their lines, so only blank lines part."""
    paragraphs = re.split(r"\n\s*\n", text)
    parts = (part for paragraph in paragraphs for part in _CLAUSE_END.split(_flat(paragraph)))
    return tuple(part.strip() for part in parts if part.strip())


def _first(table: re.Pattern[str], clauses: tuple[str, ...]) -> str:
    """The first hit that nobody denied, in quotation marks, or ""."""
    return next((hit for clause in clauses for hit in _undenied(table, clause)), "")


def _undenied(table: re.Pattern[str], clause: str) -> Iterator[str]:
    for match in table.finditer(clause):
        if not _denied(clause, match.start()):
            yield f'"{match.group()}"'


def _denied(clause: str, start: int) -> bool:
    near = " ".join(clause[:start].split()[-DENIAL_WORDS:])
    before = _CLAUSE_END.split(near)[-1]
    return bool(words.DENIAL.search(before) or words.DENIAL_ES.search(before))


def _hit(table: re.Pattern[str], text: str) -> str:
    match = table.search(text)
    return f'"{match.group().strip()}"' if match else ""


def _reasons(*reasons: str) -> tuple[str, ...]:
    return tuple(reason for reason in reasons if reason)
