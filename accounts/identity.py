"""Domains, e-mail addresses and phones turned into keys that can be compared.

No key ever raises: what cannot be understood has no key (`None` or an empty one), because an
inbound record is somebody else's text. The original is always kept beside its key.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from functools import cache
from typing import TYPE_CHECKING

from accounts.countries import country_key
from accounts.keeping import kept
from accounts.names_data import (
    DOTLESS_MAIL,
    FREE_MAIL,
    SAME_MAIL,
    SHARED_HOSTS,
    TAGGED_MAIL,
)

if TYPE_CHECKING:
    from tldextract import TLDExtract

# Marks that show nothing and break equality: soft hyphen, zero-width space, direction marks, BOM.
# The joiners U+200C and U+200D stay: Persian and Indic names are spelt with them.
_INVISIBLE = re.compile("[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_SURROGATE = re.compile("[\ud800-\udfff]")

# What every rule of IDNA leaves as it is.
_PLAIN_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")
_PLAIN_BOX = re.compile(r"[a-z0-9._+-]+")
# No rule for suffixes has more labels than this.
_LONGEST_SUFFIX = 7
_HOST = re.compile(r"(?:[a-z][a-z0-9+.-]*:)?//(?:[^/?#@]*@)?([^/?#]*)|([^/?#@]+)", re.IGNORECASE)


def clean_text(value: str) -> str:
    """Text for people: NFC, no NUL, controls, lone surrogates or invisible marks, single spaces."""
    if value.isascii():
        return " ".join(_UNSAFE.sub(" ", value).split())
    text = _INVISIBLE.sub("", _SURROGATE.sub("", value))
    return " ".join(unicodedata.normalize("NFC", _UNSAFE.sub(" ", text)).split())


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
