"""What templates are filled with, and the project's library of them."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from orchestrator.engine.context import Context
from orchestrator.messages import Library
from orchestrator.settings import Settings
from orchestrator.store.running.letters import Company, Recipient, Writer

NOBODY = Recipient(0, "", "", "", "", "", "", "", "", "", "")


@cache
def _library(folder: Path) -> Library:
    return Library(folder)


def library_of(ctx: Context) -> Library:
    """The project's templates, each compiled once in this process."""
    return _library(ctx.settings.templates)


def facts_of(
    settings: Settings,
    company: Company,
    person: Recipient | None,
    writer: Writer,
    unsubscribe: str = "",
) -> dict[str, Any]:
    """All that a template may use; `messages.KNOWN` names it. Without a person, that part is empty.

    Spelled out rather than derived from the rows: what a template can print is decided here.
    """
    person = person or NOBODY
    return {
        "account": {
            "name": company.name,
            "domain": company.domain,
            "website": company.website,
            "sector": company.sector,
            "industry": company.industry,
            "segment": company.segment,
            "tier": company.tier,
            "city": company.city,
            "state": company.state,
            "country": company.country,
            "lost_reason": company.lost_reason,
        },
        "contact": {
            "name": person.name,
            "first_name": person.first_name,
            "title": person.title,
            "role": person.role,
            "persona": person.persona,
            "language": person.language,
        },
        "sender": {"name": writer.name, "title": writer.title, "email": writer.email},
        "workspace": {"name": settings.workspace.name},
        "postal_address": settings.mail.postal_address,
        "unsubscribe": unsubscribe,
    }
