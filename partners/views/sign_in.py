"""Ways in. allauth's views, each of which one may leave for another half-way."""

from functools import wraps
from typing import Any

from allauth.account import views as account
from allauth.account.stages import LoginStage
from allauth.core.internal import ratelimit
from allauth.mfa.base.views import AuthenticateView
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.views import LoginWebAuthnView
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_safe

from partners.access import Proxy, View, public, safe_next
from partners.actions import limits
from partners.models import Provider
from partners.views.passkeys import as_text


def bounded(view: View) -> View:
    """Only so often a minute from one address of a network, whoever is tried."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "POST":
            most = settings.SIGN_IN_STEPS_PER_NETWORK_ADDRESS_PER_MINUTE
            if limits.count_in_minute(ratelimit.get_ip(request), timezone.now()) > most:
                return ratelimit.respond_429(request)
        return view(request, *args, **kwargs)

    return wrapped


class _AnotherWay:
    """Somebody who has asked for a code may change their mind: nothing keeps them at the page for it."""

    def _redirect_to_pending_stage(self, request: HttpRequest, stage: LoginStage) -> None:
        return None

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        wanted = safe_next(self.request, self.request.GET.get("next", ""), "home")
        query = f"?{urlencode({'next': wanted})}" if wanted != reverse("home") else ""
        return super().get_context_data(**kwargs) | {"query": query, "providers": Provider.objects.filter(is_on=True)}


class SignIn(_AnotherWay, account.RequestLoginCodeView):
    """The one page on which everyone begins: address, code; other ways below."""


class PasswordSignIn(_AnotherWay, account.LoginView):
    """With a password."""


class PasskeySignIn(_AnotherWay, LoginWebAuthnView):
    """With a passkey: a script asks for what to sign, and sends what was signed."""

    def form_invalid(self, form: Any) -> HttpResponse:
        messages.error(self.request, "That passkey did not work here. Ask for a code instead.")
        return redirect("account_login")


class SecondFactor(AuthenticateView):
    """The code of an app, a recovery code, or a passkey, after the first factor."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        held = set(Authenticator.objects.filter(user=self.stage.login.user).values_list("type", flat=True))
        options = as_text(context["js_data"]["request_options"]) if Authenticator.Type.WEBAUTHN in held else ""
        return context | {"passkey_options": options}


class ForgottenPassword(account.PasswordResetView):
    """Sends a link; says the same to everyone."""


class NewPassword(account.PasswordResetFromKeyView):
    """Choose a new password, from the link in a mail."""

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        """A link that no longer works leads to nothing, and says what to do."""
        return super().render_to_response(context, **kwargs, status=404 if context.get("token_fail") else 200)


def _page(view: View) -> View:
    """A page of signing in: read it and send its form, nothing else, and by one's own hand."""
    return public(require_http_methods(["GET", "HEAD", "POST"])(view), proxy=Proxy.NEVER)


sign_in = _page(bounded(SignIn.as_view()))
enter_code = _page(bounded(account.confirm_login_code))
password_sign_in = _page(bounded(PasswordSignIn.as_view()))
passkey_sign_in = _page(bounded(PasskeySignIn.as_view()))
second_factor = _page(bounded(SecondFactor.as_view()))
closed = public(require_safe(account.account_inactive))
forgotten_password = _page(bounded(ForgottenPassword.as_view()))
link_sent = _page(require_safe(account.password_reset_done))
new_password = _page(bounded(NewPassword.as_view()))
password_saved = _page(require_safe(account.password_reset_from_key_done))
sign_out = require_http_methods(["GET", "HEAD", "POST"])(account.logout)
