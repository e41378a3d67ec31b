"""The handle on a running OpenID provider, which is another site than ours to a browser."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.support import openid_provider
from tests.support.sinks import Sink


class Provider(Sink):
    """`Provider(folder)`; what it can be told to say is in openid_provider.py."""

    program = Path(openid_provider.__file__)

    @property
    def issuer(self) -> str:
        return f"http://localhost:{self.port}/us"

    def be(self, **mood: Any) -> None:
        """What it says from now on; the truth, if nothing is said."""
        (self.folder / "mood.json").write_text(json.dumps(mood))

    def asked(self, path: str) -> list[dict[str, str]]:
        """What it was asked there, the oldest first."""
        lines = map(json.loads, (self.folder / "asked.jsonl").read_text().splitlines())
        return [one for one in lines if one["path"] == f"/us/{path}"]
