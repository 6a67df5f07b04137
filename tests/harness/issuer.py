"""A small OpenID Connect issuer on the loopback: publishes its keys, answers a code once, signs with RS256."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT = "team-around"
SECRET = "a secret of the agency's issuer"


class Issuer:
    """What it says is set by the test: `claims` for the next person, `forge` to break the token."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.claims: dict[str, Any] = {}
        self.challenge = ""
        self.codes: set[str] = set()
        self.forge = ""
        self.names_itself = self.url

    def signs_in(self, location: str, **claims: Any) -> dict[str, str]:
        """The person signs in at the issuer that `location` leads to; what comes back to the product."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}
        assert location.startswith(f"{self.url}/authorize")
        assert asked["client_id"] == CLIENT
        assert asked["code_challenge_method"] == "S256"
        self.challenge = asked["code_challenge"]
        self.claims = claims
        code = f"code-{len(self.codes)}-{time.monotonic_ns()}"
        self.codes.add(code)
        return {"code": code, "state": asked["state"]}

    def configuration(self) -> dict[str, Any]:
        return {
            "issuer": self.names_itself,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
        }

    def keys(self) -> dict[str, Any]:
        public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
        return {"keys": [{**public, "kid": "one", "use": "sig", "alg": "RS256"}]}

    def answer(self, posted: dict[str, str]) -> dict[str, Any] | None:
        """The token for a code; None where the code, the secret or the proof does not fit."""
        proof = hashlib.sha256(posted.get("code_verifier", "").encode()).digest()
        fits = base64.urlsafe_b64encode(proof).rstrip(b"=").decode() == self.challenge
        if not fits or posted.get("client_secret") != SECRET or posted.get("code") not in self.codes:
            return None
        self.codes.discard(posted["code"])
        return {"access_token": "unused", "token_type": "Bearer", "id_token": self.token()}

    def token(self) -> str:
        now = int(time.time())
        claims = {
            "iss": self.url,
            "aud": CLIENT,
            "sub": "person-1",
            "iat": now,
            "exp": now + 300,
            **self.claims,
        }
        if self.forge == "unsigned":
            return jwt.encode(claims, None, algorithm="none", headers={"kid": "one"})
        if self.forge == "secret":
            return jwt.encode(claims, "x" * 64, algorithm="HS256", headers={"kid": "one"})
        key = self.stranger if self.forge == "stranger" else self.key
        return jwt.encode(claims, key, algorithm="RS256", headers={"kid": "one"})


@contextmanager
def issuing() -> Iterator[Issuer]:
    """An issuer that runs until the block ends."""
    issuer: Issuer

    class Handler(BaseHTTPRequestHandler):
        def _send(self, body: dict[str, Any] | None) -> None:
            raw = json.dumps(body or {"error": "invalid_grant"}).encode()
            self.send_response(200 if body else 400)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def do_GET(self) -> None:
            self._send(issuer.keys() if self.path == "/keys" else issuer.configuration())

        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self._send(issuer.answer({name: values[0] for name, values in parse_qs(raw).items()}))

        def log_message(self, format: str, *args: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    issuer = Issuer(server.server_port)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield issuer
    finally:
        server.shutdown()
        server.server_close()
