"""Shadowing and coaching once it is asked for: answering, approving, calling off, and writing what one learnt."""

from collections.abc import Callable

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from academy.lib import clock
from academy.lib.pages import page_of
from courses.actions import visits as actions
from courses.forms import DecideForm
from courses.forms.hostings import AnswerForm, CallOffForm, GuestReflectionForm, HostReflectionForm
from courses.models import Hosting, Visit
from courses.models.states import WrongState
from partners.access import Proxy, requires, visible_or_404
from partners.permissions import May


def _with_both(visits: QuerySet[Visit]) -> QuerySet[Visit]:
    return visits.select_related("hosting__host", "hosting__agency", "guest", "agency")


@requires(May.USE_OWN_RECORD)
@require_safe
def visits(request: HttpRequest) -> HttpResponse:
    """What this person asked for, what they are asked for, what waits for their approval, and what they offer."""
    viewer = request.viewer
    own = _with_both(Visit.objects.filter(Q(guest=viewer.person) | Q(hosting__host=viewer.person)))
    to_approve = _with_both(Visit.objects.waiting_for_manager().answered_for_by(viewer.person, viewer.today))
    context = {
        "live": own.live().order_by("on", "asked_at"),
        "to_approve": to_approve.order_by("asked_at")[:50],
        "offered": Hosting.objects.filter(host=viewer.person),
        "page": page_of(request, own.exclude(state__in=Visit.LIVE)),
    }
    return render(request, "hostings/visits.html", context)


@requires(May.USE_OWN_RECORD)
@require_safe
def visit(request: HttpRequest, pk: int) -> HttpResponse:
    """One of them: who, when, what is still to be said by whom. Opening it changes nothing."""
    viewer, person = request.viewer, request.viewer.person
    visible = _with_both(Visit.objects.visible_to(person, viewer.today)).select_related("manager")
    found = visible_or_404(request, visible, pk=pk)
    is_host, is_guest = found.hosting.host_id == person.pk, found.guest_id == person.pk
    reflections = list(found.reflections.select_related("by")) if is_host or is_guest else []
    wrote = any(reflection.by_id == person.pk for reflection in reflections)
    is_over = found.is_over(viewer.today)
    context = {
        "visit": found,
        "hosting": found.hosting,
        "is_host": is_host,
        "is_guest": is_guest,
        "may_approve": found.waits_for_manager and _answers_for(request).filter(pk=pk).exists(),
        "may_call_off": (is_host or is_guest) and found.is_live and not is_over,
        "may_reflect": (is_host or is_guest) and is_over and not wrote,
        "reflections": reflections,
    }
    return render(request, "hostings/visit.html", context)


def _answers_for(request: HttpRequest) -> QuerySet[Visit]:
    return Visit.objects.answered_for_by(request.viewer.person, request.viewer.today)


def _settle(request: HttpRequest, visit: Visit, what: Callable[[], object], done: str) -> HttpResponse:
    """Do it, say so or why not, and lead to the visit."""
    try:
        what()
        messages.success(request, done)
    except WrongState as refusal:
        messages.error(request, str(refusal))
    return redirect("visit", visit.pk)


def _page(request: HttpRequest, name: str, visit: Visit, form: Form) -> HttpResponse:
    return render(request, f"hostings/{name}.html", {"visit": visit, "hosting": visit.hosting, "form": form})


@requires(May.USE_OWN_RECORD, proxy=Proxy.NEVER)
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """The host agrees to a day, or declines with a reason."""
    person = request.viewer.person
    found = visible_or_404(request, _with_both(Visit.objects.filter(hosting__host=person)), pk=pk)
    form = AnswerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        said, who = form.cleaned_data, {"visit": found, "by": person, "at": clock.now()}
        if said["decision"] == "yes":
            agree = {"on": said["on"], "arrangements": said["arrangements"]}
            return _settle(request, found, lambda: actions.agree_as_host(**who, **agree), "You have agreed.")
        return _settle(request, found, lambda: actions.decline(**who, reason=said["reason"]), "You have declined.")
    return _page(request, "answer", found, form) if found.waits_for_host else redirect("visit", pk)


@requires(May.USE_OWN_RECORD, proxy=Proxy.NEVER)
@require_http_methods(["GET", "HEAD", "POST"])
def approve(request: HttpRequest, pk: int) -> HttpResponse:
    """The guest's manager approves, or not with a reason."""
    person = request.viewer.person
    found = visible_or_404(request, _with_both(_answers_for(request)), pk=pk)
    form = DecideForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        said, who = form.cleaned_data, {"visit": found, "by": person, "at": clock.now()}
        if said["decision"] == "yes":
            return _settle(request, found, lambda: actions.approve(**who), "Approved. They are told.")
        refuse = lambda: actions.refuse(**who, reason=said["reason"])  # noqa: E731
        return _settle(request, found, refuse, "Not approved. They are told.")
    return _page(request, "approve", found, form) if found.waits_for_manager else redirect("visit", pk)


@requires(May.USE_OWN_RECORD, proxy=Proxy.DO)
@require_http_methods(["GET", "HEAD", "POST"])
def call_off(request: HttpRequest, pk: int) -> HttpResponse:
    """Guest or host cannot, and says why."""
    person = request.viewer.person
    theirs = Visit.objects.filter(Q(guest=person) | Q(hosting__host=person))
    found = visible_or_404(request, _with_both(theirs), pk=pk)
    form = CallOffForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        why = {"reason": form.cleaned_data["reason"], "by": person, "at": clock.now()}
        done = "It is called off, and the other is told."
        return _settle(request, found, lambda: actions.call_off(visit=found, **why), done)
    return _page(request, "call_off", found, form) if found.is_live else redirect("visit", pk)


@requires(May.USE_OWN_RECORD, proxy=Proxy.NEVER)
@require_http_methods(["GET", "HEAD", "POST"])
def reflect(request: HttpRequest, pk: int) -> HttpResponse:
    """Guest or host writes what they learnt."""
    person = request.viewer.person
    theirs = Visit.objects.filter(Q(guest=person) | Q(hosting__host=person))
    found = visible_or_404(request, _with_both(theirs), pk=pk)
    form = (GuestReflectionForm if found.guest_id == person.pk else HostReflectionForm)(request.POST or None)
    if request.method == "POST" and form.is_valid():
        wrote = {"will_do": "", **form.cleaned_data, "by": person, "at": clock.now()}
        return _settle(request, found, lambda: actions.reflect(visit=found, **wrote), "Thank you. It is saved.")
    if not found.is_over(request.viewer.today) or found.reflections.filter(by=person).exists():
        return redirect("visit", pk)
    return _page(request, "reflect", found, form)
