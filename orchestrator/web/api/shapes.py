"""What is sent and what is answered."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Annotated, Any, Generic, Self, TypeVar

from fastapi import Path, Query
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field


def _plain(text: str) -> str:
    if "\0" in text:
        raise ValueError("no NUL")
    return text


def _utc(at: datetime) -> datetime:
    try:
        return at.astimezone(UTC)
    except OverflowError:
        raise ValueError("a year from 1 to 9999 in UTC, too") from None


def _storable(value: dict[str, Any]) -> dict[str, Any]:
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False)
        text.encode()
    except (ValueError, RecursionError):
        raise ValueError("not storable: a number or a text that JSON does not know") from None
    if "\\u0000" in text:
        raise ValueError("no NUL")
    return value


Words = Annotated[str, AfterValidator(_plain), Field(max_length=2_000, pattern="^[^\\x00]*$")]
Short = Annotated[str, AfterValidator(_plain), Field(max_length=200, pattern="^[^\\x00]*$")]
Moment = Annotated[AwareDatetime, AfterValidator(_utc)]
Tier = Annotated[int, Query(ge=0, le=3)]
Payload = Annotated[dict[str, Any], AfterValidator(_storable), Field(max_length=200)]

Name = Annotated[str, Path(max_length=100, pattern="^[a-z0-9][a-z0-9-]*$")]
Cursor = Annotated[str, Query(max_length=80, description="`next` of the page before.")]
Limit = Annotated[int, Query(ge=1, le=200, description="At most so many.")]


class Sent(BaseModel):
    """What a program sends: no field that nobody knows."""

    model_config = ConfigDict(extra="forbid")


Item = TypeVar("Item")


class Page(BaseModel, Generic[Item]):
    """A page of a list; `next` is the cursor of the next one, null on the last."""

    items: list[Item]
    next: str | None


class Problem(BaseModel):
    """What is wrong (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    hint: str


WRONG: Mapping[int | str, dict[str, Any]] = {
    status: {"description": what, "content": {"application/problem+json": {}}, "model": Problem}
    for status, what in (
        (400, "It cannot be done"), (401, "No valid token"), (403, "Not allowed"),
        (404, "There is no such thing"), (409, "The key is taken"), (422, "It cannot be read"),
    )
}  # fmt: skip


class Account(BaseModel):
    """A company."""

    id: int
    name: str
    domain: str
    country: str
    segment: str
    tier: int
    stage: str
    fit: float
    engagement: float
    paused_until: datetime | None
    pause_reason: str


class Contact(BaseModel):
    """A person there; addresses only for those who may see them."""

    id: int
    account_id: int
    name: str
    title: str
    role: str
    persona: str
    language: str
    engagement: float
    consent: str
    email: str | None
    phone: str | None
    left_at: datetime | None


class Activity(BaseModel):
    """An entry of the log that both teams share."""

    id: int
    at: datetime
    account_id: int | None
    contact_id: int | None
    enrollment_id: int | None
    step: str
    kind: str
    team: str
    actor_id: int | None
    text: str


class Opportunity(BaseModel):
    """A word on an opportunity. `deal` says which of the account's it is; what was not said is ""
    or null; `amount` is in the house's currency."""

    id: int
    at: datetime
    text: str
    deal: str
    title: str
    stage: str
    amount: str | None
    closes: date | None
    owner_id: int | None

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        """From the entry of the log."""
        said = row["data"] or {}
        return cls(
            id=row["id"], at=row["at"], text=row["text"], deal=str(said.get("deal") or ""),
            title=str(said.get("title") or ""), stage=str(said.get("stage") or ""),
            amount=None if said.get("amount") is None else str(said["amount"]),
            closes=said.get("closes"), owner_id=said.get("owner_id"),
        )  # fmt: skip


class Task(BaseModel):
    """A piece of work for a person."""

    id: int
    enrollment_id: int | None
    account_id: int | None
    contact_id: int | None
    step: str
    purpose: str
    kind: str
    team: str
    assignee_id: int | None
    title: str
    body: str
    status: str
    reason: str
    disposition: str
    outcome: str
    note: str
    opened_at: datetime
    due_at: datetime | None
    ended_at: datetime | None
    done_by: int | None


class Enrollment(BaseModel):
    """One account's run through a playbook."""

    id: int
    account_id: int
    playbook: str
    status: str
    reason: str
    stop_reason: str
    outcome: str
    tier: int | None
    next_due_at: datetime | None
    waiting_since: datetime
    activated_at: datetime | None
    ended_at: datetime | None
    goal_at: datetime | None


class Playbook(BaseModel):
    """A playbook and how many accounts stand how in it."""

    name: str
    title: str
    version: int
    enrollments: dict[str, int]
    started: int
    reached: int
    paused_at: datetime | None
    pause_reason: str


def fields(shape: type[BaseModel]) -> list[str]:
    """The names of its fields: the columns that a list reads."""
    return list(shape.model_fields)
