"""A small OpenID provider that lets everybody in, and lies as it is told.

    python openid_provider.py FOLDER

It keeps the code flow's rules: a code is good once, for the client, the address and the verifier
that it was given for. What FOLDER/mood.json says goes into the next token: `claims` in place of
the right ones (null leaves one out), `alg` (none, HS256), `key` (another one signs), `issuer` of
the discovery, `status` of every answer. Its log is FOLDER/asked.jsonl, its port in FOLDER/port.
"""

from __future__ import annotations

import hmac
import json
import secrets
import sys
import time
from base64 import b64decode, urlsafe_b64encode
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "abm", "s3cret-of-the-client"
ALICE = {"sub": "alice-7", "email": "Dana@us.example", "email_verified": True}


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.folder = folder
        self.issuer = f"http://localhost:{self.server_address[1]}/us"
        self.key, self.other = (RSAKey.generate_key(2048, {"kid": "one"}) for _ in range(2))
        self.codes: dict[str, dict[str, str]] = {}

    @property
    def mood(self) -> dict[str, Any]:
        file = self.folder / "mood.json"
        return dict(json.loads(file.read_text())) if file.exists() else {}

    def token(self, asked: dict[str, str]) -> str:
        """The ID token for what was asked at the beginning, as the mood wants it."""
        now, mood = int(time.time()), self.mood
        proved = now if asked["prompt"] == "login" else now - 7_200
        right = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300,
                 "nonce": asked["nonce"], "auth_time": proved}  # fmt: skip
        claims = {name: value for name, value in (ALICE | right | mood.get("claims", {})).items()
                  if value is not None}  # fmt: skip
        alg = mood.get("alg", "RS256")
        if alg in ("none", "HS256"):
            return self._unsafe(alg, claims)
        key = self.other if mood.get("key") else self.key
        return jwt.encode({"alg": alg, "kid": "one"}, claims, key)

    def _unsafe(self, alg: str, claims: dict[str, Any]) -> str:
        """Signed by nobody, or by whoever has read our public key."""
        said = [{"alg": alg, "kid": "one"}, claims]
        text = b".".join(_base64(json.dumps(part).encode()) for part in said)
        signature = hmac.digest(self.key.as_pem(private=False), text, "sha256")
        return b".".join((text, _base64(signature) if alg == "HS256" else b"")).decode()


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:  # the name is the base class's
        url = urlsplit(self.path)
        asked = {name: values[0] for name, values in parse_qs(url.query).items()}
        self._log(asked)
        if url.path == "/us/.well-known/openid-configuration":
            self._json(self._discovery())
        elif url.path == "/us/keys":
            self._json({"keys": [self.server.key.as_dict(private=False)]})
        elif url.path == "/us/authorize":
            self._authorize(asked)
        else:
            self._json({}, 404)

    def do_POST(self) -> None:  # the name is the base class's
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        asked = {name: values[0] for name, values in parse_qs(body).items()}
        self._log(asked)
        known = self.server.codes.pop(asked.get("code", ""), None)
        if known is None or not self._is_ours(asked, known):
            self._json({"error": "invalid_grant"}, 400)
            return
        token = {"access_token": secrets.token_urlsafe(), "token_type": "Bearer", "expires_in": 300}
        self._json(token | {"id_token": self.server.token(known)})

    def _is_ours(self, asked: dict[str, str], known: dict[str, str]) -> bool:
        """The client proves itself, and the verifier fits what was shown at the beginning."""
        _, _, sent = self.headers.get("Authorization", "").partition(" ")
        challenge = _base64(sha256(asked.get("code_verifier", "").encode()).digest()).decode()
        return (
            b64decode(sent).decode() == f"{CLIENT}:{SECRET}"
            and challenge == known["code_challenge"]
            and known["code_challenge_method"] == "S256"
            and asked.get("redirect_uri") == known["redirect_uri"]
        )

    def _authorize(self, asked: dict[str, str]) -> None:
        """Everybody is let in, and is sent back with a code."""
        code = secrets.token_urlsafe()
        self.server.codes[code] = {"prompt": "", "nonce": ""} | asked
        self.send_response(302)
        back = urlencode({"code": code, "state": asked["state"], "iss": self.server.issuer})
        self.send_header("Location", f"{asked['redirect_uri']}?{back}")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _discovery(self) -> dict[str, Any]:
        issuer = self.server.issuer
        return {
            "issuer": self.server.mood.get("issuer", issuer),
            "authorization_endpoint": f"{issuer}/authorize",
            "token_endpoint": self.server.mood.get("token_endpoint", f"{issuer}/token"),
            "jwks_uri": f"{issuer}/keys",
            "end_session_endpoint": f"{issuer}/logout",
            "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
        }

    def _json(self, said: dict[str, Any], status: int = 200) -> None:
        body = json.dumps(said).encode()
        self.send_response(self.server.mood.get("status", status))
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _log(self, asked: dict[str, str]) -> None:
        with (self.server.folder / "asked.jsonl").open("a") as log:
            log.write(json.dumps({"path": self.path.partition("?")[0]} | asked) + "\n")

    def log_message(self, format: str, *args: object) -> None:
        """The log is a file of its own."""


def _base64(data: bytes) -> bytes:
    return urlsafe_b64encode(data).rstrip(b"=")


def main(folder: Path) -> None:
    server = Server(folder)
    port = folder / "port.new"
    port.write_text(str(server.server_address[1]))
    port.rename(folder / "port")
    server.serve_forever()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
