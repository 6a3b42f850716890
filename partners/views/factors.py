"""Setting up a second factor and taking it away again; recovery codes."""

import time
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal import flows as recovery_flows
from allauth.mfa.totp import views as totp
from allauth.mfa.totp.internal import flows as totp_flows
from allauth.mfa.webauthn import views as webauthn
from allauth.mfa.webauthn.internal import auth as webauthn_auth
from allauth.mfa.webauthn.internal import flows as webauthn_flows
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe
from django.views.generic import FormView

from partners import assurance
from partners.access import Proxy, recently_confirmed, safe_next, signed_in, without_second_factor
from partners.views.passkeys import as_text

Kind = Authenticator.Type
NEXT = "after_second_factor"  # in the session: where one wanted to go
SHOWN_UNTIL = "recovery_codes_shown_until"  # in the session: seconds since 1970
SHOWN_FOR_SECONDS = 10 * 60  # long enough to print them


@signed_in(proxy=Proxy.NEVER)
@without_second_factor
@require_safe
def choose(request: HttpRequest) -> HttpResponse:
    """Say why one is needed, and which there are."""
    request.session[NEXT] = safe_next(request, request.GET.get("next", ""), "account")
    return render(request, "account/second_factor.html", {"is_needed": request.viewer.is_privileged})


def _added(request: HttpRequest, kind: str) -> str:
    """Where to go once one is set up, which has shown it: to new recovery codes, or on."""
    assurance.record(request, request.user, "mfa", type=kind)
    if not _has_codes_to_read(request):
        return request.session.pop(NEXT, reverse("account"))
    return reverse("mfa_view_recovery_codes")


def _show_codes(request: HttpRequest) -> None:
    request.session[SHOWN_UNTIL] = time.time() + SHOWN_FOR_SECONDS


def _has_codes_to_read(request: HttpRequest) -> bool:
    return time.time() < request.session.get(SHOWN_UNTIL, 0)


class AddApp(totp.ActivateTOTPView):
    """Show the secret as a picture and as text, and take the first code."""

    template_name = "account/add_app.html"

    def form_valid(self, form: Any) -> HttpResponse:
        _, codes = totp_flows.activate_totp(self.request, form)
        if codes:
            _show_codes(self.request)
        messages.success(self.request, "Your authenticator app is set up.")
        return redirect(_added(self.request, Kind.TOTP))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        secret = context["form"].secret
        groups = [secret[start : start + 4] for start in range(0, len(secret), 4)]
        return context | {"picture": mark_safe(context["totp_svg"]), "secret": " ".join(groups)}  # noqa: S308  (ours)


class AddPasskey(webauthn.AddWebAuthnView):
    """Let the browser make one. Each may sign in by itself, so each must ask for a finger, a face or a PIN."""

    template_name = "account/add_passkey.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        options = webauthn_auth.begin_registration(self.request.user, True)
        return FormView.get_context_data(self, **kwargs) | {"passkey_options": as_text(options)}

    def form_valid(self, form: Any) -> HttpResponse:
        name, credential = form.cleaned_data["name"], form.cleaned_data["credential"]
        _, codes = webauthn_flows.add_authenticator(self.request, name=name, credential=credential)
        if codes:
            _show_codes(self.request)
        messages.success(self.request, "Your passkey is added.")
        return redirect(_added(self.request, Kind.WEBAUTHN))


_read_or_send = require_http_methods(["GET", "HEAD", "POST"])
add_app = signed_in(
    without_second_factor(recently_confirmed(never_cache(_read_or_send(AddApp.as_view())))), proxy=Proxy.NEVER
)
add_passkey = signed_in(
    without_second_factor(recently_confirmed(never_cache(_read_or_send(AddPasskey.as_view())))), proxy=Proxy.NEVER
)


@signed_in(proxy=Proxy.NEVER)
@recently_confirmed
@require_http_methods(["GET", "HEAD", "POST"])
def remove_app(request: HttpRequest) -> HttpResponse:
    """Say what it means, then take the authenticator app away."""
    return _remove(request, get_object_or_404(Authenticator, user=request.user, type=Kind.TOTP))


@signed_in(proxy=Proxy.NEVER)
@recently_confirmed
@require_http_methods(["GET", "HEAD", "POST"])
def remove_passkey(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what it means, then take one passkey away."""
    return _remove(request, get_object_or_404(Authenticator, pk=pk, user=request.user, type=Kind.WEBAUTHN))


def _remove(request: HttpRequest, factor: Authenticator) -> HttpResponse:
    others = Authenticator.objects.filter(user=request.user, type__in=[Kind.TOTP, Kind.WEBAUTHN])
    is_last = not others.exclude(pk=factor.pk).exists()
    is_needed = is_last and request.viewer.is_privileged
    if request.method != "POST" or is_needed:
        context = {"factor": factor, "is_last": is_last, "is_needed": is_needed}
        return render(request, "account/remove_factor.html", context)
    if factor.type == Kind.TOTP:
        totp_flows.deactivate_totp(request, factor)
    else:
        webauthn_flows.remove_authenticator(request, factor)
    messages.success(request, "It is removed.")
    return redirect("account")


@signed_in(proxy=Proxy.NEVER)
@recently_confirmed
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def recovery_codes(request: HttpRequest) -> HttpResponse:
    """Show new codes for ten minutes; after that say how many are left, and make new ones."""
    if request.method == "POST" and recovery_flows.can_generate_recovery_codes(request.user):
        recovery_flows.generate_recovery_codes(request)
        _show_codes(request)
        return redirect("mfa_view_recovery_codes")
    unused = _unused_codes(request)
    context = {"codes": unused if _has_codes_to_read(request) else [], "left": len(unused)}
    return render(request, "account/recovery_codes.html", context | {"next": request.session.get(NEXT)})


@signed_in(proxy=Proxy.NEVER)
@recently_confirmed
@never_cache
@require_safe
def download_recovery_codes(request: HttpRequest) -> HttpResponse:
    """The codes as a text file, as long as they are shown."""
    if not _has_codes_to_read(request):
        return redirect("mfa_view_recovery_codes")
    codes = {"codes": _unused_codes(request)}
    page = render(request, "account/recovery_codes.txt", codes, content_type="text/plain; charset=utf-8")
    page["Content-Disposition"] = 'attachment; filename="recovery-codes.txt"'
    return page


def _unused_codes(request: HttpRequest) -> list[str]:
    held = get_object_or_404(Authenticator, user=request.user, type=Kind.RECOVERY_CODES)
    return held.wrap().get_unused_codes()
