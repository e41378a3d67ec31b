"""Companies' names turned into keys that can be compared.

No name ever raises: one that cannot be understood has an empty key, because an inbound record is
somebody else's text. The original is always kept beside its key.
"""

from __future__ import annotations

import html
import re
import string
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, lru_cache
from typing import NamedTuple

from anyascii import anyascii

from accounts.countries import known_place
from accounts.identity import clean_text
from accounts.keeping import kept
from accounts.legal_forms import endings, may_be_form, split_legal
from accounts.names_data import (
    ABBREVIATIONS,
    JUNK_NAMES,
    LEGAL_OR_INITIALS,
    LEGAL_PHRASES,
    LEGAL_PREFIXES,
    LEGAL_WORDS,
    NATIVE_LEGAL_FORMS,
    QUALIFIERS,
    SECURITY_WORDS,
)

# A name longer than this is a paste accident; its key is made of the beginning, in bounded time.
NAME_LIMIT = 400

_OPENING = re.compile(r"[(\[{]")
_BRACKETS = re.compile(r"[(\[{]([^)\]}]*)[)\]}]?")
_OTHER_NAME = re.compile(
    r"\b(?:d\s?/?\s?b\s?/?\s?a|a/k/a|aka|f/k/a|fka|t/a|doing business as|trading as"
    r"|also known as|formerly known as|formerly|previously)\b\.?:?"
)
_STATE_SUFFIX = re.compile(
    r"(?:\s|\b(inc|corp|co|ltd|llc|lp|plc|trust)\.?)\s?/(?:\s?[a-z]{2,3}\s?/?|[a-z .]{2,20}/)\s*$"
)
_APOSTROPHES = re.compile("['`\u2018\u2019\u02bc\u00b4]")
_WORD = re.compile(r"[a-z0-9]+")
_SHARE_CLASS = re.compile(
    r"\b(?:class|cl|series|ser)[. ]+[a-z]\b\s*$|\bcommon (?:stock|shares)\b.*$"
)
# Most names hold nothing but letters, digits and what parts words (the rest becomes NUL), and no
# word that another name or a share class could begin with.
_PLAIN = {sign: " " if chr(sign) in " .,-" else "\0" for sign in range(128)} | {
    ord(sign): sign.lower() for sign in string.ascii_letters + string.digits
}
_PLAIN[ord("\n")] = "\n"  # between one name and the next
_UNUSUAL = frozenset(_WORD.findall(
    "d db dba aka fka doing trading also formerly previously class cl series ser common"
))  # fmt: skip
# What tells nothing in brackets.
_FORMS = LEGAL_WORDS | SECURITY_WORDS | QUALIFIERS
# Stands for a word that means nothing else.
_ANY_NAME = "anyname"


class Name(NamedTuple):
    """A company's name made comparable.

    `tokens` are the telling words in order, `core` the same joined without spaces, so that
    "Exxon Mobil" equals "ExxonMobil". `legal` holds what kind of body it is ("ltd", "ag"), never
    part of the core unless nothing else is left. `alternatives` are other names of the same
    company found in the text (brackets, d/b/a, formerly; AB Volvo, of which AB may be a form).
    """

    core: str
    tokens: tuple[str, ...]
    legal: tuple[str, ...] = ()
    alternatives: tuple[Name, ...] = ()

    @property
    def is_junk(self) -> bool:
        """Nothing that could name a company: empty, "n/a", "self employed", bare digits."""
        return is_junk(self.core) and not (self.core.isdigit() and self.legal)


def is_junk(core: str) -> bool:
    """Whether these joined words could name no company."""
    return not core or core.isdigit() or core in _junk_cores()


@kept
def name_key(name: str) -> Name:
    """The comparable form of a company's name; see `Name`. Empty text gives an empty name."""
    return read_name(name)


def read_name(name: str) -> Name:
    """What `name_key` keeps, for who keeps what is made of it."""
    told = next(told_apart([name]))
    if told is None:
        return by_all_rules(name)
    words, legal = told
    return Name("".join(words), tuple(words), legal)


def told_apart(names: Sequence[str]) -> Iterator[tuple[Sequence[str], tuple[str, ...]] | None]:
    """(telling words, legal forms) of each name; None for one that needs all rules.

    Most are plain words with an ending. What those need is done to many at one go.
    """
    fit = [one if one.isascii() and len(one) <= NAME_LIMIT else "\0" for one in names]
    # Between spaces no sign could be the beginning of an entity or the end of a word.
    text = "\n".join(fit).replace(" & ", " and ").replace(" + ", " and ").translate(_PLAIN)
    texts = text.split("\n")
    if len(texts) > len(names):  # some have lines of their own
        texts = [one.replace("\n", "\0").translate(_PLAIN) for one in fit]
    meaning = _meaning()
    for text in texts:
        words = text.split()
        if "\0" in text or not _UNUSUAL.isdisjoint(words):
            yield None
        elif meaning.isdisjoint(words):
            yield words, ()
        else:
            told = _without_ending(words)
            yield None if may_be_form(*told) else told


def by_all_rules(name: str) -> Name:
    """What `read_name` makes of any name."""
    text = _plain_text(name[:NAME_LIMIT])
    inside: list[str] = []
    if not _OPENING.search(text):
        return _with_others(text, ())
    found = _BRACKETS.findall(text)
    inside = [_OTHER_NAME.sub(" ", one) for one in found if _is_another_name(one)]
    if _is_country(found[-1]) and text.rstrip().endswith(")"):
        return _in_country(text, inside)
    return _with_others(_BRACKETS.sub(_keep_unless_another_name, text), inside)


def _with_others(text: str, inside: Sequence[str]) -> Name:
    """The name of a text, with those that stand behind "formerly", and others."""
    main, *others = [part for part in _OTHER_NAME.split(text) if part.strip()] or [""]
    first = _plain_name(main)
    if not others and not inside:
        return first
    return _called(first, [*first.alternatives, *map(_plain_name, [*others, *inside])])


def _in_country(text: str, inside: Sequence[str]) -> Name:
    """The name of who is called Acme (Japan), and Acme as well."""
    rest, country = text.rsplit("(", 1)
    plain = _with_others(_BRACKETS.sub(_keep_unless_another_name, rest), inside)
    words = (*plain.tokens, *_WORD.findall(country))
    return _called(Name("".join(words), words, plain.legal), [plain, *plain.alternatives])


def _called(first: Name, others: Iterable[Name]) -> Name:
    """The name with its alternatives, each once."""
    found = {one._replace(alternatives=()): None for one in others if one.core}
    return first._replace(alternatives=tuple(one for one in found if one.core != first.core))


def _plain_text(name: str) -> str:
    """The name in ASCII and lower case. Most are ASCII already, and need the least of it."""
    if "&" in name:
        name = html.unescape(html.unescape(name))
    text = clean_text(name)
    if text.isascii():
        return text.lower()
    text = unicodedata.normalize("NFKC", text)
    for native, legal in NATIVE_LEGAL_FORMS.items():
        if native in text:
            text = f"{text.replace(native, ' ')} {legal}"
    return anyascii(text).casefold()


def _is_another_name(inside: str) -> bool:
    """Whether brackets hold a name: not "The", not a legal form, not the country of a branch."""
    words = _join_initials(_WORD.findall(_APOSTROPHES.sub("", _OTHER_NAME.sub(" ", inside))))
    telling = [word for word in words if word not in _FORMS]
    core = "".join(telling)
    is_name = len(core) > 1 and not core.isdigit() and telling[0] != "class"
    return is_name and not known_place(" ".join(words))


def _is_country(inside: str) -> bool:
    return known_place(" ".join(_join_initials(_WORD.findall(inside))))


def _keep_unless_another_name(found: re.Match[str]) -> str:
    return " " if _is_another_name(found.group(1)) else f" {found.group(1)} "


def _plain_name(text: str) -> Name:
    text = _STATE_SUFFIX.sub(r" \1", text)
    text = _APOSTROPHES.sub("", text).replace("&", " and ").replace("+", " and ")
    text = _SHARE_CLASS.sub(" ", " ".join(text.split()))
    return _name_of(_WORD.findall(text))


def _name_of(words: list[str]) -> Name:
    tokens, legal = _without_ending(words)
    others: tuple[Name, ...] = ()
    if may_be_form(tokens, legal):
        first, *rest = tokens
        others = (Name("".join(rest), tuple(rest), (first,)),)
    return Name("".join(tokens), tuple(tokens), legal, others)


def _without_ending(words: list[str]) -> tuple[Sequence[str], tuple[str, ...]]:
    """(telling words, legal forms): mostly these stand behind words that mean nothing else."""
    meaning, end = _meaning(), len(words)
    while end and words[end - 1] in meaning:
        end -= 1
    start = words[:end]
    if not (start and meaning.isdisjoint(start)):
        return _by_words(words)
    if end == len(words):
        return words, ()
    more, legal = _ending(*words[end:])
    return (*start, *more) if more else start, legal


@lru_cache(maxsize=4_096)
def _ending(*words: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The same of what may stand behind any name, whatever the name is."""
    (_, *more), legal = _by_words([_ANY_NAME, *words])
    return tuple(more), legal


def _by_words(words: list[str]) -> tuple[list[str], tuple[str, ...]]:
    """The same of words of which any may be a legal form, an initial, an abbreviation."""
    if 1 in map(len, words):
        words = _join_initials(words)
    words = _without_the(words)
    if len(words) > 2 and words[0] in words[2:]:
        words = _without_echo(words)
    tokens, legal = split_legal(words)
    if not ABBREVIATIONS.keys().isdisjoint(tokens):
        tokens = [ABBREVIATIONS.get(token, token) for token in tokens]
    return tokens, tuple(legal)


def _join_initials(words: list[str]) -> list[str]:
    """Runs of single letters become one word: a o smith -> ao smith, s p a -> spa."""
    joined: list[str] = []
    run = False
    for word in words:
        single = len(word) == 1 and word.isalpha()
        if single and run:
            joined[-1] += word
        else:
            joined.append(word)
        run = single
    return joined


def _without_the(words: list[str]) -> list[str]:
    if len(words) > 1 and words[0] == "the":
        words = words[1:]
    if len(words) > 1 and words[-1] == "the":
        words = words[:-1]
    return words


def _without_echo(words: list[str]) -> list[str]:
    """Exports repeat the name after its legal form: sandvik ab sandvik -> sandvik ab."""
    for at, word in enumerate(words[1:-1], start=1):
        echo = words[at + 1 :]
        if word in LEGAL_WORDS and echo == words[: len(echo)]:
            return words[: at + 1]
    return words


@cache
def _meaning() -> frozenset[str]:
    """The words that may be more than a word of a name, or another one."""
    letters = "abcdefghijklmnopqrstuvwxyz0123456789"
    phrases = [word for phrase, _ in LEGAL_PHRASES for word in phrase]
    fronts = LEGAL_PREFIXES | LEGAL_OR_INITIALS
    return endings() | fronts | {"the", "and", *phrases, *ABBREVIATIONS, *letters}


@cache
def _junk_cores() -> frozenset[str]:
    return frozenset(name.replace(" ", "") for name in JUNK_NAMES)
