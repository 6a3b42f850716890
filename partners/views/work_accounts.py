"""Signing in with an organisation's account, linking one's own, and unlinking it."""

import secrets
from collections.abc import Callable

from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.helpers import render_authentication_error
from allauth.socialaccount.models import SocialAccount, SocialApp
from allauth.socialaccount.providers.base import AuthProcess
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe
from requests import RequestException

from academy.lib import clock
from partners.access import Proxy, public, recently_confirmed, safe_next, signed_in
from partners.actions import work_accounts as actions
from partners.adapters.providers import OrganisationClient, OrganisationProvider
from partners.models import Provider


def _talk(request: HttpRequest, key: str, say: Callable[[OrganisationProvider], HttpResponse]) -> HttpResponse:
    """Have it out with an organisation's server; where that fails, one clear page. 404 where there is none such."""
    try:
        provider = get_adapter().get_provider(request, key)
    except SocialApp.DoesNotExist:
        raise Http404 from None
    try:
        return say(provider)
    except (OAuth2Error, RequestException) as fault:
        return render_authentication_error(request, provider, exception=fault)


def _go(request: HttpRequest, key: str, process: str, after: str) -> HttpResponse:
    """Off to the organisation. A link, since the content policy lets no form lead elsewhere; it changes nothing yet."""
    nonce = secrets.token_urlsafe(24)

    def say(provider: OrganisationProvider) -> HttpResponse:
        auth = {"nonce": nonce}
        if process == AuthProcess.CONNECT:
            auth["prompt"] = "select_account"
        return provider.redirect(
            request, process, next_url=after, data={"nonce": nonce}, auth_params=provider.get_auth_params() | auth
        )

    return _talk(request, key, say)


@public(proxy=Proxy.NEVER)
@never_cache
@require_safe
def begin(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Sign in with that organisation's account."""
    return _go(request, provider_id, AuthProcess.LOGIN, safe_next(request, request.GET.get("next", ""), "home"))


@public(proxy=Proxy.NEVER)
@never_cache
@require_safe
def callback(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Back from there."""
    view = OAuth2CallbackView.adapter_view(OrganisationClient(request, provider_id))
    return _talk(request, provider_id, lambda provider: view(request))


@signed_in(proxy=Proxy.NEVER)
@recently_confirmed
@never_cache
@require_safe
def link(request: HttpRequest, key: str) -> HttpResponse:
    """Link an account there to one's own here."""
    return _go(request, key, AuthProcess.CONNECT, safe_next(request, "", "account"))


@signed_in(proxy=Proxy.NEVER)
@recently_confirmed
@require_http_methods(["GET", "HEAD", "POST"])
def unlink(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what it means, then unlink it."""
    account = get_object_or_404(SocialAccount, pk=pk, user=request.user)
    provider = get_object_or_404(Provider, key=account.provider)
    if request.method != "POST":
        return render(request, "account/unlink.html", {"provider": provider})
    actions.unlink(account=account, at=clock.now())
    messages.success(request, f"You no longer sign in with {provider.name}.")
    return redirect("account")
