"""What a request is called in the audit log."""

from __future__ import annotations

from fastapi import Request
from starlette.datastructures import FormData

from orchestrator.engine.staff.auditing import KINDS, Deed

# The fields of forms that are told as they are. Notes, reasons and addresses speak of people.
PLAIN = (
    "disposition", "verdict", "deed", "to", "until", "everywhere", "may", "writes", "days",
    "user", "team", "account", "playbook", "addresses",
)  # fmt: skip
LONGEST = 80  # characters of each
ONES_OWN = "/me/"  # where the visitor changes what is the visitor's
CALLED = {"name": "playbook"}  # what a part of an address names, where it does not say so


def deed(request: Request, actor: str = "", actor_id: int | None = None, **more: object) -> Deed:
    """The request as a deed of that user: `queue.done` on `task 12`."""
    endpoint = request.scope["endpoint"]
    room = endpoint.__module__.removeprefix("orchestrator.web.")
    about = _about(request, actor)
    kind, name = next((one for one in reversed(about) if one[0] in KINDS), ("", ""))
    return Deed(
        f"{room}.{endpoint.__name__}",
        ", ".join(map(" ".join, about))[:200],
        " ".join([f"{name}={value}" for name, value in more.items()] + _plain(request)),
        actor,
        actor_id,
        getattr(request.state, "via", "page"),
        request.client.host if request.client else "",
        getattr(request.state, "id", ""),
        kind,
        name,
    )


def _about(request: Request, actor: str) -> list[tuple[str, str]]:
    """(kind, name) of what the address names; of the user whom a form is about, otherwise."""
    said = [(name.removesuffix("_id"), str(value)) for name, value in request.path_params.items()]
    found = [(CALLED.get(kind, kind), value) for kind, value in said if kind != "secret"]
    if found:
        return found
    user = actor if request.url.path.startswith(ONES_OWN) else _form(request).get("user")
    return [("user", user[:LONGEST])] if user and isinstance(user, str) else []


def _plain(request: Request) -> list[str]:
    found = [(name, text) for name, text in _form(request).multi_items() if name in PLAIN]
    return [f"{name}={text[:LONGEST]}" for name, text in found if isinstance(text, str) and text]


def _form(request: Request) -> FormData:
    said: FormData = getattr(request.state, "said", FormData())
    return said
