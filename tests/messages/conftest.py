"""A library in a folder of its own, and what messages know."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from orchestrator.messages import Library

Write = Callable[..., str]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The templates' folder."""
    path = tmp_path / "templates"
    path.mkdir()
    return path


@pytest.fixture
def library(folder: Path) -> Library:
    return Library(folder)


@pytest.fixture
def write(folder: Path) -> Write:
    """Writes a template and gives its name: `write("Hi {{ contact.first_name }}")`."""

    def write(source: str, name: str = "email/x", *, subject: str = "") -> str:
        file = folder / f"{name}.j2"
        file.parent.mkdir(parents=True, exist_ok=True)
        front = f"---\nsubject: {subject}\n---\n" if subject else ""
        file.write_text(front + source, "utf-8")
        return name

    return write


@pytest.fixture
def facts() -> dict[str, Any]:
    """All that a message may use, filled in."""
    return {
        "account": {
            "name": "Acme & Sons",
            "domain": "acme.example",
            "website": "https://acme.example",
            "sector": "Financials",
            "industry": "Banks",
            "segment": "mid-market",
            "tier": 1,
            "city": "Bonn",
            "state": "",
            "country": "DE",
        },
        "contact": {
            "name": "Ann Archer",
            "first_name": "Ann",
            "title": "CFO",
            "role": "economic_buyer",
            "persona": "cfo",
            "language": "en",
        },
        "sender": {"name": "Sam Seller", "title": "Account Director", "email": "sam@us.example"},
        "workspace": {"name": "Us"},
        "postal_address": "",
        "unsubscribe": "https://us.example/u/1",
    }
