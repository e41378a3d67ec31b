"""A program that calls the API with a token."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from starlette.testclient import TestClient

from orchestrator.engine.staff import tokens
from orchestrator.web.permissions import May
from tests.support.site import Site


@dataclass
class Program:
    """It sends its token with every call."""

    client: TestClient
    token_id: int
    secret: str

    def get(self, path: str, **query: Any) -> Any:
        """What there is, as JSON."""
        answer = self.client.get(f"/api/v1{path}", params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def call(self, method: str, path: str, body: Any = None, key: str = "") -> tuple[int, Any]:
        """(status, JSON) of any call."""
        headers = {"Idempotency-Key": key} if key else {}
        answer = self.client.request(method, f"/api/v1{path}", json=body, headers=headers)
        return answer.status_code, answer.json() if answer.content else None

    def post(self, path: str, body: Any = None, key: str = "") -> tuple[int, Any]:
        """(status, JSON) of a call that changes something."""
        return self.call("POST", path, body, key)


def program(
    site: Site, name: str, scopes: Iterable[str] = tuple(May), *, writes: bool = True
) -> Program:
    """A program that acts as that user."""
    made = tokens.make(site.desk.ctx, name, "a test", list(scopes), writes=writes)
    client = site.client()
    client.headers["Authorization"] = f"Bearer {made.secret}"
    return Program(client, made.id, made.secret)
