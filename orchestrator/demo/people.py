"""Invented people at real companies: nobody in here exists, and no mail to them could arrive.

Addresses end in `.example`, telephone numbers lie in the range that is kept for fiction, and
everything follows from the company's name, so that every demo meets the same people.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO
from typing import NamedTuple

from anyascii import anyascii

from accounts.company_names import name_key
from orchestrator.terms import bucket

_FIRST = """
Ada Aiko Alma Amir Anders Anouk Arjun Astrid Bao Bela Bruno Camila Carla Chidi Clara Dario
Deniz Edda Elif Emeka Esther Farah Felix Fiona Gita Greta Hana Hugo Ida Ines Ivo Jana Jonas
Julia Kaito Karim Katya Lars Leila Lena Luca Maeve Malik Mara Mateo Mina Nadia Nils Noor
Olga Omar Paula Pia Quentin Ravi Rosa Ruben Saskia Selma Soren Tara Teo Uma Vera Viktor
Wanda Yara Yusuf Zoe
"""
_LAST = """
Abara Acker Almeida Aoki Bakker Baptiste Becker Bellamy Bianchi Boateng Brandt Castell
Chandra Cho Dahl Dankworth Delgado Demir Duval Eklund Ellery Falk Fenwick Ferrari Fontaine
Garnett Grant Haddad Halvorsen Hayes Ibarra Ito Jansen Kaminski Kaya Keller Kimura Kowal
Lambert Larsen Lindqvist Lombard Malik Marsh Mehta Moreau Morita Nakano Novak Okafor Olsen
Ortega Pavlov Petrov Quist Rahman Reyes Romero Rossi Sato Schreiber Silva Sorel Tanaka
Thorne Ueda Valdez Varga Verma Weiss Winter Yilmaz Zeman
"""
_COLUMNS = (
    "first_name", "last_name", "company", "website", "email", "phone", "title", "role", "persona",
    "country", "city", "social", "consent",
)  # fmt: skip


class Company(NamedTuple):
    """A company whose people are to be invented."""

    name: str
    domain: str
    country: str
    city: str


class Position(NamedTuple):
    """A place in a buying committee: its role and persona, titles, and how many hold it (%)."""

    role: str
    persona: str
    titles: Sequence[str]
    share: int


def contacts_csv(companies: Iterable[Company], positions: Sequence[Position]) -> bytes:
    """A file as a CRM would export it: the people of these companies, one line each."""
    out = StringIO()
    writer = csv.DictWriter(out, _COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(row for company in companies for row in _people(company, positions))
    return out.getvalue().encode()


def _people(company: Company, positions: Sequence[Position]) -> Iterator[dict[str, str]]:
    names: set[str] = set()
    for number, position in enumerate(positions):
        seed = (company.name, company.domain, str(number))
        if bucket("there", *seed, of=100) < position.share:
            person = _person(company, position, seed)
            if person["email"] not in names:
                names.add(person["email"])
                yield person


def _person(company: Company, position: Position, seed: tuple[str, ...]) -> dict[str, str]:
    first, last = _pick(_FIRST.split(), "first", seed), _pick(_LAST.split(), "last", seed)
    handle = f"{first}.{last}".lower()
    gaps = bucket("gaps", *seed, of=20)  # as in any CRM: a number is missing here and there
    return {
        "first_name": first,
        "last_name": last,
        "company": company.name,
        "website": company.domain,
        "email": f"{handle}@{_host(company)}",
        "phone": "" if gaps < 2 else f"+1 202 555 01{bucket('phone', *seed, of=100):02}",
        "title": _pick(position.titles, "title", seed),
        "role": position.role,
        "persona": position.persona,
        "country": company.country,
        "city": company.city,
        "social": "" if gaps == 2 else f"https://social.example/in/{handle.replace('.', '-')}",
        "consent": "granted",
    }


def _pick(words: Sequence[str], what: str, seed: tuple[str, ...]) -> str:
    return words[bucket(what, *seed, of=len(words))]


def _host(company: Company) -> str:
    """A host of their own below `.example`, which is nobody's for ever (RFC 2606)."""
    core = "".join(c for c in anyascii(name_key(company.name).core) if c.isalnum())
    stem = company.domain.partition(".")[0]
    return f"{(core or stem or 'company')[:40]}-{bucket('host', *company[:2], of=10_000)}.example"
