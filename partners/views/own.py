"""One's own account: 'Sign-in and security', the password, and where one is signed in."""

from allauth.account.internal.flows import password_change
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from academy.lib import clock
from academy.lib.text import plural
from partners.access import Proxy, recently_confirmed, signed_in, visible_or_404, without_second_factor
from partners.actions import passwords, sign_ins
from partners.forms import NewPasswordForm
from partners.models import Provider

Kind = Authenticator.Type


@signed_in(proxy=Proxy.NEVER)
@without_second_factor
@require_safe
def account(request: HttpRequest) -> HttpResponse:
    """Everything with which one signs in, and where one is signed in."""
    held = list(Authenticator.objects.filter(user=request.user).order_by("created_at"))
    codes = next((item.wrap() for item in held if item.type == Kind.RECOVERY_CODES), None)
    providers = {provider.key: provider for provider in Provider.objects.all()}
    linked = SocialAccount.objects.filter(user=request.user)
    context = {
        "passkeys": [(item, item.wrap().name) for item in held if item.type == Kind.WEBAUTHN],
        "app": next((item for item in held if item.type == Kind.TOTP), None),
        "codes_left": len(codes.get_unused_codes()) if codes else None,
        "linked": [(item, providers[item.provider]) for item in linked if item.provider in providers],
        "linkable": [
            item for key, item in providers.items() if item.is_on and key not in {link.provider for link in linked}
        ],
        "sign_ins": request.user.sign_ins.live().order_by("-last_seen_at"),
        "this_key": request.session.session_key,
    }
    return render(request, "account/own.html", context)


@signed_in(proxy=Proxy.NEVER)
@recently_confirmed
@require_http_methods(["GET", "HEAD", "POST"])
def password(request: HttpRequest) -> HttpResponse:
    """Set or change the password. Everywhere else one is signed out."""
    form = NewPasswordForm(request.POST or None, user=request.user)
    if not form.is_valid():
        return render(request, "account/password.html", {"form": form})
    had_one = request.user.has_usable_password()
    password_change.change_password(request.user, form.cleaned_data["password"])
    finish = password_change.finalize_password_change if had_one else password_change.finalize_password_set
    finish(request, request.user)
    messages.success(request, "Your password is saved. You are signed out everywhere else.")
    return redirect("account")


@signed_in(proxy=Proxy.NEVER)
@recently_confirmed
@require_http_methods(["GET", "HEAD", "POST"])
def remove_password(request: HttpRequest) -> HttpResponse:
    """Say what it means, then sign in without one from now on."""
    if request.method != "POST":
        return render(request, "account/remove_password.html")
    passwords.remove(user=request.user, at=clock.now())
    update_session_auth_hash(request, request.user)
    messages.success(request, "Your password is removed. You are signed out everywhere else.")
    return redirect("account")


@signed_in(proxy=Proxy.NEVER)
@recently_confirmed
@require_http_methods(["GET", "HEAD", "POST"])
def end_sign_in(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign out one browser, having seen which."""
    chosen = visible_or_404(request, request.user.sign_ins.all(), pk=pk)
    if request.method != "POST":
        return render(request, "account/end_sign_ins.html", {"chosen": [chosen]})
    is_this = chosen.session_key == request.session.session_key
    sign_ins.end([chosen], user=request.user, by=request.user, at=clock.now())
    if is_this:
        request.session.flush()
        return redirect("account_login")
    messages.success(request, "That browser is signed out.")
    return redirect("account")


@signed_in(proxy=Proxy.NEVER)
@recently_confirmed
@require_http_methods(["GET", "HEAD", "POST"])
def end_other_sign_ins(request: HttpRequest) -> HttpResponse:
    """Sign out everywhere else."""
    others = request.user.sign_ins.exclude(session_key=request.session.session_key)
    if request.method != "POST":
        return render(request, "account/end_sign_ins.html", {"chosen": others.live(), "others": True})
    ended = sign_ins.end(others, user=request.user, by=request.user, at=clock.now())
    messages.success(request, f"{plural(ended, 'other browser')} signed out.")
    return redirect("account")
