"""Signing in with a work account: whose it is, and what happens where that cannot be told."""

import logging
from typing import Any

import requests
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp, SocialLogin
from allauth.socialaccount.providers.base import AuthError, AuthProcess
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from academy.lib import clock
from partners.actions import work_accounts as actions
from partners.adapters import asking
from partners.adapters.asking import Untrusted
from partners.models import Provider

log = logging.getLogger(__name__)


class WorkAccountAdapter(DefaultSocialAccountAdapter):
    """Matches by the stable id alone; `partners.eligibility` says when a new id may be linked. Nobody signs up."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False

    def list_apps(self, request: HttpRequest, provider: str | None = None, client_id: str | None = None) -> list:
        """Organisations that are switched on, as allauth wants them; all of them, or the one with that key."""
        found = Provider.objects.filter(is_on=True)
        if provider and provider != "openid_connect":
            found = found.filter(key=provider)
        return [_app(item) for item in found]

    def get_requests_session(self) -> requests.Session:
        return asking.session()

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Ends here unless the id is linked to somebody by now and the token was made for this very attempt."""
        provider = Provider.objects.get(key=sociallogin.account.provider)
        wanted = (sociallogin.state.get("data") or {}).get("nonce")
        if not wanted or sociallogin.claims.get("nonce") != wanted:
            raise ImmediateHttpResponse(_refused(request, provider, "nonce"))
        try:
            if sociallogin.state.get("process") == AuthProcess.CONNECT:
                raise ImmediateHttpResponse(self._link_own(request, provider, sociallogin))
            if not sociallogin.is_existing:
                account = actions.link_by_address(
                    provider=provider, uid=sociallogin.account.uid, claims=sociallogin.claims, at=clock.now()
                )
                sociallogin.account, sociallogin.user = account, account.user
        except actions.NotLinked as refusal:
            raise ImmediateHttpResponse(_refused(request, provider, refusal.code, str(refusal))) from None

    def _link_own(self, request: HttpRequest, provider: Provider, sociallogin: SocialLogin) -> HttpResponse:
        if request.user.is_anonymous:  # the session ended on the way
            return redirect("account")
        actions.link(provider=provider, uid=sociallogin.account.uid, user=request.user, at=clock.now())
        messages.success(request, f"You can now sign in with {provider.name}.")
        return redirect("account")

    def on_authentication_error(
        self,
        request: HttpRequest,
        provider: Any,
        error: str | None = None,
        exception: Exception | None = None,
        **kwargs,
    ) -> None:
        """One clear page for whatever went wrong over there; the log knows what."""
        ours = Provider.objects.get(key=provider.app.provider_id)
        code = str(exception) if isinstance(exception, Untrusted) else type(exception).__name__
        if exception is None:
            code = "cancelled" if error == AuthError.CANCELLED else "no such attempt, or an error over there"
        raise ImmediateHttpResponse(_refused(request, ours, code))


def _app(provider: Provider) -> SocialApp:
    return SocialApp(
        provider="openid_connect",
        provider_id=provider.key,
        name=provider.name,
        client_id=provider.client_id,
        secret=provider.client_secret,
        settings={"issuer": provider.issuer, "server_url": provider.issuer, "id_claim": provider.id_claim},
    )


def _refused(request: HttpRequest, provider: Provider, code: str, reason: str = "") -> HttpResponse:
    """A page that says no more than the log: neither tells whether an address is known here."""
    log.warning("Work account refused: %s, %s", provider.key, code)
    return render(request, "account/work_account_refused.html", {"provider": provider, "reason": reason}, status=403)
