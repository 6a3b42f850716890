"""Talking to an organisation's sign-in (OpenID Connect), and believing no more of it than its signature covers.

allauth brings the flow: state bound to the session, PKCE, the exchange of the code. Added here: a nonce, the checks
of the identity token (allauth leaves its signature to TLS and prefers unsigned data), and a limit on what is kept.
"""

from typing import Any

import jwt
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialApp, SocialLogin, SocialToken
from allauth.socialaccount.providers.oauth2.client import OAuth2Client
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.core.cache import cache
from django.http import HttpRequest
from django.utils.functional import cached_property
from requests import RequestException

from academy.lib.addresses import is_safe_address
from partners.adapters.asking import Untrusted

ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384"]  # never 'none', never a secret
LEEWAY_SECONDS = 60  # between two machines' clocks
CONFIGURATION_SECONDS = 60 * 60  # what an organisation's server says of itself is asked for once an hour
SILENCE_SECONDS = 30  # for which one that gave no answer is left alone
LONGEST_ID = 191  # characters; the column's
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")


class OrganisationClient(OpenIDConnectOAuth2Adapter):
    """One conversation with an organisation's server. Whatever is wrong with it ends as Untrusted."""

    @cached_property
    def openid_config(self) -> dict[str, Any]:
        """What the server says of itself. One that is down does not hold up every visitor."""
        issuer = self.get_provider().app.settings["issuer"]
        kept = f"openid-configuration:{issuer}"
        config = cache.get(kept)
        if config is None:
            try:
                config = _configuration(issuer)
            except (Untrusted, RequestException):
                cache.set(kept, {}, SILENCE_SECONDS)
                raise
            cache.set(kept, config, CONFIGURATION_SECONDS)
        if not config:
            raise Untrusted("no answer a moment ago")
        return config

    def get_access_token_data(self, request: HttpRequest, app: SocialApp, client: OAuth2Client, **kwargs: Any) -> dict:
        try:
            return super().get_access_token_data(request, app, client, **kwargs)
        except (KeyError, ValueError, TypeError):
            raise Untrusted("no answer that can be read") from None

    def parse_token(self, data: dict[str, Any]) -> SocialToken:
        return SocialToken(token="")  # nothing is asked of the organisation later, so nothing is kept

    def complete_login(self, request: HttpRequest, app: SocialApp, token: SocialToken, **kwargs: Any) -> SocialLogin:
        claims = self._verified(kwargs["response"].get("id_token"), app)
        if "email" not in claims and self.openid_config.get("userinfo_endpoint"):
            claims |= self._address(kwargs["response"]["access_token"], claims)
        uid = claims.get(app.settings["id_claim"])
        if not isinstance(uid, str) or not 0 < len(uid) <= LONGEST_ID or not uid.isprintable():
            raise Untrusted("no usable id")
        login = self.get_provider().sociallogin_from_response(request, {"uid": uid})
        login.claims = claims
        return login

    def _verified(self, token: Any, app: SocialApp) -> dict[str, Any]:
        """What the identity token says, once its signature, issuer, audience and times have been checked."""
        try:
            claims = jwt.decode(
                token,
                self._key(token),
                algorithms=ALGORITHMS,
                audience=app.client_id,
                issuer=self.openid_config["issuer"],
                leeway=LEEWAY_SECONDS,
                options={"require": ["iss", "sub", "aud", "exp", "iat"]},
            )
        except (jwt.PyJWTError, TypeError, ValueError, KeyError) as fault:
            raise Untrusted(type(fault).__name__) from None
        if claims.get("azp", app.client_id) != app.client_id:
            raise Untrusted("a token for another client")
        return claims

    def _key(self, token: Any) -> jwt.PyJWK:
        """The key that the token says it was signed with. Raises KeyError where the server has no such key."""
        header = jwt.get_unverified_header(token)
        if header.get("alg") not in ALGORITHMS:
            raise Untrusted("an algorithm that proves nothing")
        keys = jwt.PyJWKSet.from_dict(_json(self.openid_config["jwks_uri"])).keys
        return keys[0] if len(keys) == 1 and "kid" not in header else {key.key_id: key for key in keys}[header["kid"]]

    def _address(self, access_token: str, claims: dict[str, Any]) -> dict[str, Any]:
        """The address, from where some organisations keep it; only where it is about the same person."""
        said = _json(self.openid_config["userinfo_endpoint"], Authorization=f"Bearer {access_token}")
        if said.get("sub") != claims["sub"]:
            raise Untrusted("about someone else")
        return {name: said[name] for name in ("email", "email_verified") if name in said}


class OrganisationProvider(OpenIDConnectProvider):
    """One organisation's sign-in. Of what it says about a person only the stable id is kept."""

    oauth2_adapter_class = OrganisationClient
    pkce_enabled_default = True

    def get_default_scope(self) -> list[str]:
        return ["openid", "email"]

    def extract_uid(self, data: dict[str, str]) -> str:
        return data["uid"]

    def extract_extra_data(self, data: dict[str, str]) -> dict[str, str]:
        return {}

    def extract_common_fields(self, data: dict[str, str]) -> dict[str, str]:
        return {}

    def extract_email_addresses(self, data: dict[str, str]) -> list:
        return []


def _configuration(issuer: str) -> dict[str, Any]:
    """Only where it names the issuer that the administrator did, and https."""
    config = _json(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
    if str(config.get("issuer")).rstrip("/") != issuer.rstrip("/"):
        raise Untrusted("another issuer")
    if not all(is_safe_address(config.get(name)) for name in ENDPOINTS):
        raise Untrusted("an endpoint that is not https")
    return config


def _json(address: str, **headers: str) -> dict[str, Any]:
    """An object from an organisation's server."""
    if not is_safe_address(address):
        raise Untrusted("an address that is not https")
    with get_adapter().get_requests_session() as session:
        response = session.get(address, headers=headers)
        response.raise_for_status()
        answer = response.json()
    if response.status_code != 200 or not isinstance(answer, dict):
        raise Untrusted("no answer that can be read")
    return answer
