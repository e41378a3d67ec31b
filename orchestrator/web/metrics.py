"""How it stands, for Prometheus: the figures of the ops page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from fastapi import APIRouter, Request
from fastapi.responses import Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest

from orchestrator.engine import reading
from orchestrator.engine.pages import promises
from orchestrator.engine.reading import Status
from orchestrator.engine.staff import tokens
from orchestrator.store.pages.promises import Kept
from orchestrator.web.permissions import May, may
from orchestrator.web.visitors import House, Missing, house_of

HERE = ("127.0.0.1", "::1")

router = APIRouter()


@router.get("/metrics")
def metrics(request: Request) -> Response:
    """The figures, for this machine or for a token that may `operate`."""
    house = house_of(request)
    if not (_from_here(request, house) or _may(request, house)):
        raise Missing("nothing is here")
    registry = CollectorRegistry()
    _tell(registry, reading.status(house.ctx))
    _owed(registry, promises.kept(house.ctx))
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


def _from_here(request: Request, house: House) -> bool:
    """Whether this machine asks. Behind a proxy everybody seems to, so that a token is needed."""
    return not house.secure and request.client is not None and request.client.host in HERE


def _may(request: Request, house: House) -> bool:
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    token = tokens.caller(house.ctx, secret) if scheme.lower() == "bearer" else None
    return token is not None and may(token.team, May.OPERATE) and May.OPERATE in token.scopes


def _tell(registry: CollectorRegistry, stand: Status) -> None:
    def gauge(name: str, what: str, label: str, values: Mapping[str, float]) -> None:
        found = Gauge(f"abm_{name}", what, [label], registry=registry)
        for word, value in values.items():
            found.labels(word).set(value)

    concerns = stand.concerns
    gauge("due", "What waits for a concern now", "concern", {one.name: one.due for one in concerns})
    gauge("lag_seconds", "Since when the oldest of it waits", "concern",
          {one.name: one.lag for one in concerns})  # fmt: skip
    gauge("failing", "Whether the last pass failed", "concern",
          {one.name: bool(one.error) for one in concerns})  # fmt: skip
    gauge("last_pass_timestamp_seconds", "When the last pass began, in business time", "concern",
          {one.name: one.started_at.timestamp() for one in concerns if one.started_at})  # fmt: skip
    gauge("touches", "Touches on their way", "status", stand.outgoing)
    gauge("events_left_over", "Events that nothing was done with", "status", stand.left_over)
    gauge("held", "What rests", "what", _summed((one.what, one.number) for one in stand.held))
    gauge("enrollments", "Runs of playbooks", "status", _summed(
        pair for book in stand.playbooks for pair in book.enrollments.items()))  # fmt: skip
    gauge("tasks", "Open tasks", "which",
          {"open": stand.open_tasks, "overdue": stand.overdue_tasks})  # fmt: skip


def _owed(registry: CollectorRegistry, teams: Iterable[Kept]) -> None:
    what = "What a team owes: kept and broken in 7 days, open and at risk now"
    found = Gauge("abm_promises", what, ["team", "state"], registry=registry)
    for one in teams:
        numbers = {
            "kept": one.near_kept, "broken": one.near_broken, "open": one.open,
            "at_risk": one.at_risk,
        }  # fmt: skip
        for state, number in numbers.items():
            found.labels(one.team, state).set(number)


def _summed(pairs: Iterable[tuple[str, int]]) -> dict[str, float]:
    found: dict[str, float] = {}
    for word, number in pairs:
        found[word] = found.get(word, 0) + number
    return found
