"""What a request is called in the audit log."""

from __future__ import annotations

from fastapi import Request
from starlette.datastructures import FormData

from orchestrator.engine.staff.auditing import Deed

# The fields of forms that are told as they are. Notes, reasons and addresses speak of people.
PLAIN = (
    "disposition", "verdict", "deed", "to", "until", "everywhere", "may", "writes", "days",
    "user", "team",
)  # fmt: skip
LONGEST = 80  # characters of each


def deed(request: Request, actor: str = "", actor_id: int | None = None, **more: object) -> Deed:
    """The request as a deed of that user: `queue.done` on `task 12`."""
    endpoint = request.scope["endpoint"]
    room = endpoint.__module__.removeprefix("orchestrator.web.")
    about = [f"{name.removesuffix('_id')} {value}" for name, value in request.path_params.items()
             if name != "secret"]  # fmt: skip
    return Deed(
        f"{room}.{endpoint.__name__}",
        ", ".join(about)[:200],
        " ".join([f"{name}={value}" for name, value in more.items()] + _plain(request)),
        actor,
        actor_id,
        getattr(request.state, "via", "page"),
        request.client.host if request.client else "",
        getattr(request.state, "id", ""),
    )


def _plain(request: Request) -> list[str]:
    said: FormData = getattr(request.state, "said", FormData())
    found = [(name, text) for name, text in said.multi_items() if name in PLAIN]
    return [f"{name}={text[:LONGEST]}" for name, text in found if isinstance(text, str) and text]
