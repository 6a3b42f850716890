"""What somebody looks for in the catalogue: which courses, and which of their dates."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

from django.db.models import CharField, Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, Window
from django.db.models.functions import Cast, RowNumber

from academy.lib.dates import LONDON, end_of_day, london_day, start_of_day
from academy.lib.text import sort_key
from courses import spelling
from courses.models import Course, Habits, PracticeTheme, Room, Run, Session
from partners.models import Agency, Person

ONLINE = "online"  # in the place of an area
OF_DATES = ("area", "day", "first", "last", "places", "near")
MOST_A_DAY, MOST_A_THEME = 5, 4


@dataclass(frozen=True)
class Search:
    """What somebody looks for: `chosen` is what made sense of the address. `instead` stands for a misspelt word."""

    person: Person
    chosen: Mapping[str, Any]
    at: datetime
    habits: Habits | None = None
    instead: str = ""

    def courses(self) -> QuerySet[Course]:
        """Those that they find, in no order."""
        found = self._unsearched()
        words = self.instead or self.chosen.get("q")
        return found.matching(words) if words else found

    def _unsearched(self) -> QuerySet[Course]:
        chosen = self.chosen
        found = Course.objects.offered().visible_to(self.person, london_day(self.at))
        for name in ("kind", "level"):
            if chosen.get(name):
                found = found.filter(**{f"{name}__in": chosen[name]})
        if chosen.get("theme"):
            found = found.filter(
                pk__in=Course.themes.through.objects.filter(practicetheme__in=chosen["theme"]).values("course")
            )
        if chosen.get("free"):
            found = found.filter(fee=0)
        if chosen.get("owner"):
            found = found.filter(owner=chosen["owner"])
        return found.filter(pk__in=self.dates.values("course")) if self.is_about_dates else found

    def ordered(self) -> QuerySet[Course]:
        """Those that they find: the best first where they gave words, else the soonest of the dates they asked for."""
        found = self.courses().defer("search", "aims", "audience")
        soonest = F("next_start")
        if self.is_about_dates:
            first = self.dates.filter(course=OuterRef("pk")).order_by("starts_at").values("starts_at")[:1]
            found, soonest = found.annotate(first_date=Subquery(first)), F("first_date")
        rank = ["-rank"] if self.instead or self.chosen.get("q") else []
        return found.order_by(*rank, soonest.asc(nulls_last=True), "title", "pk")

    @property
    def is_about_dates(self) -> bool:
        return any(self.chosen.get(name) for name in OF_DATES)

    @cached_property
    def dates(self) -> QuerySet[Run]:
        """Runs that one may book, begin in the days asked for, and suit with every session."""
        chosen = self.chosen
        runs = Run.objects.with_places(self.at) if chosen.get("places") else Run.objects.bookable(self.at)
        if chosen.get("first"):
            runs = runs.filter(starts_at__gte=start_of_day(chosen["first"]))
        if chosen.get("last"):
            runs = runs.filter(starts_at__lte=end_of_day(chosen["last"]))
        if chosen.get("day"):
            runs = runs.exclude(_has(~Q(starts_at__iso_week_day__in=chosen["day"])))
        if chosen.get("area"):
            runs = _in_area(runs, chosen["area"])
        return _suiting(runs, self.habits) if chosen.get("near") and self.habits else runs

    def corrected(self) -> "Search":
        """The same with words that no course has replaced by the nearest that one has, where there are such."""
        instead = spelling.corrected(self.chosen["q"], self._unsearched())
        return Search(self.person, self.chosen, self.at, self.habits, instead)


def _has(condition: Q) -> Exists:
    return Exists(Session.objects.filter(condition, run=OuterRef("pk")))


def _in_area(runs: QuerySet[Run], area: str) -> QuerySet[Run]:
    """Online with every session; or with one in that area and, apart from online ones, none elsewhere."""
    if area == ONLINE:
        return runs.exclude(_has(Q(room__isnull=False) | ~Q(venue__iexact=ONLINE)))
    return runs.filter(_has(Q(room__area=area))).exclude(_has(Q(room__isnull=False) & ~Q(room__area=area)))


def _suiting(runs: QuerySet[Run], habits: Habits) -> QuerySet[Run]:
    """As `Interest.suits`: on those days and in those areas, where online is everywhere."""
    if habits.days:
        runs = runs.exclude(_has(~Q(starts_at__iso_week_day__in=habits.days)))
    if habits.areas:
        runs = runs.exclude(_has(Q(room__isnull=False) & ~Q(room__area__in=habits.areas)))
    return runs


def with_next_runs(courses: Sequence[Course], dates: QuerySet[Run]) -> Sequence[Course]:
    """Give each course `next_run`, the first of those dates, with its counts: one query for the whole page."""
    runs = dates.filter(course__in=[course.pk for course in courses]).with_counts()
    next_runs = {run.course_id: run for run in runs.order_by("course_id", "starts_at", "pk").distinct("course_id")}
    for course in courses:
        course.next_run = next_runs.get(course.pk)
    return courses


def options() -> dict[str, list[tuple[str, str]]]:
    """What there is to choose from: themes, areas and who offers courses, in order. One query."""
    kind = CharField()
    areas = Room.objects.filter(in_use=True).exclude(area="").order_by()
    owners = Agency.objects.filter(Exists(Course.objects.offered().filter(owner=OuterRef("pk")))).order_by()
    found = (
        PracticeTheme.objects.order_by()
        .values_list(Value("theme", kind), "slug", "name")
        .union(
            areas.values_list(Value("area", kind), "area", "area"),
            owners.values_list(Value("owner", kind), Cast("pk", kind), "name"),
        )
    )
    listed: dict[str, list[tuple[str, str]]] = {"theme": [], "area": [], "owner": []}
    for which, value, words in sorted(found, key=lambda row: sort_key(row[2])):
        listed[which].append((value, words))
    return listed


@dataclass(frozen=True)
class Day:
    """A day of a month's page: its first sessions, and how many there are besides."""

    on: date
    sessions: Sequence[Session]
    more: int
    outside: bool


def month(search: Search, first: date) -> list[list[Day]]:
    """The weeks of a month, Monday first, with the sessions of dates to be booked. Two queries."""
    after = (first + timedelta(days=31)).replace(day=1)
    runs = search.dates.filter(course__in=search.courses().values("pk"))
    within = Q(starts_at__gte=start_of_day(first), starts_at__lt=start_of_day(after))
    sessions = list(
        Session.objects.filter(within, run__in=runs).order_by("starts_at", "pk").values_list("pk", "starts_at")
    )
    days: dict[date, list[int]] = {}
    for pk, starts_at in sessions:
        days.setdefault(starts_at.astimezone(LONDON).date(), []).append(pk)
    shown = _shown([pk for pks in days.values() for pk in pks[:MOST_A_DAY]])
    monday = first - timedelta(days=first.weekday())
    weeks = range((after - monday + timedelta(days=6)).days // 7)
    return [[_day(monday + timedelta(weeks=w, days=d), first, days, shown) for d in range(7)] for w in weeks]


def _shown(pks: Sequence[int]) -> dict[int, Session]:
    sessions = Session.objects.filter(pk__in=pks).select_related("run__course").in_bulk()
    runs = Run.objects.filter(sessions__in=pks).with_counts().in_bulk()
    for session in sessions.values():
        session.places_left = runs[session.run_id].places_left
    return sessions


def _day(on: date, first: date, days: Mapping[date, list[int]], shown: Mapping[int, Session]) -> Day:
    pks = days.get(on, [])
    outside = on.month != first.month
    return Day(on, [shown[pk] for pk in pks[:MOST_A_DAY]], max(0, len(pks) - MOST_A_DAY), outside)


@dataclass(frozen=True)
class Themed:
    """A theme with the first of its courses, and how many it has."""

    theme: PracticeTheme | None
    courses: Sequence[Course]
    count: int


def by_theme(search: Search) -> list[Themed]:
    """Each theme that has courses among those found; those of none come last. Four queries, however many there are."""
    through = Course.themes.through.objects.filter(course__in=search.courses().values("pk"))
    order = (F("course__next_start").asc(nulls_last=True), F("course__title").asc(), F("course").asc())
    placed = through.annotate(
        place=Window(RowNumber(), partition_by="practicetheme", order_by=order),
        whole=Window(Count("pk"), partition_by="practicetheme"),
    )
    rows = list(
        placed.filter(place__lte=MOST_A_THEME).order_by("place").values_list("practicetheme", "course", "whole")
    )
    unthemed = list(search.ordered().filter(themes=None)[: MOST_A_THEME + 1])
    courses = Course.objects.in_bulk({course for _, course, _ in rows})
    with_next_runs([*courses.values(), *unthemed], search.dates)
    found: dict[int, tuple[list[Course], int]] = {}
    for theme, course, whole in rows:
        found.setdefault(theme, ([], whole))[0].append(courses[course])
    named = [Themed(theme, *found[theme.pk]) for theme in PracticeTheme.objects.filter(pk__in=found)]
    return [*named, *([Themed(None, unthemed[:MOST_A_THEME], len(unthemed))] if unthemed else [])]
