"""What WHAT adds to 'your list'."""

from collections.abc import Iterator
from datetime import date, timedelta

from django.db.models import Count, Exists, F, Min, OuterRef, Q, QuerySet
from django.urls import reverse

from academy.lib import registry
from academy.lib.dates import end_of_day, london_day, start_of_day
from academy.lib.registry import Todo
from academy.lib.text import clock_time, day, plural
from courses.models import Approval, Booking, Course, Newcomer, Reflection, Run, Visit
from partners.models import Grant, Person
from partners.permissions import AccessRole

MOST = 10
LEFT_OPEN = timedelta(days=7)  # after that it is no longer the trainer’s alone
TOO_FEW_DAYS = 14  # before a run, from when on planners hear that fewer people come than it is worth holding for


@registry.todo(AccessRole.LEARNER)
def bookings_to_see_to(person: Person, on: date) -> Iterator[Todo]:
    """Places that are held for the person until a moment; then what the people who run a training must know and was
    not asked, since another has booked it."""
    live = Booking.objects.filter(person=person).live().with_unanswered().select_related("run__course")
    asked = Q(state=Booking.State.OFFERED) | Q(unanswered=True, run__starts_at__gt=end_of_day(on))
    for booking in live.filter(asked).order_by("offer_until", "run__starts_at")[:MOST]:
        title = booking.run.course.title
        if booking.state == Booking.State.OFFERED:
            until = london_day(booking.offer_until)
            yield Todo(
                text=f"Take or decline the place on {title}",
                url=reverse("booking", args=[booking.reference]),
                due=until,
                detail=f"Held for you until {clock_time(booking.offer_until)} on {day(until)}",
            )
        else:
            yield Todo(
                text=f"Answer what you are asked before {title}",
                url=reverse("told", args=[booking.reference]),
                due=london_day(booking.run.starts_at),
            )


@registry.todo(AccessRole.LEARNER)
def visits_to_see_to(person: Person, on: date) -> Iterator[Todo]:
    """Shadowing and coaching: guests to answer, and what the person has still to write about what they learnt."""
    wrote = Exists(Reflection.objects.filter(visit=OuterRef("pk"), by=person))
    to_answer = Q(hosting__host=person, state__in=Visit.WAITS_FOR_HOST)
    theirs = Q(guest=person) | Q(hosting__host=person)
    to_write = theirs & Q(state=Visit.State.AGREED, on__lt=on) & ~wrote
    found = Visit.objects.filter(to_answer | to_write).select_related("hosting", "guest")
    for visit in found.order_by("asked_at")[:MOST]:
        if visit.waits_for_host:
            due, text, page = visit.answer_by, f"Answer {visit.guest.name}: {visit.hosting}", "answer_visit"
        else:
            due, text, page = visit.reflect_until, f"Write what you learnt: {visit.hosting}", "reflect"
        yield Todo(text=text, url=reverse(page, args=[visit.pk]), due=due)


@registry.todo(AccessRole.MANAGER)
def visits_to_approve(person: Person, on: date) -> Iterator[Todo]:
    """Shadowing and coaching of the people below, that wait for the manager's word."""
    waiting = Visit.objects.waiting_for_manager().exclude(guest=person)
    waiting = waiting.filter(guest__in=Person.objects.managed_by(person, on)).select_related("hosting", "guest")
    for visit in waiting.order_by("asked_at")[:MOST]:
        yield Todo(
            text=f"Say whether {visit.guest.name} may go: {visit.hosting}",
            url=reverse("approve_visit", args=[visit.pk]),
            due=visit.answer_by,
        )


@registry.todo(AccessRole.MANAGER)
def bookings_to_approve(person: Person, on: date) -> Iterator[Todo]:
    """Bookings of the people below, and fees, that wait for the manager's word."""
    waiting = Approval.objects.waiting().filter(step=Approval.Step.MANAGER).visible_to(person, on)
    yield from _approvals(waiting.filter(booking__person__in=Person.objects.managed_by(person, on)))


@registry.todo(AccessRole.COORDINATOR)
def fees_to_approve(person: Person, on: date) -> Iterator[Todo]:
    """For coordinators: bookings for which their agency pays a fee."""
    duties = Grant.objects.duties_of(person, on)
    waiting = Approval.objects.waiting().filter(step=Approval.Step.FEE, booking__agency__in=duties.agencies)
    yield from _approvals(waiting, fee=True)


def _approvals(waiting: QuerySet[Approval], *, fee: bool = False) -> Iterator[Todo]:
    found = waiting.aggregate(count=Count("pk"), soonest=Min("due_at"))
    if found["count"]:
        what = "fee" if fee else "booking"
        text = f"Approve {plural(found['count'], what, what + 's')}, or not"
        yield Todo(text=text, url=reverse("approvals"), due=london_day(found["soonest"]))


@registry.todo(AccessRole.TRAINER)
def registers_to_take(person: Person, on: date) -> Iterator[Todo]:
    """Runs that the person teaches, that have started and are not closed."""
    runs = Run.objects.taught_by(person).filter(state=Run.State.PUBLISHED, starts_at__lte=end_of_day(on))
    for run in runs.select_related("course").order_by("ends_at")[:MOST]:
        ended = run.ends_at <= end_of_day(on)
        yield Todo(
            text=f"{'Take the register and close' if ended else 'Take the register'}: {run.course.title}",
            url=reverse("register", args=[run.pk]),
            due=run.last_day,
        )


@registry.todo(AccessRole.LEAD)
def registers_left_open(person: Person, on: date) -> Iterator[Todo]:
    """For academy leads: runs that ended more than a week ago and that nobody has closed."""
    left = Run.objects.filter(state=Run.State.PUBLISHED, ends_at__lte=end_of_day(on - LEFT_OPEN))
    found = left.aggregate(count=Count("pk"), first=Min("pk"), since=Min("ends_at"))
    if count := found["count"]:
        yield Todo(
            text=f"See to {plural(count, 'register')} left open for a week or more",
            url=reverse("register", args=[found["first"]]) if count == 1 else reverse("registers"),
            due=london_day(found["since"]),
            detail="Until then nobody gets a certificate, and nobody is asked what changed",
        )


@registry.todo(AccessRole.COORDINATOR, AccessRole.LEAD)
def planning(person: Person, on: date) -> Iterator[Todo]:
    """For those who plan: runs with too few people, and courses to look at again."""
    yield from _runs_with_too_few(person, on)
    yield from _courses_to_review(person, on)


def _runs_with_too_few(person: Person, on: date) -> Iterator[Todo]:
    soon = end_of_day(on + timedelta(days=TOO_FEW_DAYS))
    runs = Run.objects.planned_by(person, on).filter(state=Run.State.PUBLISHED, starts_at__gte=start_of_day(on))
    few = runs.filter(starts_at__lte=soon, minimum__gt=0).with_counts().filter(booked__lt=F("minimum"))
    for run in few.select_related("course").order_by("starts_at")[:MOST]:
        yield Todo(
            text=f"Hold it or cancel it: {run.course.title}",
            url=reverse("planned_run", args=[run.pk]),
            due=london_day(run.starts_at),
            detail=f"{plural(run.booked, 'person', 'people')} booked; it is worth holding with {run.minimum}",
        )


def _courses_to_review(person: Person, on: date) -> Iterator[Todo]:
    due = Course.objects.kept_by(person, on).filter(review_on__lte=on, published=True)
    for course in due.only("title", "review_on").order_by("review_on", "pk")[:MOST]:
        url = reverse("planned_course", args=[course.pk])
        yield Todo(text=f"Look at the content again: {course.title}", url=url, due=course.review_on)


@registry.todo(AccessRole.LEAD)
def newcomers_to_find(person: Person, on: date) -> Iterator[Todo]:
    """People who came to a session and are in no record, the longest ago first."""
    for came in Newcomer.objects.waiting().select_related("session__run__course")[:MOST]:
        yield Todo(
            text=f"Find out who came to {came.session.run.course.title}: {came.name}, {came.agency_name}",
            url=reverse("settle_newcomer", args=[came.pk]),
        )
