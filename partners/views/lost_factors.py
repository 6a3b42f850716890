"""A second factor that somebody lost, taken away by an administrator who knows that it is them who asks."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from academy.lib import clock
from partners.access import Proxy, recently_confirmed, requires
from partners.actions import lost_factors as actions
from partners.forms.access import ResetForm
from partners.models import Person
from partners.permissions import May


@requires(May.RESET_SECOND_FACTOR, proxy=Proxy.NEVER)
@recently_confirmed
@require_http_methods(["GET", "HEAD", "POST"])
def reset(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what it does, and ask how it is known that it is them; then do it."""
    person, by = get_object_or_404(Person, pk=pk), request.viewer.person
    form, refusal = ResetForm(request.POST or None), actions.why_not(person, by)
    if form.is_valid() and not refusal:
        try:
            actions.reset(person=person, by=by, at=clock.now(), reason=form.cleaned_data["reason"])
            messages.success(request, f"{person.name}’s second factor is reset. They are signed out everywhere.")
            return redirect("find_person")
        except actions.ResetRefused as late:
            refusal = str(late)
    context = {"person": person, "form": form, "refusal": refusal}
    return render(request, "partners/reset_second_factor.html", context)
