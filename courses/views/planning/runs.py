"""Planning runs: the list, one of them, adding, changing, moving, publishing, cancelling."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.forms import Form
from django.forms.utils import ErrorDict
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from academy.lib import clock
from academy.lib.dates import end_of_day, start_of_day
from academy.lib.pages import page_of
from academy.lib.text import plural
from courses.actions import clashes
from courses.actions import runs as actions
from courses.actions.bookings import CapacityTooLow
from courses.actions.clashes import Plan
from courses.actions.runs import RunRefused, Slot
from courses.forms.runs import CancelForm, KeptRows, RunFilter, RunForm, SessionRows
from courses.models import Course, Run
from courses.models.states import WrongState
from courses.views.planning import kept
from partners.access import Proxy, requires
from partners.models import Person
from partners.permissions import May

REFUSALS = (RunRefused, WrongState)


@requires(May.PLAN_TRAINING)
@require_safe
def planning(request: HttpRequest) -> HttpResponse:
    """Runs that this person plans, narrowed by the address: drafts and those to come unless it says otherwise."""
    filters = RunFilter(request.GET)
    filters.is_valid()
    chosen, at = filters.cleaned_data, clock.now()
    found = narrowed(kept.runs(request), chosen, at).with_counts().select_related("course__owner")
    course = Course.objects.filter(pk=chosen.get("course") or 0, runs__in=kept.runs(request)).first()
    context = {
        "page": page_of(request, found.prefetch_related("trainers")),
        "chosen": chosen,
        "course": course,
        "states": RunFilter.STATES,
        "at": at,
        "drafts": kept.runs(request).filter(state=Run.State.DRAFT).exists(),
    }
    return render(request, "planning/runs.html", context)


def narrowed(runs: QuerySet[Run], chosen: dict[str, Any], at: datetime) -> QuerySet[Run]:
    """Those that somebody looks for."""
    if chosen.get("q"):
        words = chosen["q"].replace("\0", "")
        taught = Q(trainers__in=Person.objects.matching(words).values("pk"))
        runs = runs.filter(Q(course__title__icontains=words) | taught).distinct()
    if chosen.get("course"):
        runs = runs.filter(course=chosen["course"])
    if chosen.get("first"):
        runs = runs.filter(starts_at__gte=start_of_day(chosen["first"]))
    if chosen.get("last"):
        runs = runs.filter(starts_at__lte=end_of_day(chosen["last"]))
    if chosen.get("state"):
        return runs.filter(_in_states(chosen["state"], at)).order_by("starts_at", "pk")
    if not (chosen.get("first") or chosen.get("last")):
        runs = runs.filter(ends_at__gt=at).exclude(state=Run.State.CANCELLED)
    return runs.order_by("starts_at", "pk")


def _in_states(states: Sequence[str], at: datetime) -> Q:
    """Runs in any of those states, where 'full' is a state of those open for booking."""
    found = Q(state__in=[state for state in states if state != "full"])
    if "full" in states:
        free = Run.objects.with_places(at).values("pk")
        found |= Q(state=Run.State.PUBLISHED, starts_at__gt=at) & ~Q(pk__in=free)
    return found


@requires(May.PLAN_TRAINING)
@require_safe
def run(request: HttpRequest, pk: int) -> HttpResponse:
    """One run: what is planned, what gets in its way, and what can be done about it."""
    found, at = kept.run_or_404(request, pk), clock.now()
    sessions = list(found.sessions.select_related("room"))
    is_open = found.state not in actions.OVER
    trainers = list(found.trainers.all())
    plan = Plan([_as_slot(session) for session in sessions], found.capacity, trainers, found)
    context = {
        "run": found,
        "course": found.course,
        "sessions": sessions,
        "trainers": trainers,
        "kept": found.kept_places.select_related("agency"),
        "is_open": is_open,
        "has_begun": found.has_started(at) and found.state in (Run.State.PUBLISHED, Run.State.COMPLETED),
        "at": at,
        "clashes": clashes.find(plan, seen_by=request.viewer.person, at=at) if is_open else [],
    }
    return render(request, "planning/run.html", context)


def _as_slot(session) -> Slot:
    return Slot(session.starts_at, session.ends_at, session.venue, session.room)


@requires(May.PLAN_TRAINING)
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest, pk: int) -> HttpResponse:
    """Plan a run of a course, as a draft: what is agreed, its sessions, and what gets in its way before it is saved."""
    course, posted = kept.course_or_404(request, pk), request.method == "POST"
    form = RunForm(request.POST if posted else None, people=kept.people(request))
    rows, keep = SessionRows(_with_another(request) if posted else None), KeptRows(request.POST if posted else None)
    capacity = form.cleaned_data.get("capacity") if form.is_valid() else None
    if posted and "more" not in request.POST and all([form.is_valid(), rows.is_valid(), keep.is_valid(capacity)]):
        slots, terms = rows.slots(), form.terms(keep.keepings())
        plan = Plan(slots, terms.capacity, terms.trainers)
        if not (found := _unconfirmed(request, plan)):
            by, at = request.viewer.person, clock.now()
            made = actions.draft_run(course=course, slots=slots, terms=terms, by=by, at=at)
            messages.success(request, "The run is a draft. Look at it once more, then publish it.")
            return redirect("planned_run", made.pk)
        return _add_page(request, course, (form, rows, keep), found)
    return _add_page(request, course, (form, rows, keep), [])


def _add_page(
    request: HttpRequest, course: Course, parts: tuple[RunForm, SessionRows, KeptRows], found: list[str]
) -> HttpResponse:
    form, rows, keep = parts
    context = {"course": course, "form": form, "rows": rows, "kept": keep}
    context |= _wrong(request, [*rows.forms, form, *keep.forms], rows.problem or keep.problem)
    context["first"] = "id_session-0-day" if rows.problem else "id_kept-0-whose"
    return render(request, "planning/add_run.html", context | _clashing(found, rows.slots() if found else []))


def _wrong(request: HttpRequest, forms: Sequence[Form], problem: str) -> dict[str, Any]:
    """What is wrong with the forms of a page; nothing while somebody only asks for another row."""
    if "more" in request.POST:
        for form in forms:
            form._errors = ErrorDict()
    has_errors = any(form.is_bound and form.errors for form in forms)
    return {"forms": forms, "problem": problem, "has_errors": has_errors}


def _clashing(found: list[str], slots: Sequence[Slot] = ()) -> dict[str, Any]:
    """What gets in the way, what one may want to know, and what names just this."""
    return {"clashes": found, "notices": clashes.notices(slots), "digest": clashes.digest(found)}


def _with_another(request: HttpRequest) -> Any:
    """What was sent; with one row of sessions more where somebody asked for it."""
    data = request.POST
    if "more" in data:
        data = data.copy()
        count = data.get(SessionRows.COUNT, "")
        data[SessionRows.COUNT] = str(int(count) + 1 if count.isdigit() else 2)
    return data


def _unconfirmed(request: HttpRequest, plan: Plan) -> list[str]:
    """What gets in the way of this plan, unless just that was confirmed."""
    found = clashes.find(plan, seen_by=request.viewer.person, at=clock.now())
    return [] if request.POST.get("despite") == clashes.digest(found) else found


@requires(May.PLAN_TRAINING)
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Change what is agreed about a run; its sessions have a page of their own."""
    found, posted = kept.run_or_404(request, pk), request.method == "POST"
    if found.state in actions.OVER:
        return _over(request, found)
    data = request.POST if posted else None
    form = RunForm(data, people=kept.people(request), run=found)
    rows = KeptRows(data, found.kept_places.all())
    if posted and all([form.is_valid(), rows.is_valid(form.cleaned_data.get("capacity"))]):
        terms = form.terms(rows.keepings())
        slots = [_as_slot(session) for session in found.sessions.select_related("room")]
        if in_the_way := _unconfirmed(request, Plan(slots, terms.capacity, terms.trainers, found)):
            return _change_page(request, found, form, rows, in_the_way)
        try:
            actions.change_run(run=found, terms=terms, by=request.viewer.person, at=clock.now())
            messages.success(request, "The run is changed.")
            return redirect("planned_run", pk)
        except CapacityTooLow as refusal:
            form.add_error("capacity", str(refusal))
        except REFUSALS as refusal:
            messages.error(request, str(refusal))
    return _change_page(request, found, form, rows, [])


def _change_page(request: HttpRequest, found: Run, form: RunForm, rows: KeptRows, clashing: list[str]) -> HttpResponse:
    context = {"run": found, "course": found.course, "form": form, "rows": rows}
    context |= _wrong(request, [form, *rows.forms], rows.problem)
    return render(request, "planning/change_run.html", context | _clashing(clashing))


def _over(request: HttpRequest, found: Run) -> HttpResponse:
    messages.error(request, f"This run is {actions.OVER[found.state]}, so it can no longer be changed.")
    return redirect("planned_run", found.pk)


@requires(May.PLAN_TRAINING)
@require_http_methods(["GET", "HEAD", "POST"])
def move(request: HttpRequest, pk: int) -> HttpResponse:
    """Change the sessions of a run, after seeing who will be told and what gets in the way."""
    found, posted = kept.run_or_404(request, pk), request.method == "POST"
    if found.state in actions.OVER:
        return _over(request, found)
    rows = SessionRows(_with_another(request) if posted else None, list(found.sessions.select_related("room")))
    in_the_way: list[str] = []
    if posted and "more" not in request.POST and rows.is_valid():
        plan = Plan(rows.slots(), found.capacity, list(found.trainers.all()), found)
        if not (in_the_way := _unconfirmed_move(request, plan)):
            return _moved(request, found, plan.slots)
    context = {"run": found, "course": found.course, "rows": rows, "hearers": actions.hearers(found)}
    context |= _wrong(request, rows.forms, rows.problem)
    return render(
        request, "planning/move_run.html", context | _clashing(in_the_way, rows.slots() if in_the_way else [])
    )


def _unconfirmed_move(request: HttpRequest, plan: Plan) -> list[str]:
    """As `_unconfirmed`, with how many people on it have a place elsewhere then."""
    found = clashes.find(plan, seen_by=request.viewer.person, at=clock.now())
    if busy := clashes.learners(plan):
        found.append(f"{plural(busy, 'person', 'people')} with a place on this run will have another at the same time.")
    return [] if request.POST.get("despite") == clashes.digest(found) else found


def _moved(request: HttpRequest, found: Run, slots: Sequence[Slot]) -> HttpResponse:
    try:
        actions.move_run(run=found, slots=slots, by=request.viewer.person, at=clock.now())
        told = actions.hearers(found).all
        heard = f" {plural(told, 'person is', 'people are')} told by e-mail." if told else ""
        messages.success(request, f"The dates and places are saved.{heard}")
    except REFUSALS as refusal:
        messages.error(request, str(refusal))
    return redirect("planned_run", found.pk)


@requires(May.PLAN_TRAINING)
@require_POST
def publish(request: HttpRequest, pk: int) -> HttpResponse:
    """Open a draft for booking."""
    found = kept.run_or_404(request, pk)
    try:
        actions.publish_run(run=found, by=request.viewer.person, at=clock.now())
        messages.success(request, "The run is open for booking.")
    except REFUSALS as refusal:
        messages.error(request, str(refusal))
    return redirect("planned_run", pk)


@requires(May.PLAN_TRAINING, proxy=Proxy.NEVER)
@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Say who will be told, and ask why; then cancel the run."""
    found = kept.run_or_404(request, pk)
    if found.state in actions.OVER:
        return _over(request, found)
    form = CancelForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            actions.cancel_run(run=found, **form.cleaned_data, by=request.viewer.person, at=clock.now())
            messages.success(request, "The run is cancelled.")
            return redirect("planned_run", pk)
        except REFUSALS as refusal:
            messages.error(request, str(refusal))
    context = {"run": found, "course": found.course, "form": form, "hearers": actions.hearers(found)}
    return render(request, "planning/cancel_run.html", context)
