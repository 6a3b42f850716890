"""What WHAT shows trainers, managers and academy leads in the morning."""

from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.db.models import Case, Count, F, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import Coalesce
from django.urls import reverse

from academy.lib import registry
from academy.lib.dates import end_of_day, london_day, start_of_day
from academy.lib.registry import Line, Section
from academy.lib.text import clock_time, near_day, plural
from courses.models import Booking, Run, Session
from partners.models import Person
from partners.permissions import AccessRole

WEEK = timedelta(days=6)  # today is the first of its seven days
FORTNIGHT, FOUR_WEEKS = timedelta(days=13), timedelta(days=27)
LONG_QUEUE = 3  # people: worth thinking of another date
MOST_RUNS = 500


def _when(moment: datetime, on: date) -> str:
    return f"{near_day(london_day(moment), on)}, {clock_time(moment)}"


@registry.section(10, AccessRole.TRAINER)
def teaching_next(person: Person, on: date) -> Section:
    """For trainers: their next three sessions, and how many will come."""
    held = Booking.objects.booked().filter(run=OuterRef("run")).order_by().values("run")
    taken = Coalesce(Subquery(held.values(taken=Count("pk"))), 0)
    taught = Session.objects.filter(run__in=Run.objects.taught_by(person), run__state=Run.State.PUBLISHED)
    coming = taught.filter(starts_at__gte=start_of_day(on)).select_related("run__course").annotate(booked=taken)
    lines = [
        Line(
            text=session.run.course.title,
            url=reverse("register", args=[session.run_id]),
            detail=f"{_when(session.starts_at, on)} to {clock_time(session.ends_at)} · {session.venue}",
            tag=f"{session.booked} of {session.run.capacity} places taken",
        )
        for session in coming.order_by("starts_at")[:3]
    ]
    more = (reverse("registers"), "All your registers")
    return Section("You teach next", lines, nothing="You have no run planned.", more=more)


@registry.section(40, AccessRole.MANAGER)
def peoples_training(person: Person, on: date) -> Section:
    """For managers: who below them is on training next, and what was newly booked."""
    lines = [
        Line(
            text=f"{booking.person.name}: {booking.run.course.title}",
            url=reverse("booking", args=[booking.reference]),
            detail=_when(booking.next, on),
            **_news(booking, on),
        )
        for booking in sorted(_places_below(person, on), key=lambda booking: booking.next)
    ]
    nothing = "None of your people has booked any training."
    return Section("Your people’s next training", lines, nothing=nothing, more=(reverse("people"), "All your people"))


def _places_below(manager: Person, on: date) -> QuerySet[Booking]:
    """Five coming places of those below, with the `next` session of each: before others those whose session is in the
    next seven days, and those that were booked in the last seven."""
    sessions = Session.objects.filter(run=OuterRef("run"), starts_at__gte=start_of_day(on)).order_by("starts_at")
    coming = Run.objects.filter(state=Run.State.PUBLISHED, ends_at__gte=start_of_day(on))
    live = Booking.objects.live().filter(person__in=Person.objects.managed_by(manager, on), run__in=coming)
    found = live.annotate(next=Subquery(sessions.values("starts_at")[:1])).exclude(next=None)
    matters = Q(next__lte=end_of_day(on + WEEK)) | Q(asked_at__gte=start_of_day(on - WEEK))
    by = (Case(When(matters, then=0), default=1), "next", "person__name_key")
    return found.select_related("person", "run__course").order_by(*by)[:5]


def _news(booking: Booking, on: date) -> dict[str, str]:
    if booking.state == Booking.State.QUEUED:
        return {"tag": "In the queue", "colour": "yellow"}
    return {"tag": "New", "colour": "blue"} if booking.asked_at >= start_of_day(on - WEEK) else {}


class _Filling(NamedTuple):
    """How a coming run fills up."""

    pk: int
    title: str
    starts_at: datetime
    capacity: int
    booked: int
    queued: int

    def needs_a_look(self, on: date) -> bool:
        """A long queue; or fewer than half of the places taken, less than a fortnight before."""
        is_near = self.starts_at <= end_of_day(on + FORTNIGHT)
        return self.queued >= LONG_QUEUE or (is_near and self.booked * 2 < self.capacity)

    def line(self, on: date) -> Line:
        queue = f"{plural(self.queued, 'person', 'people')} in the queue"
        few = f"Only {self.booked} of {self.capacity} places taken"
        tag, colour = (queue, "blue") if self.queued else (few, "yellow")
        return Line(self.title, reverse("run", args=[self.pk]), _when(self.starts_at, on), tag, colour)


@registry.section(20, AccessRole.LEAD)
def runs_to_look_at(person: Person, on: date) -> Section:
    """For academy leads: what starts this week, and coming runs with few people or a long queue."""
    within = (start_of_day(on), end_of_day(on + FOUR_WEEKS))
    coming = Run.objects.filter(state=Run.State.PUBLISHED, starts_at__range=within).with_counts().order_by("starts_at")
    values = coming.values_list("pk", F("course__title"), "starts_at", "capacity", "booked", "queued")
    runs = [_Filling(*row) for row in values[:MOST_RUNS]]
    lines = [*_this_week(runs, on), *[run.line(on) for run in runs if run.needs_a_look(on)][:5]]
    more = (reverse("registers"), "All registers and coming runs")
    return Section("Runs to look at", lines, nothing=_all_is_well(len(runs)), more=more)


def _all_is_well(runs: int) -> str:
    """What to say where no run needs a look."""
    if not runs:
        return "No run starts in the next four weeks."
    well = "It needs no look." if runs == 1 else "None of them needs a look."
    return f"{plural(runs, 'run starts', 'runs start')} in the next four weeks. {well}"


def _this_week(runs: list[_Filling], on: date) -> list[Line]:
    soon = [run for run in runs if run.starts_at <= end_of_day(on + WEEK)]
    if not soon:
        return []
    booked, capacity = sum(run.booked for run in soon), sum(run.capacity for run in soon)
    text = plural(len(soon), "run starts in the next 7 days", "runs start in the next 7 days")
    return [Line(text, reverse("registers"), f"{booked} of {capacity} places taken")]
