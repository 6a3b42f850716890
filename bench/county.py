"""Pages and lists of a whole county: 5,000 runs, 50,000 people, 500,000 bookings, in a database of its own."""

import gzip
import time
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.core.management import call_command
from django.db import connection
from django.db.models import QuerySet
from django.test.utils import override_settings

from academy.lib import clock, registry
from academy.tryout.models import Guide
from bench import urls
from bench.figures import Line, Readings, in_turns
from bench.ground import tell
from bench.pages import Browser
from courses.models import Booking, Course, Run
from partners.models import Person

ROUNDS = 25
NAME = "county"
LISTED = 50_000  # bookings of the list that is measured, at the least


def measure() -> Iterator[Line]:
    """The county is made once, and kept for the next time; how long that took is told when it was made."""
    with _county(), override_settings(ROOT_URLCONF="bench.urls"):
        yield from _made()
        tell("pages of a county")
        people = {guide.what: guide.person for guide in Guide.objects.select_related("person__user")}
        for browser, what, path, bar in _pages(people):
            yield _page(browser, what, path, bar)
        yield _booking(Browser(next(iter(people.values()))))
        yield from _list(Browser(people["Academy lead"]))


@contextmanager
def _county() -> Iterator[None]:
    """Its database instead of the academy's."""
    before = connection.settings_dict["NAME"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [NAME])
        if not cursor.fetchone():
            cursor.execute(f"CREATE DATABASE {NAME}")
    try:
        _use(NAME)
        yield
    finally:
        _use(before)


def _use(name: str) -> None:
    connection.close()
    connection.settings_dict["NAME"] = name


def _made() -> Iterator[Line]:
    call_command("migrate", verbosity=0)
    if Person.objects.exists():
        return
    tell("a county")
    begun = time.perf_counter()
    call_command("demo", scale="county", verbosity=0)
    seconds = time.perf_counter() - begun
    broken = registry.broken_invariants()
    rows = f"{Booking.objects.count():,} bookings; {len(broken)} broken invariants"
    yield Line("a county is made", seconds, "s", "≤ 300 s", seconds <= 300 and not broken, notes=rows)


def _pages(people: dict[str, Person]) -> Iterator[tuple[Browser, str, str, float]]:
    learner, lead = Browser(next(iter(people.values()))), Browser(people["Academy lead"])
    run = Run.objects.bookable(clock.now()).with_counts().filter(booked__gt=100, queued=0).earliest("starts_at")
    held = Run.objects.filter(state=Run.State.COMPLETED, capacity=100).latest("starts_at")
    theme = Course.themes.through.objects.first().practicetheme_id
    today = clock.today()
    year = today - timedelta(days=365)
    own = Browser(_busiest())
    yield learner, "catalogue", "/courses/", 20
    yield learner, "search", "/courses/?q=neglect", 60
    yield learner, "course", f"/courses/{run.course_id}/", 20
    yield learner, "run, before booking", f"/runs/{run.pk}/book/", 20
    yield own, "own bookings", "/bookings/", 20
    yield lead, "register of 100 places", f"/runs/{held.pk}/register/", 100
    yield lead, "people, found by name", "/people/?q=amara", 60
    yield lead, "report of a year", f"/reports/training/?first={year}&last={today}", 300
    yield lead, "report of a quarter", f"/reports/training/?first={today - timedelta(days=91)}&last={today}", 100
    yield lead, "report of a year, one theme", f"/reports/training/?first={year}&theme={theme}", 300
    yield lead, "who waits, and cost", "/reports/training/demand/", 300
    yield lead, "given and taken", "/reports/training/trainers/", 300
    yield lead, f"a page of {LISTED:,} bookings", f"/reports/training/people/?{_listed()}", 60
    yield lead, "the last page of them", f"/reports/training/people/?{_listed()}&page=99999", 60


def _busiest() -> Person:
    """Who has most bookings of those with an account."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT person_id FROM courses_booking GROUP BY person_id ORDER BY count(*) DESC, 1 LIMIT 1")
        return Person.objects.select_related("user").get(pk=cursor.fetchone()[0])


def _listed() -> str:
    """The booked of so many days that there are at least so many."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT min(day) FROM (SELECT ends_at::date AS day, sum(n) OVER (ORDER BY ends_at DESC) AS so_far FROM ("
            " SELECT r.ends_at, count(*) AS n FROM courses_run r JOIN courses_booking b ON b.run_id = r.id"
            " WHERE r.ends_at < %s AND b.state IN ('booked', 'given_up') GROUP BY r.id) AS run) AS days"
            " WHERE so_far < %s",
            [clock.now(), LISTED * 1.05],
        )
        return f"figure=booked&first={cursor.fetchone()[0]}"


def _page(browser: Browser, what: str, path: str, bar: float) -> Line:
    urls.BODIES["same"] = gzip.decompress(browser.get(path))
    page, plain = in_turns([lambda: browser.get(path), lambda: browser.get("/plain/same/")], ROUNDS)
    return _line(f"county: {what}, server time", page, plain, bar)


def _line(what: str, page: Readings, plain: Readings, bar: float) -> Line:
    holds, is_ = page.median <= bar, "plain view, same bytes"
    return Line(what, page.median, "ms", f"≤ {bar:g} ms", holds, page.p95, plain.median, is_)


def _booking(browser: Browser) -> Line:
    """Bookings on runs to come that have a place; given back afterwards."""
    runs = Run.objects.bookable(clock.now()).with_counts().filter(queued=0).exclude(bookings__person=browser.person)
    apart = _apart(runs)
    chosen = iter(apart)
    last = Booking.objects.latest("pk").pk
    try:
        page, plain = in_turns(
            [
                lambda: browser.post(f"/runs/{next(chosen)}/book/", "access_needs="),
                lambda: browser.get("/plain/same/"),
            ],
            min(ROUNDS, len(apart) - 1),  # one to warm up
        )
    finally:
        Booking.objects.filter(pk__gt=last).delete()
    return _line("county: booking, the whole POST", page, plain, 30)


def _apart(runs: QuerySet[Run]) -> list[int]:
    """Runs that one person can have all of: each of a course and of a week of its own."""
    found: dict[int, Run] = {}
    for run in runs.order_by("-starts_at"):
        if all(abs(other.starts_at - run.starts_at) > timedelta(weeks=1) for other in found.values()):
            found.setdefault(run.course_id, run)
    return [run.pk for run in found.values()]


def _list(browser: Browser) -> Iterator[Line]:
    """The whole list, sent as it is read: how long, and how much memory Python took for it at the most."""
    for file_format in ("csv", "xlsx"):
        path = f"/reports/training/people/download/{file_format}/?{_listed()}"
        readings = Readings()
        readings.take(lambda path=path: browser.get(path))
        size = _most_memory(lambda path=path: browser.get(path))
        seconds = readings.median / 1000
        notes = f"{size:.0f} MB of memory at the most, the answer’s own {{kept}} MB included"
        kept = len(browser.get(path)) / 1e6
        what = f"county: {LISTED:,} bookings as {file_format.upper()}"
        yield Line(what, seconds, "s", "≤ 3 s", seconds <= 3, notes=notes.format(kept=f"{kept:.1f}"))


def _most_memory(work) -> float:
    tracemalloc.start()
    work()
    most = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    return most
