"""What a row about a person says, in our words: the company, its account, a first name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from anyascii import anyascii

from accounts.importing import AccountRow, ContactRow
from accounts.matching import Record
from accounts.people_names import read_name
from orchestrator.alignment import Agreement
from orchestrator.engine.companies.account_rows import new_account


def company_of(row: ContactRow) -> Record:
    """The company as the matcher asks about it; where a person lives says nothing about it."""
    return Record(row.company, row.website, row.email)


def named_by(row: ContactRow) -> Record:
    """What the row says of the company itself: an address may be a consultant's."""
    return Record(row.company, row.website)


def account_of(row: ContactRow, agreement: Agreement, now: datetime) -> dict[str, Any]:
    """All columns of the account that a person's company becomes."""
    unknown = dict.fromkeys(
        ("email", "phone", "sector", "industry", "country", "state", "city", "market_cap", "zone",
         "lost_reason", "parent", "external_id"), "",
    )  # fmt: skip
    company = AccountRow(
        line=row.line, name=row.company, website=row.website, domain=row.domain, tier=0, extra=(),
        **unknown,
    )  # fmt: skip
    return new_account(company, "", agreement, now)


def first_name(name: str) -> str:
    """What to call somebody; "" where a name is one word or has no more than an initial."""
    read = read_name(name)
    return read.called if read.family and read.given and len(read.given[0]) > 1 else ""


def is_vague(have: Mapping[str, Any]) -> bool:
    """Whether the contact has no name but an address or an initial."""
    return have["name"] == have["email"] or read_name(have["name"]).is_short


def slug(role: str) -> str:
    """A role as playbooks spell it: "Economic Buyer" is economic_buyer."""
    return re.sub(r"[^a-z0-9/]+", "_", anyascii(role).casefold()).strip("_")
