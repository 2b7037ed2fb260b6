"""Log-in through an identity provider: OpenID Connect Core 1.0, authorization code flow with PKCE (RFC 7636)."""

import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from hmac import compare_digest
from typing import Any
from urllib.parse import quote_plus, urlencode

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, OctKey

from crm_core.foundation import clock
from crm_core.foundation.errors import Unauthenticated, Unavailable
from crm_core.foundation.settings import Settings

_SCOPES = "openid email profile"
_TIME_TO_LOG_IN = timedelta(minutes=10)
_CLOCK_SKEW_SECONDS = 60
_PROVIDER_TIMEOUT_SECONDS = 10
#: asymmetric only: a provider's public key must never be taken for a shared secret
_SIGNATURES = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"]


class SingleSignOnNotConfigured(Unavailable):
    code = "oidc_not_configured"


class ProviderUnavailable(Unavailable):
    code = "oidc_provider_unavailable"


class ProviderRefused(Unauthenticated):
    code = "oidc_refused"


class SignOnStateInvalid(Unauthenticated):
    """The answer does not belong to a log-in that this browser started in the last minutes."""

    code = "oidc_state_invalid"


class IdTokenInvalid(Unauthenticated):
    code = "oidc_token_invalid"


@dataclass(frozen=True, slots=True)
class Departure:
    """Where to send the browser, and what it must keep and bring back."""

    address: str
    kept: str
    keep_seconds: int


@dataclass(frozen=True, slots=True)
class Identity:
    """Who somebody is at the provider; the e-mail address only if the provider has verified it."""

    issuer: str
    subject: str
    verified_email: str | None


class SingleSignOn:
    """One identity provider, as the settings name it. Raises SingleSignOnNotConfigured where they name none."""

    def __init__(self, settings: Settings) -> None:
        if not settings.oidc_issuer or not settings.oidc_client_id:
            raise SingleSignOnNotConfigured()
        self._issuer = settings.oidc_issuer
        self._client_id = settings.oidc_client_id
        self._client_secret = settings.oidc_client_secret.get_secret_value() if settings.oidc_client_secret else None
        self._return_address = f"{settings.address}/api/oidc/callback"
        secret = settings.secret_key.get_secret_value()
        self._state_key = OctKey.import_key(sha256(f"oidc-state:{secret}".encode()).digest())

    def depart(self) -> Departure:
        """Begin a log-in."""
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        query = {
            "response_type": "code",
            "client_id": self._client_id,
            "redirect_uri": self._return_address,
            "scope": _SCOPES,
            "state": state,
            "nonce": nonce,
            "code_challenge": _challenge(verifier),
            "code_challenge_method": "S256",
        }
        with self._provider() as provider:
            endpoint = self._discover(provider)["authorization_endpoint"]
        separator = "&" if "?" in endpoint else "?"
        return Departure(
            address=f"{endpoint}{separator}{urlencode(query)}",
            kept=self._sign({"state": state, "nonce": nonce, "verifier": verifier}),
            keep_seconds=int(_TIME_TO_LOG_IN.total_seconds()),
        )

    def arrive(self, *, code: str, state: str, kept: str | None) -> Identity:
        """End a log-in: redeem the code and verify what the provider says.

        Raises SignOnStateInvalid, ProviderRefused, IdTokenInvalid or ProviderUnavailable.
        """
        started = self._verify_kept(kept)
        if not compare_digest(state.encode(), started["state"].encode()):
            raise SignOnStateInvalid()
        with self._provider() as provider:
            metadata = self._discover(provider)
            tokens = self._redeem(provider, metadata, code, started["verifier"])
            claims = self._verified_claims(provider, metadata, tokens["id_token"], started["nonce"])
            if "email" not in claims and "userinfo_endpoint" in metadata:
                claims |= self._user_info(provider, metadata, tokens.get("access_token", ""), claims["sub"])
        email = claims.get("email") if claims.get("email_verified") is True else None
        return Identity(self._issuer, str(claims["sub"]), str(email).strip().casefold() if email else None)

    def _provider(self) -> "_Provider":
        return _Provider(self._issuer)

    def _discover(self, provider: "_Provider") -> dict[str, Any]:
        metadata = provider.get(f"{self._issuer.rstrip('/')}/.well-known/openid-configuration")
        if metadata.get("issuer") != self._issuer:
            raise IdTokenInvalid(reason="issuer")
        return metadata

    def _redeem(self, provider: "_Provider", metadata: dict[str, Any], code: str, verifier: str) -> dict[str, Any]:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._return_address,
            "code_verifier": verifier,
        }
        methods = metadata.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        basic = None
        if self._client_secret and "client_secret_basic" in methods:
            basic = (quote_plus(self._client_id), quote_plus(self._client_secret))
        else:
            form |= {"client_id": self._client_id}
            form |= {"client_secret": self._client_secret} if self._client_secret else {}
        tokens = provider.post(metadata["token_endpoint"], form, basic)
        if not isinstance(tokens.get("id_token"), str):
            raise IdTokenInvalid(reason="id_token")
        return tokens

    def _verified_claims(
        self, provider: "_Provider", metadata: dict[str, Any], id_token: str, nonce: str
    ) -> dict[str, Any]:
        """OpenID Connect Core 1.0, section 3.1.3.7."""
        registry = jwt.JWTClaimsRegistry(
            now=lambda: int(clock.now().timestamp()),
            leeway=_CLOCK_SKEW_SECONDS,
            iss={"essential": True, "value": self._issuer},
            aud={"essential": True, "value": self._client_id},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
            nonce={"essential": True, "value": nonce},
        )
        try:
            keys = KeySet.import_key_set(provider.get(metadata["jwks_uri"]))  # type: ignore[arg-type]  # checked inside
            claims = jwt.decode(id_token, keys, algorithms=_SIGNATURES).claims
            registry.validate(claims)
        except (JoseError, ValueError) as failure:
            raise IdTokenInvalid(reason=getattr(failure, "error", "") or type(failure).__name__) from failure
        if isinstance(claims["aud"], list) and len(claims["aud"]) > 1 and claims.get("azp") != self._client_id:
            raise IdTokenInvalid(reason="azp")
        return claims

    def _user_info(
        self, provider: "_Provider", metadata: dict[str, Any], access_token: str, subject: str
    ) -> dict[str, Any]:
        answer = provider.get(metadata["userinfo_endpoint"], access_token)
        if answer.get("sub") != subject:
            raise IdTokenInvalid(reason="sub")
        return {name: answer[name] for name in ("email", "email_verified") if name in answer}

    def _sign(self, values: dict[str, str]) -> str:
        expires = int((clock.now() + _TIME_TO_LOG_IN).timestamp())
        return jwt.encode({"alg": "HS256"}, {**values, "exp": expires}, self._state_key)

    def _verify_kept(self, kept: str | None) -> dict[str, str]:
        registry = jwt.JWTClaimsRegistry(now=lambda: int(clock.now().timestamp()), exp={"essential": True})
        try:
            claims = jwt.decode(kept or "", self._state_key, algorithms=["HS256"]).claims
            registry.validate(claims)
        except (JoseError, ValueError) as failure:
            raise SignOnStateInvalid() from failure
        return claims


class _Provider:
    """Calls of one log-in to the provider; every failure to answer properly is ProviderUnavailable."""

    def __init__(self, issuer: str) -> None:
        self._issuer = issuer
        self._http = httpx.Client(timeout=_PROVIDER_TIMEOUT_SECONDS)

    def __enter__(self) -> "_Provider":
        return self

    def __exit__(self, *_exception: object) -> None:
        self._http.close()

    def get(self, address: str, bearer: str | None = None) -> dict[str, Any]:
        return self._send("GET", address, headers={"Authorization": f"Bearer {bearer}"} if bearer else {})

    def post(self, address: str, form: dict[str, str], basic: tuple[str, str] | None) -> dict[str, Any]:
        """Raises ProviderRefused where the provider answers with an error of OAuth 2.0 (RFC 6749, section 5.2)."""
        return self._send("POST", address, data=form, auth=basic)

    def _send(self, method: str, address: str, **options: Any) -> dict[str, Any]:
        try:
            answer = self._http.request(method, address, **options)
            body = answer.json()
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as failure:
            raise ProviderUnavailable(issuer=self._issuer) from failure
        if not isinstance(body, dict):
            raise ProviderUnavailable(issuer=self._issuer)
        if answer.is_client_error and "error" in body:
            raise ProviderRefused(reason=str(body["error"])[:100])
        if not answer.is_success:
            raise ProviderUnavailable(issuer=self._issuer)
        return body


def _challenge(verifier: str) -> str:
    return urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()
