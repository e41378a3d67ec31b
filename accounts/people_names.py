"""A person's name taken apart into comparable words.

Names are text of all the world: what cannot be understood is compared as it stands, and nothing
raises. Titles and degrees are cut, a family name in capitals or before a comma is known as one,
other scripts are transliterated.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import chain, takewhile

from anyascii import anyascii

from accounts.identity import clean_text
from accounts.people_data import (
    CLEAR_TITLES,
    DEGREES,
    DEGREES_AFTER_A_COMMA,
    DOUBLE_SURNAMES,
    KOREAN,
    PARTICLES,
    SUFFIXES,
    TITLES,
)

# A name longer than this is a paste accident; it is read from its beginning.
NAME_LIMIT = 200

_CALLED = re.compile(r"""["“”„«(\[]([^"“”„»)\]]*)["“”»)\]]""")
_BORN = re.compile(r"\b(?:geb|geborene[r]?|nee|née|né|born|z domu)\b\.?\s+(\S+)", re.IGNORECASE)
_APOSTROPHES = re.compile("['`\u2018\u2019\u02bc\u00b4]")
_NO_LETTER = re.compile(r"[^a-z0-9-]+")
_HAN = re.compile("[\u3400-\u9fff\uf900-\ufaff]{2,4}")
_HANGUL = re.compile("[\uac00-\ud7a3]{2,4}")
_FOREIGN = re.compile("[\u0370-\u1cff\u2e80-\ud7ff\uf900-\ufaff]")
# ae, oe and ue stand for an umlaut, but not in Bauer, Michael, Joe and Sue.
_UMLAUT = re.compile(r"(?<![aeoqu])([aou])e(?!l?$)")
_SOUNDS = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        ("schtsch|shch|szcz", "s"), ("tsch|tch", "c"), ("sch|sh|sz", "s"), ("cz|ch", "c"),
        ("kh", "h"), ("zh", "z"), ("ts|tz", "c"), ("ph", "f"), ("th", "t"), ("ks", "x"), ("w", "v"),
        ("ou|oy", "u"), ("yu|iu|ju", "u"), ("ya|ia|ja", "a"), ("ia", "a"),
        ("yo|jo|io|ye|je|ie", "e"), ("[yj]", "i"), (r"(.)\1+", r"\1"),
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class PersonName:
    """A name in comparable words: ASCII and lower case, an initial is one letter.

    `given` has the call name first and then the middle names, `family` the telling words of the
    family name, whose `particles` (van der, de la) stand apart. `also` is a nickname in quotes or
    brackets, `former` a name at birth. `called` and `surname` are words for people. `ordered` says
    that the family name is known for one; `foreign` that it was in another script.
    """

    given: tuple[str, ...] = ()
    family: tuple[str, ...] = ()
    particles: tuple[str, ...] = ()
    suffix: str = ""
    also: tuple[str, ...] = ()
    former: tuple[str, ...] = ()
    called: str = ""
    surname: str = ""
    ordered: bool = False
    foreign: bool = False

    def __bool__(self) -> bool:
        return bool(self.given or self.family)

    @property
    def key(self) -> str:
        """The same for the same name, however it was written."""
        given = "".join(self.given).replace("-", "")
        return f"{given}|{''.join(self.particles)}{''.join(self.family)}|{self.suffix}"

    @property
    def is_short(self) -> bool:
        """There is no more than an initial of one of the two names, or one of them is unknown."""
        return any(not one or len(one[0]) == 1 for one in (self.given, self.family))


@dataclass(frozen=True, slots=True)
class _Word:
    shown: str
    key: str


# ---------------------------------------------------------------- reading


@lru_cache(maxsize=65_536)
def read_name(text: str) -> PersonName:
    """Take a name apart; an empty one for text without any letter."""
    text = clean_text(text[:NAME_LIMIT])
    foreign = not text.isascii() and _FOREIGN.search(text) is not None
    if foreign and (eastern := _eastern(text)):
        return eastern
    former = tuple(key for found in _BORN.findall(text) if (key := _key(found)))
    text = _BORN.sub(" ", text) if former else text
    also = tuple(word.key for found in _CALLED.findall(text) for word in _words(found))
    if also or former:
        text = _CALLED.sub(" ", text)
    first, *more = [part for part in map(_words, text.split(",")) if part] or [[]]
    suffixes, more = _endings(first, more)
    first, titled = _without_titles(first)
    ends = _cut_end(first)
    suffix = (suffixes + ends or [""])[0]
    name = _comma(first, list(chain.from_iterable(more))) if more else _in_line(first, titled)
    return replace(name, suffix=suffix, also=also, former=former, foreign=foreign)


def _eastern(text: str) -> PersonName | None:
    """A Chinese or Korean name: the family name stands first, without a space."""
    plain = text.replace(" ", "")
    if not (_HAN.fullmatch(plain) or _HANGUL.fullmatch(plain)):
        return None
    size = 2 if plain[:2] in DOUBLE_SURNAMES and len(plain) > 2 else 1
    family, given = _key(plain[:size]), _key(plain[size:])
    family = KOREAN.get(family, family) if _HANGUL.fullmatch(plain) else family
    return PersonName(
        (given,), (family,), called=plain[size:], surname=plain[:size], ordered=True, foreign=True
    )


def _words(text: str) -> list[_Word]:
    words = (_Word(one.strip("-"), _key(one)) for one in text.replace(".", " ").split())
    return [word for word in words if word.key]


@lru_cache(maxsize=65_536)
def _key(word: str) -> str:
    plain = word if word.isascii() else anyascii(word)
    return _NO_LETTER.sub("", _APOSTROPHES.sub("", plain).casefold()).strip("-")


def _endings(first: list[_Word], more: list[list[_Word]]) -> tuple[list[str], list[list[_Word]]]:
    """(suffixes, what is left) of the parts after a comma: "Smith, Jr., John", "Ann Lee, PhD"."""
    suffixes: list[str] = []
    left = []
    for part in more:
        keys = [word.key for word in part]
        if len(keys) == 1 and keys[0] in SUFFIXES:
            suffixes.append(SUFFIXES[keys[0]])
        elif len(first) < 2 or not (
            DEGREES_AFTER_A_COMMA.issuperset(keys) or "".join(keys) in DEGREES
        ):
            left.append(part)
    return suffixes, left


def _without_titles(words: list[_Word]) -> tuple[list[_Word], bool]:
    """(the words after titles, whether there was one)."""
    titled = False
    while len(words) > 1:
        size = 2 if titled and [word.key for word in words[:2]] == ["h", "c"] else 1
        parts = words[0].key.split("-")
        clear = CLEAR_TITLES.issuperset(parts) or (len(words) > 2 and TITLES.issuperset(parts))
        if size == 1 and not clear:
            break
        words, titled = words[size:], True
    return words, titled


def _cut_end(words: list[_Word]) -> list[str]:
    """Cut suffixes and degrees off the end of the words; the suffixes."""
    suffixes = []
    while len(words) > 1:
        last = words[-1].key
        spelt = "".join(word.key for word in words[-2:])
        if last in SUFFIXES and (len(words) > 2 or len(last) < 4):
            suffixes.append(SUFFIXES[last])
        elif len(words) > 3 and len(spelt) < 5 and spelt in DEGREES:
            words.pop()
        elif len(words) < 3 or last not in DEGREES:
            break
        words.pop()
    return suffixes


def _comma(family: list[_Word], given: list[_Word]) -> PersonName:
    """Family, Given; the particles may stand behind: "Berg, Jan van der"."""
    given, _ = _without_titles(given)
    tail = list(takewhile(lambda word: word.key in PARTICLES, reversed(given[1:])))[::-1]
    return _named(given[: len(given) - len(tail)], [*tail, *family], ordered=True)


def _in_line(words: list[_Word], titled: bool) -> PersonName:
    """The words of a name in one line; in capitals among others stands the family name."""
    capitals = [len(word.key) > 2 and word.shown.isupper() for word in words]
    if any(capitals) and not all(capitals):
        loud = [word for word, is_loud in zip(words, capitals, strict=True) if is_loud]
        rest = [word for word in words if word not in loud]
        family = [word for word in rest[1:] if word.key in PARTICLES] + loud
        return _named([word for word in rest if word not in family], family, ordered=True)
    if len(words) == 1:
        return _named([], words, ordered=True) if titled else _named(words, [])
    if len(words) > 2 and all(word.key in PARTICLES for word in words[:-1]):
        return _named([], words, ordered=True)
    at = next(
        (at for at, word in enumerate(words[1:-1], 1) if word.key in PARTICLES), len(words) - 1
    )
    return _named(words[:at], words[at:])


def _named(given: list[_Word], family: list[_Word], *, ordered: bool = False) -> PersonName:
    particles = [word.key for word in family[:-1] if word.key in PARTICLES]
    core = [
        word for at, word in enumerate(family) if at == len(family) - 1 or word.key not in PARTICLES
    ]
    return PersonName(
        tuple(_given_keys(given)),
        tuple(part for word in core for part in word.key.split("-") if part),
        tuple(particles),
        called=given[0].shown if given else "",
        surname=" ".join(word.shown for word in family),
        ordered=ordered,
    )


def _given_keys(words: list[_Word]) -> Iterator[str]:
    """The given names; "JP" before a name that is no shouting is two initials."""
    for at, word in enumerate(words):
        if at == 0 and len(word.key) == 2 and word.shown.isupper():
            yield from word.key
        elif at == 0 or word.key not in PARTICLES:
            yield word.key


# ---------------------------------------------------------------- spelling


@lru_cache(maxsize=65_536)
def spelt(word: str) -> str:
    """One spelling for Müller, Mueller and Muller, Håkon and Haakon."""
    return _UMLAUT.sub(r"\1", word.replace("aa", "a").replace("-", ""))


@lru_cache(maxsize=65_536)
def sound(word: str) -> str:
    """One spelling for what other scripts are written like: Chaykovskiy, Tchaikovsky."""
    word = spelt(word)
    for pattern, plain in _SOUNDS:
        word = pattern.sub(plain, word)
    return word


def turned(name: PersonName) -> PersonName:
    """The name read the other way round: Wang Xiaoming as Xiaoming Wang."""
    first, *rest = name.given
    given = (*rest, *name.particles, *name.family)
    return replace(
        name, given=given, family=tuple(first.split("-")), particles=(), called=name.surname,
        surname=name.called,
    )  # fmt: skip


def blocks(name: PersonName) -> Iterator[str]:
    """Keys of which names that may go together have at least one in common."""
    core, given = "".join(name.family), "".join(name.given)
    first = sound(name.given[0]) if name.given else ""
    if core:
        yield sound(core)
        if first:
            yield f"{core[0]}|{first}"
        yield f"{sound(core)}|{sound(given)}"
    elif first:
        yield first
    if name.given and core and not name.ordered:
        rest = "".join((*name.given[1:], *name.family))
        yield f"{first}|{sound(rest)}"
    if len(name.family) > 1 or name.former:
        yield from map(sound, (*name.family, *name.former))
    if len(name.given) > 1 and not name.ordered:
        yield from (sound(word) for word in name.given[1:] if len(word) > 1)
