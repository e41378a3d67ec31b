"""Where one lands after signing in: on the page that was wanted before, or on the team's own."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlencode, urlsplit

from fastapi import Request

LANDS: Final = {
    "leader": "/",  # how both teams do
    "ops": "/ops",
    "admin": "/users",
    "marketing": "/playbooks",
    "sales": "/queue",
    "customer": "/queue",
    "agency": "/queue",
}
LONGEST = 2_000  # characters of a wanted page

# A path of ours. `//host` and `/\host` lead elsewhere, and browsers drop tabs and line ends.
_LOCAL: Final = re.compile(r"/(?![/\\])[!-\[\]-~]*")
_DOORS: Final = ("/sign-in", "/sign-out")


def landing(team: str, wanted: str = "") -> str:
    """Where somebody of that team goes who wanted that page."""
    return local(wanted) or LANDS.get(team, "/queue")


def local(wanted: str) -> str:
    """The page, if it is one of ours; "" otherwise."""
    here = len(wanted) <= LONGEST and _LOCAL.fullmatch(wanted)
    return wanted if here and not urlsplit(wanted).path.startswith(_DOORS) else ""


def door(request: Request) -> str:
    """The address to sign in at, from where a page that was asked for is found again."""
    url = request.url
    wanted = asked_for(request) if url.path != "/" else ""
    return f"/sign-in?{urlencode({'next': wanted})}" if wanted else "/sign-in"


def asked_for(request: Request) -> str:
    """The page that was asked for; "" where a form was sent."""
    url = request.url
    asked = url.path + (f"?{url.query}" if url.query else "")
    return local(asked) if request.method == "GET" else ""


def came_from(request: Request) -> str:
    """The page of ours from which something was sent or asked for; "" where the browser does not
    say."""
    url = urlsplit(request.headers.get("referer", ""))
    if url.netloc != request.url.netloc:
        return ""
    return local(url.path + (f"?{url.query}" if url.query else ""))
