"""What somebody says of themselves for equality monitoring."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from partners.access import Proxy, requires
from partners.actions import characteristics as actions
from partners.forms.characteristics import CharacteristicsForm
from partners.models import Characteristics
from partners.permissions import May


@requires(May.USE_OWN_RECORD, proxy=Proxy.NEVER)
@require_http_methods(["GET", "HEAD", "POST"])
def about_you(request: HttpRequest) -> HttpResponse:
    """Answer, or answer again; what was answered is not shown."""
    person = request.viewer.person
    form = CharacteristicsForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        actions.answer(person=person, answers=form.cleaned_data, on=request.viewer.today)
        messages.success(request, "Your answers are saved." if any(form.cleaned_data.values()) else "Nothing is kept.")
        return redirect("about_you")
    answered = Characteristics.objects.filter(person=person).values_list("answered_on", flat=True).first()
    return render(request, "partners/about_you.html", {"form": form, "answered_on": answered})


@requires(May.USE_OWN_RECORD, proxy=Proxy.NEVER)
@require_POST
def forget(request: HttpRequest) -> HttpResponse:
    """Delete one's answers."""
    actions.forget(person=request.viewer.person)
    messages.success(request, "Your answers are deleted.")
    return redirect("about_you")
