"""Rows of a table become accounts, contacts and rules, or rejections with a reason.

Read with `tables.read_table`, map with `headers.guess_columns`, then `account_rows`,
`contact_rows` or `suppression_rows`: every record comes out, as a row or as a `Rejected`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Protocol, TypeVar
from zoneinfo import ZoneInfo

from accounts.cells import guard_cell, unguard_cell
from accounts.company_names import name_key
from accounts.consent import Consent, Reason, Scope
from accounts.countries import country_key
from accounts.errors import AbmError
from accounts.headers import ColumnMap, Guess, guess_columns
from accounts.identity import clean_text, domain_key, email_key, own_domain, phone_key
from accounts.lost import lost_reason
from accounts.tables import Rejected, Row, Table, read_table, write_rejects

__all__ = [
    "AccountRow",
    "ColumnMap",
    "ContactRow",
    "Guess",
    "Rejected",
    "SuppressionRow",
    "Table",
    "account_rows",
    "contact_rows",
    "guard_cell",
    "guess_columns",
    "merge_extra",
    "read_table",
    "row_digest",
    "suppression_rows",
    "unguard_cell",
    "write_rejects",
]

CELL_CAP = 500  # characters of a field that we understand; extra facts may be longer
EXTRA_CAP = 10_000

# How exports write an empty cell; "na" is not here: it is Namibia.
_BLANK = ("-", "--", ".", "?", "n/a", "#n/a", "none", "null", "nil", "unknown", "tbd")
_YES = ("yes", "y", "true", "1", "ja", "oui", "si", "optin", "optedin", "subscribed")
_REASONS = {
    "complain": Reason.COMPLAINT,
    "spam": Reason.COMPLAINT,
    "bounce": Reason.HARD_BOUNCE,
    "unsub": Reason.UNSUBSCRIBE,
    "optout": Reason.UNSUBSCRIBE,
    "optedout": Reason.UNSUBSCRIBE,
    "abgemeldet": Reason.UNSUBSCRIBE,
    "legal": Reason.LEGAL,
    "eras": Reason.ERASED,
    "gdpr": Reason.ERASED,
}
_NO = ("no", "n", "false", "0", "nein", "non", "optout", "optedout", "unsubscribed")


@dataclass(frozen=True, slots=True)
class AccountRow:
    """A company as a file states it, cleaned. Unknown fields are "" (tier: 0).

    `name` is "" when only the company's own domain is known. `domain` is the registrable domain
    that can identify it, never a free-mail or shared host. `country` is an ISO code where the
    name is known, else as written. `parent` is the name, domain or id of the company that it
    belongs to; it stands in `extra`, too, as does what was written of a lost deal, with every
    column that is no field of ours.
    """

    line: int
    name: str
    website: str
    domain: str
    email: str
    phone: str
    sector: str
    industry: str
    country: str
    state: str
    city: str
    market_cap: str
    lost_reason: str
    tier: int
    zone: str
    parent: str
    external_id: str
    extra: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ContactRow:
    """A person as a file states them, cleaned, with the words that find the company.

    At least `name` or `email` is there, and at least `company`, `domain` or `company_id`, which is
    the company's id where `external_id` comes from.
    """

    line: int
    name: str
    first_name: str
    last_name: str
    email: str
    phone: str
    title: str
    role: str
    persona: str
    company: str
    website: str
    domain: str
    country: str
    city: str
    zone: str
    language: str
    social: str
    consent: Consent
    external_id: str
    company_id: str
    extra: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class SuppressionRow:
    """Somebody who is not to be contacted; `value` is the e-mail key or the domain, by scope."""

    line: int
    scope: Scope
    value: str
    reason: Reason


class Refuse(Exception):
    """Why one row is not taken; becomes its `Rejected`."""


def account_rows(table: Table, columns: ColumnMap) -> list[AccountRow | Rejected]:
    """Every record of the table in file order. Raises `AbmError` if no column names a company."""
    need_one_of(columns, "name", "website", "email")
    return rows_of(table, columns, _account)


def contact_rows(table: Table, columns: ColumnMap) -> list[ContactRow | Rejected]:
    """Every record of the table in file order. Raises `AbmError` if no column names a person."""
    need_one_of(columns, "email", "name", "last_name", "first_name")
    return rows_of(table, columns, _contact)


def suppression_rows(table: Table, columns: ColumnMap) -> list[SuppressionRow | Rejected]:
    """Every record of the table in file order. Raises `AbmError` if no column names anybody."""
    need_one_of(columns, "email", "domain")
    return rows_of(table, columns, _suppression)


def row_digest(row: AccountRow | ContactRow) -> str:
    """The same for the same content, wherever it stands in whatever file (64 hex digits)."""
    facts = {field: value for field, value in asdict(row).items() if field != "line"}
    text = json.dumps([type(row).__name__, facts], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def merge_extra(have: Mapping[str, str], told: Iterable[tuple[str, str]]) -> dict[str, str]:
    """What a row tells beside our fields, over what is known: the last one told stands.

    A header counts without its case, and keeps the spelling that came first.
    """
    merged, spelled = dict(have), {header.casefold(): header for header in have}
    for header, text in told:
        merged[spelled.setdefault(header.casefold(), header)] = text
    return merged


class Numbered(Protocol):
    """What a row of a file is made into."""

    @property
    def line(self) -> int: ...


T = TypeVar("T", bound=Numbered)
Fields = dict[str, str]
Extra = tuple[tuple[str, str], ...]


def need_one_of(columns: ColumnMap, *fields: str) -> None:
    """AbmError unless one of these fields stands in a column."""
    if not {guess.field for guess in columns.guesses} & set(fields):
        headers = ", ".join(columns.headers[:12])
        hint = f"say which it is with --map {fields[0]}=HEADER; the file has: {headers}"
        raise AbmError(f"no column is one of {', '.join(fields)}", hint)


def rows_of(
    table: Table, columns: ColumnMap, build: Callable[[int, Fields, Extra], T]
) -> list[T | Rejected]:
    """Every record in file order, as `build` reads its line, fields and other columns."""
    others = columns.extra
    taken: list[T | Rejected] = [_row(row, columns, others, build) for row in table.rows]
    return sorted([*taken, *table.rejected], key=lambda one: one.line)


def _row(
    row: Row,
    columns: ColumnMap,
    others: Sequence[tuple[int, str]],
    build: Callable[[int, Fields, Extra], T],
) -> T | Rejected:
    try:
        fields = {guess.field: _cell(row, guess) for guess in columns.guesses}
        return build(row.line, fields, tuple(_extra(row, others)))
    except Refuse as why:
        return Rejected(row.line, str(why), row.cells)


def _cell(row: Row, guess: Guess) -> str:
    text = clean_text(row.cells[guess.index])
    if text.casefold() in _BLANK and guess.field not in ("name", "company"):
        return ""
    if len(text) > CELL_CAP:
        raise Refuse(f"{guess.header}: {len(text)} characters, at most {CELL_CAP} are taken")
    return text


def _extra(row: Row, others: Sequence[tuple[int, str]]) -> Iterator[tuple[str, str]]:
    for at, header in others:
        text = clean_text(row.cells[at])
        if len(text) > EXTRA_CAP:
            raise Refuse(f"{header}: {len(text)} characters, at most {EXTRA_CAP} are taken")
        if text:
            yield header, text


def _account(line: int, fields: Fields, extra: Extra) -> AccountRow:
    get = _getter(fields)
    email = _email(get("email"))
    name, domain = company_name(get("name")), own_domain(get("website"), email) or ""
    if not name and not domain:
        given = get("name")
        why = f"{given!r} names no company" if given else "no company name"
        raise Refuse(f"{why}, and no website or e-mail of its own")
    return AccountRow(
        line=line,
        name=name,
        website=web_address(get("website")),
        domain=domain,
        email=email,
        phone=_phone(get("phone"), get("country")),
        sector=get("sector"),
        industry=get("industry"),
        country=_country(get("country")),
        state=get("state"),
        city=get("city"),
        market_cap=get("market_cap"),
        lost_reason=lost_reason(get("lost_reason")),
        tier=_tier(get("tier")),
        zone=_zone(get("zone")),
        parent=get("parent"),
        external_id=get("external_id"),
        extra=(*extra, *((name, get(name)) for name in ("parent", "lost_reason") if get(name))),
    )


def _contact(line: int, fields: Fields, extra: Extra) -> ContactRow:
    get = _getter(fields)
    email = _email(get("email"))
    name = get("name") or f"{get('first_name')} {get('last_name')}".strip()
    company, domain = company_name(get("company")), own_domain(get("website"), email) or ""
    if not name and not email:
        raise Refuse("neither a name nor an e-mail address")
    if not company and not domain and not get("company_id"):
        raise Refuse("no company: give its name, its website or a company e-mail address")
    return ContactRow(
        line=line,
        name=name,
        first_name=get("first_name"),
        last_name=get("last_name"),
        email=email,
        phone=_phone(get("phone"), get("country")),
        title=get("title"),
        role=get("role"),
        persona=get("persona"),
        company=company,
        website=web_address(get("website")),
        domain=domain,
        country=_country(get("country")),
        city=get("city"),
        zone=_zone(get("zone")),
        language=get("language"),
        social=get("social"),
        consent=_consent(get("consent")),
        external_id=get("external_id"),
        company_id=get("company_id"),
        extra=extra,
    )


def _suppression(line: int, fields: Fields, _extra: Extra) -> SuppressionRow:
    get = _getter(fields)
    address, domain = get("email"), get("domain")
    if address and "@" in address.lstrip("@"):
        return SuppressionRow(line, Scope.ADDRESS, email_key(_email(address)), _reason(get))
    said = address.lstrip("@") or domain.lstrip("@")
    key = domain_key(said)
    if key is None:
        raise Refuse(f"{said[:80]!r} is no address and no domain" if said else "names nobody")
    if own_domain(said) is None:
        raise Refuse(f"{key} is used by many companies: give addresses")
    return SuppressionRow(line, Scope.DOMAIN, key, _reason(get))


def _reason(get: Callable[[str], str]) -> Reason:
    """Why, as far as the word is known; a rule never fails for its reason."""
    word = "".join(c for c in get("reason").casefold() if c.isalpha())
    return next((reason for stem, reason in _REASONS.items() if stem in word), Reason.MANUAL)


def _getter(fields: Fields) -> Callable[[str], str]:
    return lambda field: fields.get(field, "")


def company_name(name: str) -> str:
    """The name, "" for one that names no company."""
    return "" if name_key(name).is_junk else name


def web_address(text: str) -> str:
    """The address as written; Refuse for what is none."""
    if text and domain_key(text) is None:
        raise Refuse(f"website: {text[:80]!r} is no web address")
    return text


def _email(text: str) -> str:
    """The address in its normal spelling. Whether mail arrives is not asked here: no network."""
    if not text:
        return ""
    from email_validator import EmailNotValidError, validate_email

    try:
        # `.test` never delivers to anybody, which is what demos and trials want.
        found = validate_email(text, check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        raise Refuse(f"e-mail: {text[:80]!r}: {error}") from None
    return found.normalized


def _phone(text: str, country: str) -> str:
    """E.164 where it is a possible number there, else what was written."""
    return (phone_key(text, country) if text else "") or text


def _country(text: str) -> str:
    return country_key(text) or text


def _tier(text: str) -> int:
    words = {"": 0, "1:1": 1, "1:few": 2, "1:many": 3, "1": 1, "2": 2, "3": 3}
    tier = words.get(text.casefold().removeprefix("tier").strip())
    if tier is None:
        raise Refuse(f"tier: {text[:40]!r}; allowed: 1, 2, 3 or 1:1, 1:few, 1:many")
    return tier


def _zone(text: str) -> str:
    try:
        return ZoneInfo(text).key if text else ""
    except (OSError, ValueError, KeyError):
        raise Refuse(f"zone: {text[:40]!r} is no IANA time zone, as Europe/Berlin") from None


def _consent(text: str) -> Consent:
    word = "".join(c for c in text.casefold() if c.isalnum())
    if word in _YES or word in _NO:
        return Consent.GRANTED if word in _YES else Consent.REFUSED
    try:
        return Consent(word or "unknown")
    except ValueError:
        allowed = ", ".join(state.value for state in Consent)
        raise Refuse(f"consent: {text[:40]!r}; allowed: yes, no, {allowed}") from None
