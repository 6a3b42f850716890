"""The administrator's desk: find a person, hand out what is held, hold or erase it."""

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from academy.lib import clock
from academy.lib.pages import page_of
from academy.lib.text import sort_key
from academy.privacy import archive, erasing, holds, ledger
from academy.privacy.forms import EraseForm, HoldForm, ReasonForm
from academy.privacy.models import Erasure, Hold, RetentionRun
from academy.privacy.views.own import download
from partners.access import recently_confirmed, requires
from partners.models import Agency, Person
from partners.permissions import May

MOST_FOUND = 25
GET_OR_POST = ["GET", "HEAD", "POST"]


def _people() -> QuerySet[Person]:
    """Everyone with a name: administrators answer for the records of all."""
    return Person.objects.filter(erasure=None)


@requires(May.KEEP_PRIVACY)
@never_cache
@require_http_methods(GET_OR_POST)
def desk(request: HttpRequest) -> HttpResponse:
    """Holds, the last runs, erasures; and a search. It is sent, so that no name stands in an address or a log."""
    typed = request.POST.get("q", "").replace("\0", "").strip()[:200]
    found, agencies = _found(typed) if typed else ([], [])
    context = {
        "typed": typed,
        "searched": request.method == "POST",
        "found": found[:MOST_FOUND],
        "more": len(found) > MOST_FOUND,
        "agencies": agencies,
        "holds": Hold.objects.in_force().select_related("person", "agency", "placed_by"),
        "today": request.viewer.today,
        "runs": RetentionRun.objects.all()[:7],
        "page": page_of(request, Erasure.objects.select_related("by"), size=10),
    }
    return render(request, "privacy/desk.html", context)


def _found(typed: str) -> tuple[list[Person], list[Agency]]:
    """Whose name holds every word that was typed, or whose address or registration number it is; and agencies."""
    named, agencies = Q(), Q()
    for word in sort_key(typed).split():
        named, agencies = named & Q(name_key__contains=word), agencies & Q(name_key__contains=word)
    people = _people().filter(named | Q(email__iexact=typed) | Q(swe_number__iexact=typed))
    return list(people.order_by("name_key", "pk")[: MOST_FOUND + 1]), list(Agency.objects.filter(agencies)[:10])


@requires(May.KEEP_PRIVACY)
@never_cache
@require_http_methods(["GET", "HEAD"])
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """One person: what can be done for them, and whether a hold keeps their records."""
    found = get_object_or_404(_people(), pk=pk)
    context = {
        "person": found,
        "employment": found.employment(request.viewer.today),
        "holds": Hold.objects.over(found).select_related("agency"),
    }
    return render(request, "privacy/person.html", context)


@requires(May.KEEP_PRIVACY)
@recently_confirmed
@never_cache
@require_http_methods(GET_OR_POST)
def everything(request: HttpRequest, pk: int) -> HttpResponse:
    """Make the archive of somebody who asked the academy for it."""
    found = get_object_or_404(_people(), pk=pk)
    form = ReasonForm(
        request.POST or None,
        label="Who asked, and how do you know that it was them?",
        hint="For example: asked by letter on 3 March, known to the service desk. This is kept with the record.",
        missing="Say who asked, and how you know that it was them",
        button="Make the archive",
    )
    if request.method == "POST" and form.is_valid():
        by, at = request.viewer.person, clock.now()
        made = archive.hand_out(person=found, by=by, at=at, reason=form.cleaned_data["reason"])
        return download(made, at)
    return render(request, "privacy/everything_of.html", {"person": found, "form": form})


@requires(May.KEEP_PRIVACY)
@recently_confirmed
@never_cache
@sensitive_post_parameters()
@require_http_methods(GET_OR_POST)
def erase(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what erasing takes and leaves; then do it."""
    found, at = get_object_or_404(_people(), pk=pk), clock.now()
    form = EraseForm(
        request.POST or None,
        label="Why are they erased?",
        hint="For example: asked in writing on 3 March. This is kept, so leave names, addresses and numbers out.",
        missing="Say why they are erased",
        button="Erase this person",
    )
    if request.method == "POST" and form.is_valid():
        try:
            erasing.erase(person=found, by=request.viewer.person, at=at, reason=form.cleaned_data["reason"])
            messages.success(request, "The person has been erased.")
            return redirect("privacy_desk")
        except (erasing.CannotErase, ledger.CannotWrite) as refusal:
            form.add_error("reason", str(refusal))
    context = {
        "person": found,
        "form": form,
        "shares": erasing.preview(found),
        "coming": erasing.places_to_come(found, at),
        "holds": Hold.objects.over(found).select_related("agency"),
        "employment": found.employment(request.viewer.today),
    }
    return render(request, "privacy/erase.html", context)


@requires(May.KEEP_PRIVACY)
@recently_confirmed
@never_cache
@require_http_methods(GET_OR_POST)
def hold_person(request: HttpRequest, pk: int) -> HttpResponse:
    """Place a hold on one person's records."""
    found = get_object_or_404(_people(), pk=pk)
    return _hold(request, found, "all records of this person")


@requires(May.KEEP_PRIVACY)
@recently_confirmed
@never_cache
@require_http_methods(GET_OR_POST)
def hold_agency(request: HttpRequest, pk: int) -> HttpResponse:
    """Place a hold on the records of everyone whom an agency employs or employed."""
    found = get_object_or_404(Agency, pk=pk)
    return _hold(request, found, "all records of everyone who works or worked there, or was booked by them")


def _hold(request: HttpRequest, on: Person | Agency, what: str) -> HttpResponse:
    form = HoldForm(
        request.POST or None,
        label="Why must nothing be erased?",
        hint="For example: a claim before the employment tribunal.",
        missing="Say why nothing must be erased",
        button="Place the hold",
    )
    if request.method == "POST" and form.is_valid():
        try:
            holds.place(on=on, by=request.viewer.person, at=clock.now(), **form.cleaned_data)
            messages.success(request, "The hold is in force: nothing is erased until it is ended.")
            return redirect("privacy_desk")
        except holds.CannotHold as refusal:
            form.add_error("review_on", str(refusal))
    return render(request, "privacy/hold.html", {"on": on, "what": what, "form": form})


@requires(May.KEEP_PRIVACY)
@recently_confirmed
@never_cache
@require_http_methods(GET_OR_POST)
def end_hold(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what ending a hold means; then end it."""
    found = get_object_or_404(Hold.objects.in_force().select_related("person", "agency", "placed_by"), pk=pk)
    if request.method != "POST":
        return render(request, "privacy/end_hold.html", {"hold": found})
    try:
        holds.end(hold=found, by=request.viewer.person, at=clock.now())
        messages.success(request, "The hold has been ended.")
    except holds.CannotHold as refusal:
        messages.error(request, str(refusal))
    return redirect("privacy_desk")
