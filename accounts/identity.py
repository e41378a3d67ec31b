"""Names, domains, e-mail addresses and phones turned into keys that can be compared.

No key ever raises: what cannot be understood has no key (`None` or an empty one), because an
inbound record is somebody else's text. The original is always kept beside its key.
"""

from __future__ import annotations

import html
import ipaddress
import re
import string
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, lru_cache
from typing import TYPE_CHECKING, NamedTuple

from anyascii import anyascii

from accounts.countries import country_key, known_place
from accounts.keeping import kept
from accounts.legal_forms import endings, may_be_form, split_legal
from accounts.names_data import (
    ABBREVIATIONS,
    DOTLESS_MAIL,
    FREE_MAIL,
    JUNK_NAMES,
    LEGAL_OR_INITIALS,
    LEGAL_PHRASES,
    LEGAL_PREFIXES,
    LEGAL_WORDS,
    NATIVE_LEGAL_FORMS,
    QUALIFIERS,
    SAME_MAIL,
    SECURITY_WORDS,
    SHARED_HOSTS,
    TAGGED_MAIL,
)

if TYPE_CHECKING:
    from tldextract import TLDExtract

# A name longer than this is a paste accident; its key is made of the beginning, in bounded time.
NAME_LIMIT = 400

# Marks that show nothing and break equality: soft hyphen, zero-width space, direction marks, BOM.
# The joiners U+200C and U+200D stay: Persian and Indic names are spelt with them.
_INVISIBLE = re.compile("[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_SURROGATE = re.compile("[\ud800-\udfff]")

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
# What every rule of IDNA leaves as it is.
_PLAIN_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")
_PLAIN_BOX = re.compile(r"[a-z0-9._+-]+")
# No rule for suffixes has more labels than this.
_LONGEST_SUFFIX = 7
_HOST = re.compile(r"(?:[a-z][a-z0-9+.-]*:)?//(?:[^/?#@]*@)?([^/?#]*)|([^/?#@]+)", re.IGNORECASE)


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


def clean_text(value: str) -> str:
    """Text for people: NFC, no NUL, controls, lone surrogates or invisible marks, single spaces."""
    if value.isascii():
        return " ".join(_UNSAFE.sub(" ", value).split())
    text = _INVISIBLE.sub("", _SURROGATE.sub("", value))
    return " ".join(unicodedata.normalize("NFC", _UNSAFE.sub(" ", text)).split())


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


@cache
def _suffixes() -> TLDExtract:
    from tldextract import TLDExtract

    return TLDExtract(cache_dir=None, suffix_list_urls=(), include_psl_private_domains=True)


@kept
def domain_key(url_or_host: str) -> str | None:
    """The registrable domain of a URL or host in ASCII ("www.Acme.co.uk/x" -> "acme.co.uk").

    None for an IP address, a bare word, a public suffix, an e-mail address and any garbage.
    """
    host = url_or_host.lower()
    if not _is_plain(host):
        text = clean_text(url_or_host)[:2_048].strip("\"'<> ")
        found = _HOST.match(text)
        if not found or " " in text or (found.group(2) and "@" in text.split("/")[0]):
            return None
        host = re.sub(r":\d*$", "", found.group(1) or found.group(2) or "").strip(".").casefold()
    if _is_plain(host):
        return _under_suffix(host)
    return None if _is_address(host) else _registrable(host)


def _is_plain(host: str) -> bool:
    return len(host) < 250 and "--" not in host and bool(_PLAIN_HOST.fullmatch(host))


def _under_suffix(host: str) -> str | None:
    """The registrable domain of a plain host by the rules of the Public Suffix List.

    What tldextract does for any host, ten times as fast for what nearly all hosts are.
    """
    rules, labels = _rules(), host.split(".")
    for at in range(max(len(labels) - _LONGEST_SUFFIX, 0), len(labels)):
        suffix = ".".join(labels[at:])
        if f"!{suffix}" in rules:
            return suffix
        if suffix in rules or f"*.{suffix.partition('.')[2]}" in rules:
            return f"{labels[at - 1]}.{suffix}" if at else None
    return None


@cache
def _rules() -> frozenset[str]:
    return frozenset(_suffixes().tlds)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


def _registrable(host: str) -> str | None:
    import idna

    try:
        ascii_host = idna.encode(host, uts46=True).decode("ascii") if host else ""
    except (idna.IDNAError, UnicodeError):
        return None
    return _suffixes()(ascii_host).top_domain_under_public_suffix or None


def email_key(address: str) -> str:
    """The mailbox as suppression and equality see it: one spelling, all lower case, IDNA domain.

    Gmail's dots say nothing, googlemail.com is gmail.com, and "+tag" is no part of the mailbox
    where the provider says so. Anywhere else tags and dots stay: only the host that takes the mail
    knows what they mean (RFC 5321, 2.3.11). No letter is sent to a key; the address stays as given.
    """
    text = clean_text(address).replace(" ", "").strip("<>").casefold()
    local, at, host = text.rpartition("@")
    try:
        ascii_host = host.encode("idna").decode("ascii") if at else ""
    except UnicodeError:
        return text
    # Some signs fold into a space, which no host has: such a text is its own key.
    if not at or " " in ascii_host:
        return text
    return f"{_mailbox(local, ascii_host)}@{SAME_MAIL.get(ascii_host, ascii_host)}"


def _mailbox(local: str, host: str) -> str:
    """The part before "@" without what the provider does not look at."""
    if host not in TAGGED_MAIL:
        return local
    plain = local.partition("+")[0]
    plain = plain.replace(".", "") if host in DOTLESS_MAIL else plain
    return plain or local


def email_domain(address: str) -> str | None:
    """The registrable domain of an e-mail address; None when it has none or is malformed."""
    local, _, host = address.lower().rpartition("@")
    if not (_PLAIN_BOX.fullmatch(local) and _is_plain(host)):
        local, _, host = email_key(address).rpartition("@")
    host = SAME_MAIL.get(host, host)
    return domain_key(host) if local and "@" not in local else None


def is_free_mail(domain: str) -> bool:
    """Whether anybody can have an address there (webmail, an access provider's customers)."""
    return domain.casefold() in FREE_MAIL


def is_shared_host(domain: str) -> bool:
    """Whether pages of many companies live there (linkedin.com, facebook.com, wixsite.com)."""
    return domain.casefold() in SHARED_HOSTS


def is_of_many(domain: str) -> bool:
    """Whether a domain says nothing about a company, unless it is the one that runs it."""
    return is_free_mail(domain) or is_shared_host(domain)


def own_domain(url_or_host: str = "", email: str = "") -> str | None:
    """The domain that can identify the company: the website's, else the address's, never shared."""
    for key, text in ((domain_key, url_or_host), (email_domain, email)):
        domain = key(text) if text else None
        if domain and not is_of_many(domain):
            return domain
    return None


def whole_host(url_or_host: str) -> str | None:
    """The host of many that this is the front page of; None for its users' hosts and pages."""
    domain = domain_key(url_or_host)
    if not domain or not is_of_many(domain):
        return None
    rest = clean_text(url_or_host).casefold().split("://", 1)[-1]
    host = rest.strip("/").removeprefix("www.").rstrip(".")
    return domain if host == domain else None


def phone_key(phone: str, country: str = "") -> str | None:
    """The number in E.164 ("+49301234567"); None when it is no possible number there.

    `country` (name or ISO code) is where a number without "+" is dialled.
    """
    import phonenumbers

    try:
        number = phonenumbers.parse(clean_text(phone)[:100], country_key(country))
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
