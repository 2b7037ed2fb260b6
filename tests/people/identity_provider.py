"""A real OpenID Connect provider on this machine: discovery, authorize, token, user info, keys; signs with RSA.

Its `faults` let a test see what a broken or hostile provider does; everything else follows OpenID Connect Core 1.0.
"""

import hmac
import json
import secrets
import threading
import time
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote_plus, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

CLIENT_ID = "salesdojo"
CLIENT_SECRET = "a secret: with + signs"


@dataclass
class Account:
    """Who is logged in at the provider."""

    subject: str = "idp|42"
    email: str | None = "zhang.wei@example.com"
    email_verified: Any = True


@dataclass
class IdentityProvider:
    """State of the provider; `issuer` is known once it listens."""

    issuer: str = ""
    account: Account = field(default_factory=Account)
    #: claims that replace those of a correct id token
    claims: dict[str, Any] = field(default_factory=dict)
    #: wrong_key, no_signature, shared_secret, wrong_issuer_in_discovery, email_in_user_info, down, refuse, not_json
    faults: set[str] = field(default_factory=set)
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one"}))
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    access_tokens: set[str] = field(default_factory=set)

    def discovery(self) -> dict[str, Any]:
        issuer = "https://elsewhere.example" if "wrong_issuer_in_discovery" in self.faults else self.issuer
        return {
            "issuer": issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "jwks_uri": f"{self.issuer}/keys",
            "token_endpoint_auth_methods_supported": ["client_secret_basic"],
        }

    def authorize(self, query: dict[str, str]) -> str:
        """Logs the account in without asking; the address to send the browser back to."""
        assert query["response_type"] == "code"
        assert query["client_id"] == CLIENT_ID
        assert query["code_challenge_method"] == "S256"
        assert "openid" in query["scope"].split()
        code = secrets.token_urlsafe(16)
        self.codes[code] = query
        return f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state']})}"

    def redeem(self, form: dict[str, str], credentials: tuple[str, str]) -> tuple[int, dict[str, Any]]:
        if "refuse" in self.faults:
            return 400, {"error": "access_denied"}
        if credentials != (CLIENT_ID, CLIENT_SECRET):
            return 401, {"error": "invalid_client"}
        asked = self.codes.pop(form["code"], None)
        challenge = _encoded(sha256(form["code_verifier"].encode()).digest())
        if asked is None or asked["code_challenge"] != challenge or asked["redirect_uri"] != form["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        access_token = secrets.token_urlsafe(16)
        self.access_tokens.add(access_token)
        return 200, {
            "access_token": access_token,
            "token_type": "Bearer",
            "id_token": self._id_token(asked["nonce"]),
        }

    def user_info(self) -> dict[str, Any]:
        return {"sub": self.account.subject, **self._email()}

    def _email(self) -> dict[str, Any]:
        verified = self.account.email_verified
        return {"email": self.account.email, "email_verified": verified} if self.account.email else {}

    def _id_token(self, nonce: str) -> str:
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "sub": self.account.subject,
            "aud": CLIENT_ID,
            "iat": now,
            "exp": now + 300,
            "nonce": nonce,
            **({} if "email_in_user_info" in self.faults else self._email()),
            **self.claims,
        }
        if "no_signature" in self.faults:
            return f"{_signing_input('none', claims)}."
        if "shared_secret" in self.faults:
            # the classic confusion: the public key, which everybody knows, taken as the secret of an HMAC
            signed = _signing_input("HS256", claims)
            return f"{signed}.{_encoded(hmac.digest(self.key.as_pem(private=False), signed.encode(), 'sha256'))}"
        key = RSAKey.generate_key(2048, {"kid": "one"}) if "wrong_key" in self.faults else self.key
        return jwt.encode({"alg": "RS256", "kid": "one"}, claims, key)


@contextmanager
def running_provider() -> Iterator[IdentityProvider]:
    """The provider, listening on a free port of 127.0.0.1."""
    provider = IdentityProvider()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(provider))
    provider.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield provider
    server.shutdown()
    server.server_close()
    thread.join()


def _signing_input(algorithm: str, claims: dict[str, Any]) -> str:
    header = {"alg": algorithm, "kid": "one"}
    return ".".join(_encoded(json.dumps(part).encode()) for part in (header, claims))


def _encoded(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode()


def _handler(provider: IdentityProvider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            where = urlsplit(self.path)
            if where.path == "/authorize":
                self.send_response(302)
                query = {name: values[0] for name, values in parse_qs(where.query).items()}
                self.send_header("Location", provider.authorize(query))
                self.end_headers()
            elif where.path == "/.well-known/openid-configuration":
                self._answer(200, provider.discovery())
            elif where.path == "/keys":
                self._answer(200, KeySet([provider.key]).as_dict(private=False))
            elif where.path == "/userinfo":
                bearer = self.headers["Authorization"].removeprefix("Bearer ")
                self._answer(*((200, provider.user_info()) if bearer in provider.access_tokens else (401, {})))

        def do_POST(self) -> None:
            form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            pair = b64decode(self.headers["Authorization"].removeprefix("Basic ")).decode().split(":", 1)
            credentials = (unquote_plus(pair[0]), unquote_plus(pair[1]))
            self._answer(*provider.redeem({name: values[0] for name, values in form.items()}, credentials))

        def _answer(self, status: int, body: dict[str, Any]) -> None:
            content = b"<html>maintenance</html>" if "not_json" in provider.faults else json.dumps(body).encode()
            self.send_response(503 if "down" in provider.faults else status)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_arguments: Any) -> None:
            """The provider keeps quiet."""

    return Handler
