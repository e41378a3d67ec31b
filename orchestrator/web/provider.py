"""The OpenID provider: where it is, what it says of somebody, and whether that can be believed.

The code flow with PKCE. Nothing is remembered between two requests: discovery and keys are asked
for each time, so that a changed key is no trouble. Calls go through the guard, which lets them
into our own network only at the issuer's own host.
"""

from __future__ import annotations

import hmac
import json
import logging
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

import httpx
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.client import OAuth2Client
from authlib.oidc.core import CodeIDToken
from authlib.oidc.discovery import get_well_known_url
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from accounts.errors import AbmError
from orchestrator.channels.guard import Guard
from orchestrator.channels.wire import GuardedTransport
from orchestrator.engine.staff.vouching import Voucher
from orchestrator.settings import Settings

SECONDS = 10.0  # for a request and its answer
LARGEST = 512 * 1024  # octets of an answer
# Signatures by a key that only the provider has: never `none`, never a secret that both know.
ALGORITHMS: Final = (
    *("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    *("ES256", "ES384", "ES512"),
)
_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")
_BROKEN = (OAuth2Error, JoseError, AbmError, httpx.HTTPError, httpx.InvalidURL, OSError,
           ValueError, TypeError, KeyError, OverflowError, RecursionError)  # fmt: skip

logger = logging.getLogger(__name__)


class NoVoucher(AbmError):
    """The provider cannot be reached, or says nothing that can be believed."""


@dataclass(frozen=True, slots=True)
class Trip:
    """One way there and back. All that must match follows from a secret of the browser alone."""

    secret: str = field(repr=False)
    back: str  # our address to which the provider sends people

    @property
    def state(self) -> str:
        """Who comes back is who went."""
        return self._of("state")

    @property
    def nonce(self) -> str:
        """The token was made for this trip."""
        return self._of("nonce")

    @property
    def verifier(self) -> str:
        """The code was given for this trip."""
        return self._of("verifier")

    def _of(self, what: str) -> str:
        digest = hmac.digest(self.secret.encode(), what.encode(), "sha256")
        return urlsafe_b64encode(digest).rstrip(b"=").decode()


def start(settings: Settings, trip: Trip, *, fresh: bool = False) -> str:
    """Where the browser goes; `fresh` asks people to prove anew who they are. NoVoucher if the
    provider cannot be reached."""
    try:
        known, again = _discovered(settings), {"prompt": "login", "max_age": "0"} if fresh else {}
        url, _ = _client(settings, known).create_authorization_url(
            known["authorization_endpoint"], state=trip.state, nonce=trip.nonce,
            code_verifier=trip.verifier, redirect_uri=trip.back, **again,
        )  # fmt: skip
        return str(url)
    except _BROKEN as error:
        raise _said("cannot be reached", error) from error


def voucher(settings: Settings, trip: Trip, code: str, now: datetime) -> Voucher:
    """What the provider says of whom it gave the code for. NoVoucher unless all of it is right."""
    try:
        known = _discovered(settings)
        token = _client(settings, known).fetch_token(
            known["token_endpoint"], grant_type="authorization_code", code=code,
            code_verifier=trip.verifier, redirect_uri=trip.back,
        )  # fmt: skip
        claims = _claims(settings, known, token, trip.nonce, now)
        return _voucher(settings, claims)
    except _BROKEN as error:
        raise _said("could not vouch for you", error) from error


def farewell(settings: Settings, back: str) -> str:
    """Where people sign out of the provider, too. NoVoucher if it has no such page."""
    try:
        there = _discovered(settings)["end_session_endpoint"]
    except _BROKEN as error:
        raise _said("has no page to sign out at", error) from error
    asked = {"client_id": settings.oidc.client_id, "post_logout_redirect_uri": back}
    return f"{there}{'&' if '?' in there else '?'}{urlencode(asked)}"


def _said(what: str, error: BaseException) -> NoVoucher:
    """The log says why; whoever is at the door need not know. No message holds a token."""
    logger.warning("the OpenID provider %s: %s: %s", what, type(error).__name__, error)
    return NoVoucher(f"the sign-in at the provider failed: it {what}", "try again, or use a link")


# ---------------------------------------------------------------- what it says


def _claims(
    settings: Settings, known: Mapping[str, str], token: Mapping[str, Any], nonce: str,
    now: datetime,
) -> Mapping[str, Any]:  # fmt: skip
    oidc = settings.oidc
    keys = KeySet.import_key_set(_json(settings, known["jwks_uri"]))  # type: ignore[arg-type]
    registry = JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False)
    read = jwt.decode(token["id_token"], keys, registry=registry)
    claims = CodeIDToken(
        read.claims, read.header,
        {"iss": {"essential": True, "value": oidc.issuer},
         "aud": {"essential": True, "value": oidc.client_id}},
        {"nonce": nonce, "client_id": oidc.client_id, "access_token": token.get("access_token")},
    )  # fmt: skip
    claims.validate(int(now.timestamp()), oidc.leeway)
    return dict(claims)


def _voucher(settings: Settings, claims: Mapping[str, Any]) -> Voucher:
    subject, email, proved = claims["sub"], claims.get("email"), claims.get("auth_time")
    if not isinstance(subject, str) or not subject:
        raise ValueError("no subject")
    verified = claims.get("email_verified") is True and isinstance(email, str)
    return Voucher(
        settings.oidc.issuer,
        subject,
        str(email).strip() if verified else "",
        datetime.fromtimestamp(proved, UTC) if proved else None,
    )


# ---------------------------------------------------------------- how it is asked


def _discovered(settings: Settings) -> dict[str, str]:
    """Its addresses. ValueError for another issuer's, and for one that anybody could listen at."""
    issuer = settings.oidc.issuer
    known = _json(settings, get_well_known_url(issuer, external=True))
    if known.get("issuer") != issuer:
        raise ValueError("it calls itself by another name than [oidc] does")
    schemes = ("https", urlsplit(issuer).scheme)
    found = {name: known[name] for name in (*_ENDPOINTS, "end_session_endpoint") if name in known}
    for name, url in found.items():
        if not isinstance(url, str) or urlsplit(url).scheme not in schemes:
            raise ValueError(f"{name} is no https address")
    methods = known.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    return found | {"method": _method(settings, methods)}


def _method(settings: Settings, supported: list[str]) -> str:
    if not settings.oidc_secret:
        return "none"
    basic = "client_secret_basic"
    return basic if basic in supported else "client_secret_post"


def _client(settings: Settings, known: Mapping[str, str]) -> Any:
    return OAuth2Client(
        _Wire(settings), settings.oidc.client_id, settings.oidc_secret, known["method"],
        scope="openid email", code_challenge_method="S256",
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Wire:
    """What authlib's client posts with. Its own clients are those of another HTTP library."""

    settings: Settings

    def post(
        self, url: str, data: Mapping[str, str], headers: Mapping[str, str], auth: Any
    ) -> httpx.Response:
        asked = auth.prepare("POST", url, dict(headers), urlencode(data))
        return _ask(self.settings, "POST", *asked)


def _json(settings: Settings, url: str) -> dict[str, Any]:
    answer = _ask(settings, "GET", url, {"Accept": "application/json"})
    found = json.loads(answer.raise_for_status().content)
    if not isinstance(found, dict):
        raise ValueError("the answer is no JSON object")
    return found


def _ask(
    settings: Settings, method: str, url: str, headers: Mapping[str, str], body: str = ""
) -> httpx.Response:
    """The answer, which is not followed elsewhere and not unpacked."""
    guard = Guard(allow=[urlsplit(settings.oidc.issuer).netloc])
    wanted = {**headers, "Accept-Encoding": "identity"}
    with (
        httpx.Client(transport=GuardedTransport(guard, SECONDS), trust_env=False) as client,
        client.stream(method, url, headers=wanted, content=body) as answer,
    ):
        content = bytearray()
        for chunk in answer.iter_raw():
            content += chunk
            if len(content) > LARGEST:
                raise ValueError("the answer is too large")
        return httpx.Response(answer.status_code, content=bytes(content), request=answer.request)
