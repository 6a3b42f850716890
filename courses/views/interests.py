"""Waiting for a date of a course."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from academy.lib import clock
from courses.actions import interests as actions
from courses.forms import InterestForm
from courses.models import Booking, Course, Habits, Interest, Room
from partners.access import Proxy, requires, visible_or_404
from partners.models import Person
from partners.permissions import May


def _course(request: HttpRequest, pk: int) -> Course:
    visible = Course.objects.offered().visible_to(request.viewer.person, request.viewer.today)
    return visible_or_404(request, visible, pk=pk)


@requires(May.USE_OWN_RECORD, proxy=Proxy.DO)
@require_http_methods(["GET", "HEAD", "POST"])
def interest(request: HttpRequest, pk: int) -> HttpResponse:
    """Be told of dates of a course, or get a place on the next that suits."""
    course, person = _course(request, pk), request.viewer.person
    held = Interest.objects.waiting().filter(course=course, person=person).first()
    areas = Room.objects.filter(in_use=True).exclude(area="").order_by("area").values_list("area", flat=True).distinct()
    form = InterestForm(request.POST or None, areas=areas, initial=_known(held, request))
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        wish = {"days": said["days"], "areas": said.get("areas", []), "wants_place": said["wants_place"] == "yes"}
        made = actions.ask(course=course, person=person, at=clock.now(), **wish)
        if made.state == Interest.State.MET:
            return redirect("booking", _place(course, person).reference)
        messages.success(request, "We tell you by e-mail as soon as there is a date.")
        return redirect("course", pk)
    context = {"course": course, "form": form, "held": held, "open_days": settings.COURSE_OFFER_OPEN_DAYS}
    return render(request, "courses/interest.html", context)


def _place(course: Course, person: Person) -> Booking:
    """The one that is held for them on one of its dates."""
    return Booking.objects.filter(person=person, run__course=course, state=Booking.State.OFFERED).latest("pk")


def _known(held: Interest | None, request: HttpRequest) -> dict[str, object]:
    """What somebody asked for, or else where and when they learn best."""
    if held:
        return {"wants_place": "yes" if held.wants_place else "", "days": held.days, "areas": held.areas}
    habits = Habits.objects.filter(person=request.viewer.person).first()
    queue = "yes" if "place" in request.GET else ""
    return {"wants_place": queue, "days": habits.days if habits else [], "areas": habits.areas if habits else []}


@requires(May.USE_OWN_RECORD, proxy=Proxy.DO)
@require_POST
def end_interest(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop waiting."""
    course, person = _course(request, pk), request.viewer.person
    held = Interest.objects.waiting().visible_to(person, request.viewer.today).filter(course=course).first()
    if held:
        actions.end(interest=held, by=person, at=clock.now())
    messages.success(request, f"You no longer wait for {course.title}.")
    return redirect("course", pk)
