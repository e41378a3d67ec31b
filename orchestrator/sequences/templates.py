"""The words of a step become template files of ours."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from orchestrator.sequences.base import Step, Words, plain
from orchestrator.sequences.fields import UNTRANSLATED, Fields, Spoken
from orchestrator.sequences.html import Markup, is_html

MOST_BODY = 64 * 1024  # characters of a body that are read
MOST_SOURCE = 60 * 1024  # bytes of a template, somewhat below what a library reads
MOST_FIELDS = 500
MOST_SUBJECT = 200  # characters
OPT_OUT = "[No more mails like this]({{ unsubscribe }})"
_VARIABLE = re.compile(r"(\{\{ (?:'[^']*'|[^'}])*\}\})")  # as `fields` writes them


@dataclass(frozen=True, slots=True)
class Template:
    """The source of a template file, and what of its words did not translate."""

    source: str
    lost: tuple[str, ...]


def mail(words: Words, subject_before: str = "") -> Template:
    """A mail; without a subject of its own it answers the one before."""
    fields = Fields()
    subject = _line(fields.text(words.subject)) or _answer(subject_before)
    text, lost = _body(words.body, fields)
    if not text:
        lost.append("its words: there are none in the file")
    elif not subject:
        lost.append("its subject: there is none in the file")
    subject, text = subject or _mark("subject"), text or _mark("body")
    if "unsubscribe" not in fields.used:
        text += f"\n\n{OPT_OUT}"
    return _template("subject", _cut(subject), text, (*lost, *_of_fields(fields)))


def script(step: Step) -> Template:
    """What a person says in a call or writes in a social message."""
    fields = Fields()
    title = _line(fields.text(step.title)) or plain(step.was).capitalize() or "What to say"
    parts, lost = list[str](), list[str]()
    for body in (step.notes, *(words.body for words in step.words)):
        text, more = _body(body, fields)
        parts += [text] if text else []
        lost += more
    return _template("title", _cut(title), "\n\n".join(parts), (*lost, *_of_fields(fields)))


def notes(step: Step) -> tuple[str, list[str]]:
    """(what a task says, without variables; what is lost of it)."""
    fields = Spoken()
    title = _line(fields.text(step.title))
    said = [step.notes, *(words.body for words in step.words)]
    texts = [_body(one, fields) for one in said if one]
    lost = [one for _, lost in texts for one in lost]
    if fields.unknown:
        lost.append("the fields in its text: a task's text has no variables")
    text = "\n\n".join(text for text, _ in texts if text)
    return text or title or plain(step.was).capitalize() or "Do what the sequence asked for", lost


def subject_of(step: Step) -> str:
    """The subject of a mail as their tool has it."""
    return next((words.subject for words in step.words if words.subject), "")


def has_words(step: Step) -> bool:
    """Whether it is written down what is said, apart from a title."""
    return bool(step.notes) or any(one.body or one.subject for one in step.words)


def _body(said: str, fields: Fields) -> tuple[str, list[str]]:
    markup, cut = Markup(fields), len(said) > MOST_BODY
    said = said[:MOST_BODY]
    text = markup.of_html(said) if is_html(said) else markup.of_text(said)
    lost = [f"the rest of a text of more than {MOST_BODY:,} characters"] if cut else []
    return text, [*lost, *markup.lost]


def _template(key: str, head: str, text: str, lost: Iterable[str]) -> Template:
    # No line may look as if an HTML part followed.
    text = re.sub("(?m)^---", "\u2013", text)
    source = f"---\n{key}: {head}\n---\n{text}\n"
    if len(source.encode()) > MOST_SOURCE or source.count("{{") > MOST_FIELDS:
        words = f"its words: more than {MOST_SOURCE // 1024} KiB, or than {MOST_FIELDS} fields"
        source = f"---\n{key}: {head}\n---\n{_mark('text')}\n\n{OPT_OUT}\n"
        return Template(source, (*lost, words))
    return Template(source, tuple(lost))


def _of_fields(fields: Fields) -> Iterator[str]:
    for said in fields.unknown:
        yield f"the field {said[:80]}: no message has it"
    if fields.loose:
        yield "the sender's first name alone: it is the whole name now"


def _answer(subject: str) -> str:
    said = _line(Fields().text(subject))
    return f"Re: {said}" if said and not said.lower().startswith("re:") else said


def _mark(name: str) -> str:
    return f"{{{{ {UNTRANSLATED}.{name} }}}}"


def _line(said: str) -> str:
    return " ".join(said.split())


def _cut(said: str) -> str:
    """A line that is not too long, cut where no variable is cut in two."""
    kept = ""
    for piece in _VARIABLE.split(said):
        if len(kept) + len(piece) > MOST_SUBJECT:
            return kept + ("" if _VARIABLE.match(piece) else piece[: MOST_SUBJECT - len(kept)])
        kept += piece
    return kept
