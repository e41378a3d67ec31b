"""A library in a folder of its own, and what messages know."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from orchestrator.channels import build_channels
from orchestrator.clock import ManualClock
from orchestrator.engine.context import Context
from orchestrator.messages import Library
from orchestrator.settings import DatabaseSettings, Mail, Settings
from orchestrator.store.database import Database
from tests.support import cast

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


# ---------------------------------------------------------------- the house around them


House = Callable[..., Context]


@pytest.fixture
def house(tmp_path: Path, folder: Path, migrated_sqlite: Path) -> Iterator[House]:
    """Builds the house on a fresh project: `house(sender=…)` sets keys of [mail]; or `url=…`."""
    built: list[Context] = []

    def build(url: str = "", **mail: Any) -> Context:
        if not url:
            shutil.copyfile(migrated_sqlite, tmp_path / "abm.db")
        settings = Settings(
            project=tmp_path,
            database=DatabaseSettings(url=url or "sqlite:///abm.db"),
            mail=Mail(**({"domain": "us.example", "sender": "team@us.example"} | mail)),
        )
        ctx = Context(
            Database(settings.database_url),
            ManualClock(cast.NOW),
            settings,
            build_channels(settings),
        )
        built.append(ctx)
        return ctx

    yield build
    for ctx in built:
        ctx.db.dispose()


def post(ctx: Context) -> list[EmailMessage]:
    """What lies in the project's maildir, oldest first."""
    files = sorted(ctx.settings.maildir.glob("new/*"), key=lambda file: file.stat().st_mtime_ns)
    return [message_from_bytes(file.read_bytes(), policy=policy.default) for file in files]
