"""Organisations' sign-ins, as an administrator sets them up."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from academy.lib import clock
from partners.access import recently_confirmed, requires
from partners.actions import providers as actions
from partners.forms import ProviderForm
from partners.models import Provider
from partners.permissions import May


@requires(May.MANAGE_SIGN_IN)
@require_safe
def providers(request: HttpRequest) -> HttpResponse:
    """Which organisations sign in with accounts of their own."""
    return render(request, "account/providers.html", {"providers": Provider.objects.select_related("agency")})


@requires(May.MANAGE_SIGN_IN)
@recently_confirmed
@require_http_methods(["GET", "HEAD", "POST"])
def new_provider(request: HttpRequest) -> HttpResponse:
    return _edit(request, Provider())


@requires(May.MANAGE_SIGN_IN)
@recently_confirmed
@require_http_methods(["GET", "HEAD", "POST"])
def provider(request: HttpRequest, pk: int) -> HttpResponse:
    return _edit(request, get_object_or_404(Provider, pk=pk))


def _edit(request: HttpRequest, item: Provider) -> HttpResponse:
    """Change one, or set one up; then show what its administrators need to know of us."""
    form = ProviderForm(request.POST or None, instance=item)
    if form.is_valid():
        saved = actions.save(form.save(commit=False), by=request.viewer.person, at=clock.now())
        messages.success(request, f"{saved.name} is saved.")
        return redirect("provider", saved.pk)
    back = request.build_absolute_uri(reverse("openid_connect_callback", args=[item.key])) if item.pk else ""
    return render(request, "account/provider.html", {"form": form, "provider": item, "callback": back})
