"""Asking to be added, for people whom nobody knows here yet: an address, a code, and who they say they are.

Whatever address is typed, the page is the same and one e-mail goes out: only whoever reads that mailbox learns whether
the address is known. Opening a link does nothing; there is none to open.
"""

import time
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.code_verification import AbstractCodeVerificationProcess
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from academy.lib import clock
from academy.lib.domains import domain_of
from partners.access import Proxy, View, public
from partners.actions import sign_ups as actions
from partners.forms.sign_ups import AboutForm, AddressForm, SignUpCodeForm
from partners.models import Agency, SignUp
from partners.views.sign_in import bounded

MAILED = "sign_up_code"  # in the session: the address, the code that was mailed to it, and how often it was tried
SHOWN = "sign_up"  # in the session: the address whose code was typed, and when


class SignUpCode(AbstractCodeVerificationProcess):
    """A code for an address that wants to be added; three tries, fifteen minutes.

    For an address that may not there is one too, which nobody is told.
    """

    def __init__(self, request: HttpRequest, state: dict[str, Any]) -> None:
        self.request = request
        super().__init__(settings.ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS, settings.ACCOUNT_LOGIN_BY_CODE_TIMEOUT, state)

    @classmethod
    def of(cls, request: HttpRequest) -> "SignUpCode | None":
        """The one that was asked for, while it works."""
        state = request.session.get(MAILED)
        return cls(request, state).abort_if_invalid() if state else None

    @classmethod
    def start(cls, request: HttpRequest, email: str) -> None:
        process = cls(request, cls.initial_state(None, email))
        process.state["code"] = get_adapter().generate_login_code()
        process.send()
        process.persist()

    def send(self) -> None:
        """One mail whatever the address is: the code, 'you are known', or 'we cannot add you with this address'."""
        email = self.state["email"]
        pages = {"sign_in_url": _full(self.request, "account_login"), "help_url": _full(self.request, "help")}
        standing = actions.standing_of(email, clock.now())
        get_adapter().send_mail(f"account/email/sign_up_{standing}", email, {"code": self.code, **pages})

    def persist(self) -> None:
        self.request.session[MAILED] = self.state

    def abort(self) -> None:
        self.request.session.pop(MAILED, None)

    def finish(self) -> None:
        """The code was right: whoever sits there reads the mail of that address."""
        self.abort()
        self.request.session[SHOWN] = {"email": self.state["email"], "at": time.time()}


def _full(request: HttpRequest, page: str) -> str:
    return request.build_absolute_uri(reverse(page))


def _page(view: View) -> View:
    """A page of asking to be added: not for those who are signed in."""

    def unless_signed_in(request: HttpRequest) -> HttpResponse:
        return redirect("home") if request.user.is_authenticated else view(request)

    unless_signed_in.__doc__ = view.__doc__
    methods = require_http_methods(["GET", "HEAD", "POST"])
    return public(methods(bounded(never_cache(unless_signed_in))), proxy=Proxy.NEVER)


@_page
def address(request: HttpRequest) -> HttpResponse:
    """Type an address; a code goes to it, or word that there is nothing to ask for."""
    form = AddressForm(request.POST or None)
    if form.is_valid():
        SignUpCode.start(request, form.cleaned_data["email"])
        return redirect("sign_up_code")
    return render(request, "account/sign_up.html", {"form": form})


@_page
def code(request: HttpRequest) -> HttpResponse:
    """Type the code."""
    mailed = SignUpCode.of(request)
    if mailed is None:
        return redirect("sign_up")
    form = SignUpCodeForm(request.POST or None, code=mailed.code)
    if form.is_valid():
        mailed.finish()
        return redirect("sign_up_about")
    if form.is_bound and not mailed.record_invalid_attempt():
        return redirect("sign_up")
    return render(request, "account/sign_up_code.html", {"form": form, "email": mailed.state["email"]})


@_page
def about(request: HttpRequest) -> HttpResponse:
    """Say who one is; or see that one waits for an answer."""
    email = _shown(request)
    if not email:
        return redirect("sign_up")
    if waits := SignUp.objects.waiting().filter(email=email).select_related("agency").first():
        return render(request, "account/sign_up_waiting.html", {"sign_up": waits, "days": settings.SIGN_UP_WAITS_DAYS})
    form = AboutForm(request.POST or None, agencies=Agency.objects.of_domain(domain_of(email)))
    if form.is_valid():
        try:
            actions.ask(email=email, **form.cleaned_data, at=clock.now())
            return redirect("sign_up_about")
        except actions.SignUpRefused as refusal:
            form.add_error(None, str(refusal))
    return render(request, "account/sign_up_about.html", {"form": form, "email": email})


def _shown(request: HttpRequest) -> str:
    """The address whose mail somebody has shown a short while ago that they read."""
    held = request.session.get(SHOWN)
    lately = held and time.time() - held["at"] <= settings.SIGN_UP_MINUTES * 60
    return held["email"] if lately else ""
