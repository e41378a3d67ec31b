"""Playbooks: how each stands, its picture, where its accounts are, and the switch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Form
from fastapi.responses import RedirectResponse, Response

from accounts.errors import AbmError
from orchestrator.drawing import layout, size, svg
from orchestrator.engine import reading
from orchestrator.engine.plays import figures, holding, versions
from orchestrator.store.pages.reports import Held
from orchestrator.web import marks, shared
from orchestrator.web.numbers import Id
from orchestrator.web.permissions import May
from orchestrator.web.visitors import (
    PICTURE_POLICY,
    Here,
    Missing,
    Needs,
    Visitor,
    from_our_page,
)

router = APIRouter(
    prefix="/playbooks", dependencies=[Depends(Needs(May.SHARED)), Depends(from_our_page)]
)


@router.get("")
def listed(here: Visitor) -> Response:
    """Every playbook: who runs it, what of it is held and by which rule."""
    held, reach = _by_playbook(reading.held(here.ctx)), shared.reach(here)
    books = [one for one in reading.playbooks(here.ctx) if not reach or one.name in reach.playbooks]
    return here.page("playbooks", books=books, held=held)


@router.get("/{name}")
def playbook(here: Visitor, name: str) -> Response:
    """One playbook."""
    return _page(here, name)


@router.get("/{name}/picture.svg")
def picture(here: Visitor, name: str) -> Response:
    """Who does what, from left to right in the days."""
    shared.playbook(here, name)
    try:
        plan = versions.plan_in_force(here.ctx, name)
    except AbmError as error:
        raise Missing(error.reason) from error
    drawn = svg(layout(plan), marks.of_playbook(figures.standing(here.ctx, name)))
    headers = {"Content-Security-Policy": PICTURE_POLICY}
    return Response(drawn, media_type="image/svg+xml", headers=headers)


@router.get("/{name}/versions/{number}")
def version(here: Visitor, name: str, number: Id) -> Response:
    """One version as it was written, and what it says differently from the one before."""
    shared.playbook(here, name)
    try:
        every = versions.versions(here.ctx, name)
        one = next(found for found in every if found.number == number)
    except (AbmError, StopIteration) as error:
        raise Missing(f"there is no version {number} of {name[:80]!r}") from error
    before = max((found.number for found in every if found.number < number), default=0)
    changes = versions.compare(here.ctx, name, before, number) if before else []
    source = versions.source(here.ctx, name, number)
    return here.page("version", book=name, one=one, before=before, changes=changes,
                     source=source)  # fmt: skip


@router.post("/{name}/pause", dependencies=[Depends(Needs(May.STEER))])
def pause(here: Visitor, name: str, reason: Annotated[str, Form()] = "") -> Response:
    """Hold all its plays until somebody lets them go on. Both teams read why."""
    if not reason.strip():
        return _page(here, name, "whoever pauses a playbook says why", 400)
    what = holding.target(here.ctx, "playbook", name)
    holding.pause(here.ctx, what, by=here.visit.name, reason=reason.strip()[:500])
    return _back(name)


@router.post("/{name}/resume", dependencies=[Depends(Needs(May.STEER))])
def resume(here: Visitor, name: str) -> Response:
    """Let them go on, at its pace."""
    what = holding.target(here.ctx, "playbook", name)
    holding.resume(here.ctx, what, by=here.visit.name)
    return _back(name)


def _page(here: Here, name: str, problem: str = "", status: int = 200) -> Response:
    shared.playbook(here, name)
    book = next((one for one in reading.playbooks(here.ctx) if one.name == name), None)
    if book is None:
        raise Missing(f"there is no playbook {name[:80]!r}")
    plan = versions.plan_in_force(here.ctx, book.name) if book.version else None
    return here.page(
        "playbook",
        status,
        book=book,
        plan=plan,
        room=size(layout(plan)) if plan else None,
        standing=figures.standing(here.ctx, name),
        results=figures.came(here.ctx, name),
        held=_by_playbook(reading.held(here.ctx)).get(name, []),
        versions=figures.versions_of(here.ctx, name) if book.version else [],
        kept=figures.KEPT if sum(book.enrollments.values()) >= figures.LARGE else None,
        problem=problem,
    )


def _by_playbook(held: Sequence[Held]) -> Mapping[str, list[Held]]:
    found: dict[str, list[Held]] = {}
    for one in held:
        found.setdefault(one.playbook, []).append(one)
    return found


def _back(name: str) -> Response:
    return RedirectResponse(f"/playbooks/{name}", status_code=303)
