"""Seeing the academy as somebody else, and being oneself again."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from academy.lib import clock
from partners import acting
from partners.access import Proxy, recently_confirmed, requires, signed_in
from partners.actions.acting import LONGEST, ActingRefused, why_not
from partners.forms.access import ActForm
from partners.models import Person
from partners.permissions import May


@requires(May.ACT_AS, proxy=Proxy.NEVER)
@recently_confirmed
@require_http_methods(["GET", "HEAD", "POST"])
def act_as(request: HttpRequest, pk: int) -> HttpResponse:
    """Say why, then see the academy as that person."""
    person, viewer = get_object_or_404(Person, pk=pk), request.viewer
    form = ActForm(request.POST or None)
    refusal = why_not(viewer.person, person, viewer.today)
    if form.is_valid() and not refusal:
        try:
            acting.begin(request, person, reason=form.cleaned_data["reason"], at=clock.now())
            return redirect("home")
        except ActingRefused as late:
            refusal = str(late)
    context = {"person": person, "form": form, "refusal": refusal, "minutes": LONGEST.seconds // 60}
    return render(request, "partners/act_as.html", context)


@signed_in(proxy=Proxy.DO)
@require_POST
def stop(request: HttpRequest) -> HttpResponse:
    """Be oneself again."""
    acts = request.viewer.acting
    acting.end(request, clock.now())
    if acts:
        messages.success(request, f"You no longer see the academy as {acts.person.name}.")
    return redirect("home")
