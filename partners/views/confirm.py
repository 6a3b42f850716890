"""Showing again that it is oneself, before something that somebody at an unlocked computer must not do.

Whoever has a second factor shows that: a passkey, an app's code, a recovery code. Others type their password or a
code that is mailed to them.
"""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.code_verification import AbstractCodeVerificationProcess
from allauth.core import ratelimit
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal import auth as webauthn
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from partners import assurance
from partners.access import Proxy, holds_second_factor, safe_next, signed_in, without_second_factor
from partners.forms import CodeForm, ConfirmCodeForm, ConfirmPasskeyForm, ConfirmPasswordForm
from partners.views.passkeys import as_text

MAILED = "confirm_code"  # in the session: the code that was mailed, and how often it was tried


class MailedCode(AbstractCodeVerificationProcess):
    """A code that is mailed to somebody who is signed in; three tries, fifteen minutes."""

    def __init__(self, request: HttpRequest, state: dict[str, Any]) -> None:
        self.request = request
        super().__init__(
            settings.ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS, settings.ACCOUNT_LOGIN_BY_CODE_TIMEOUT, state, request.user
        )

    @classmethod
    def of(cls, request: HttpRequest) -> "MailedCode | None":
        """The one that was mailed, while it works."""
        state = request.session.get(MAILED)
        return cls(request, state).abort_if_invalid() if state else None

    @classmethod
    def start(cls, request: HttpRequest) -> None:
        process = cls(request, cls.initial_state(request.user, request.user.email))
        process.state["code"] = get_adapter().generate_login_code()
        process.send()
        process.persist()

    def send(self) -> None:
        get_adapter().send_mail("account/email/confirm_code", self.request.user.email, {"code": self.code})

    def persist(self) -> None:
        self.request.session[MAILED] = self.state

    def abort(self) -> None:
        self.request.session.pop(MAILED, None)


@signed_in(proxy=Proxy.NEVER)
@without_second_factor
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest) -> HttpResponse:
    """Ask for the strongest that they have, and lead back to where they were going."""
    done = _with_second_factor if holds_second_factor(request.user) else _without
    if request.method == "POST" and not ratelimit.consume(request, action="reauthenticate", user=request.user):
        return ratelimit.respond_429(request)
    return done(request)


def _leave(request: HttpRequest) -> HttpResponse:
    return redirect(safe_next(request, request.GET.get("next", ""), "account"))


def _with_second_factor(request: HttpRequest) -> HttpResponse:
    user, sent = request.user, request.POST
    code = ConfirmCodeForm(sent if "code" in sent else None, user=user)
    passkey = ConfirmPasskeyForm(sent if "credential" in sent else None, user=user)
    for form in (code, passkey):
        if form.is_valid():
            form.save()
            return _leave(request)
    held = set(Authenticator.objects.filter(user=user).values_list("type", flat=True))
    with_passkey = Authenticator.Type.WEBAUTHN in held
    context = {
        "form": code,
        "passkey_failed": bool(passkey.errors),
        "passkey_options": as_text(webauthn.begin_authentication(user)) if with_passkey else "",
    }
    return render(request, "account/confirm_with_factor.html", context)


def _without(request: HttpRequest) -> HttpResponse:
    """By password, or by a code that is mailed on a press."""
    sent, mailed = request.POST, MailedCode.of(request)
    if sent.get("action") == "send":
        return _send(request)
    password = _password_form(request) if request.user.has_usable_password() else None
    if password and password.is_valid():
        return _confirmed(request, "password")
    code = CodeForm(sent if "code" in sent else None, code=mailed.code) if mailed else None
    if code and code.is_valid():
        mailed.abort()
        return _confirmed(request, "code")
    if code and code.errors and not mailed.record_invalid_attempt():
        return render(request, "account/confirm.html", {"password_form": password, "used_up": True})
    return render(request, "account/confirm.html", {"password_form": password, "form": code})


def _password_form(request: HttpRequest) -> ConfirmPasswordForm:
    return ConfirmPasswordForm(request.POST if "password" in request.POST else None, request=request)


def _send(request: HttpRequest) -> HttpResponse:
    key = f"confirm:{request.user.pk}"
    if not ratelimit.consume(request, action="request_login_code", key=key):
        return ratelimit.respond_429(request)
    MailedCode.start(request)
    return redirect(request.get_full_path())


def _confirmed(request: HttpRequest, method: str) -> HttpResponse:
    assurance.record(request, request.user, method, reauthenticated=True)
    return _leave(request)
