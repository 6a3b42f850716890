"""A list of 20,000 people taken in while others use the academy, and finding one among 50,000."""

import csv
import http.client
import io
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from threading import Event, Thread

from django.db import connection
from django.test.utils import override_settings

from academy.demo.names import FAMILY, GIVEN
from academy.embedded import place
from academy.lib import clock
from academy.tryout.models import Guide
from bench.figures import Line, Readings
from bench.ground import served, tell
from bench.pages import Browser, page
from bench.race import cookies
from partners.actions import grants
from partners.importers import loads
from partners.importers.columns import Reading
from partners.models import Agency, Employment, EmploymentVersion, Grant, Import, Person, PersonVersion, User

IMPORTED, ALL = 20_000, 50_000
PREVIEW_SECONDS, COMMIT_SECONDS, UNDO_SECONDS, MEMORY_MB = 20, 30, 60, 300
AS_FAST = 1.5  # times what a page took before: two cores serve the import, the page and its reader
WATCHED_SECONDS = 10
SEARCH_MS, ROUNDS = 50, 30
COUNCIL, TRUST = "Bench County Council", "Bench Health Trust"
FROM = date(2015, 1, 5)


def measure() -> Iterator[Line]:
    """Each step of an import, by a worker of its own beside the web server; then searches."""
    lead = Guide.objects.select_related("person__user").get(what="Academy lead").person
    others = Person.objects.count()
    try:
        tell(f"taking in {IMPORTED:,} people")
        yield from _importing(lead)
        tell(f"finding people among {ALL:,}")
        _all_steps(_sent(lead, TRUST, ALL - IMPORTED - others))
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")  # as PostgreSQL itself does before long
        yield from _searching(lead)
        tell(f"undoing {IMPORTED:,} people")
        yield from _undoing()
    finally:
        tell("undoing it")
        _clear()


# --- An import ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Step:
    """What a worker needed for one step of an import."""

    seconds: float
    busy_seconds: float  # of its processor time; the rest is PostgreSQL's, or others'
    peak_mb: float


def _importing(lead: Person) -> Iterator[Line]:
    load = _sent(lead, COUNCIL, IMPORTED)
    with served("web server") as (port, _):
        cookie, _ = cookies(lead)
        with _watched(port, cookie) as before:
            time.sleep(WATCHED_SECONDS)
        with _watched(port, cookie) as checking:
            preview = _step(load, "check")
        with _watched(port, cookie) as importing:
            commit = _step(load, "confirm")
    bare = _bare_inserts()
    yield from _in_time(f"{IMPORTED:,} people: preview", preview, PREVIEW_SECONDS, bare)
    yield from _in_time(f"{IMPORTED:,} people: taken in", commit, COMMIT_SECONDS, bare)
    yield _as_fast("catalogue over HTTP while they are checked", checking, before)
    yield _as_fast("catalogue over HTTP while they are taken in", importing, before)
    known, again = _known(), _sent(lead, COUNCIL, IMPORTED)
    once_more = _all_steps(again)
    assert _known() == known, "the same file changed something the second time"
    yield Line("the same file again: taken in", once_more.seconds, "s", notes="changed nothing")


def _bare_inserts() -> float:
    """Seconds in which PostgreSQL alone writes the same rows into tables with the same indexes."""
    readings = Readings()
    with connection.cursor() as cursor:
        for model in (Person, User, PersonVersion, Employment, EmploymentVersion):
            table = model._meta.db_table
            cursor.execute(f"CREATE TABLE bench_copy (LIKE {table} INCLUDING ALL)")
            readings.take(partial(cursor.execute, f"INSERT INTO bench_copy SELECT * FROM {table}"))
            cursor.execute("DROP TABLE bench_copy")
    return sum(readings.values) / 1000


def _in_time(what: str, step: Step, bar: float, bare: float) -> Iterator[Line]:
    notes = f"{step.busy_seconds:.1f} s of the worker’s own processor time"
    facts = {"baseline": bare, "baseline_is": "INSERT … SELECT of the same rows", "notes": notes}
    yield Line(what, step.seconds, "s", f"≤ {bar} s", step.seconds <= bar, **facts)
    yield Line(f"{what}, peak memory", step.peak_mb, "MB", f"≤ {MEMORY_MB} MB", step.peak_mb <= MEMORY_MB)


def _as_fast(what: str, during: Readings, before: Readings) -> Line:
    holds = during.median <= AS_FAST * before.median
    return Line(
        what,
        during.median,
        "ms",
        f"≤ {AS_FAST} × before",
        holds,
        worst=during.p95,
        baseline=before.median,
        baseline_is=f"before, 95 % within {before.p95:.0f} ms",
        notes=f"{len(during.values)} pages",
    )


def _sent(lead: Person, agency: str, count: int) -> Import:
    """An import of so many people of that agency, read and ready to be checked."""
    whose, _ = Agency.objects.get_or_create(name=agency, defaults={"kind": "council"})
    loads.send(file_name="bench.csv", data=_file(agency, count), agency=whose, by=lead, at=clock.now())
    _work()
    return Import.objects.latest("pk")


def _file(agency: str, count: int) -> bytes:
    """A list as HR would send it: teams of forty, each with a manager, by the same names every time."""
    domain = agency.replace(" ", "-").lower()
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(
        [
            "Payroll No",
            "Forename",
            "Surname",
            "Work email",
            "Department",
            "Job title",
            "Manager no",
            "FTE",
            "Start date",
        ]
    )
    for n in range(count):
        given, family = GIVEN[n % len(GIVEN)], FAMILY[n // len(GIVEN) % len(FAMILY)]
        team, manager = f"Service {n // 400} > Team {n // 40}", f"{n // 40 * 40:05}" if n % 40 else ""
        start = FROM + timedelta(days=n % 3650)
        writer.writerow([f"{n:05}", given, family, f"p{n}@{domain}.example", team, "Practitioner", manager, 1, start])
    return out.getvalue().encode()


def _step(load: Import, decision: str) -> Step:
    """Decide, and let a worker do it. Raises AssertionError unless it came to its end."""
    if decision == "check":
        loads.check(load=load, how=Reading.from_json(load.reading | {"agency": load.agency.name}))
    else:
        loads.confirm(load=load, by=load.by, at=clock.now())
    step = _work()
    load.refresh_from_db()
    assert load.state in ("checked", "imported"), f"{load.state}: {load.notes}"
    return step


def _all_steps(load: Import) -> Step:
    """What the last step needed."""
    _step(load, "check")
    return _step(load, "confirm")


def _work() -> Step:
    """Let a worker of its own do what waits."""
    command = [sys.executable, "-m", "bench.importing"]
    done = subprocess.run(command, cwd=place.ROOT, stdout=subprocess.PIPE, text=True, check=True)
    return Step(**json.loads(done.stdout.splitlines()[-1]))


def _known() -> tuple[int, ...]:
    return tuple(model.objects.count() for model in (Person, PersonVersion, EmploymentVersion))


@contextmanager
def _watched(port: int, cookie: str) -> Iterator[Readings]:
    """How long somebody waits for the catalogue, who opens it a dozen times a second while the block lasts."""
    readings, over = Readings(), Event()

    def look() -> None:
        browser = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        while not over.wait(0.05):
            readings.take(lambda: _open(browser, cookie))
        browser.close()

    watcher = Thread(target=look)
    watcher.start()
    try:
        yield readings
    finally:
        over.set()
        watcher.join()


def _open(browser: http.client.HTTPConnection, cookie: str) -> None:
    browser.request("GET", "/courses/", headers={"Cookie": cookie, "Host": "localhost"})
    answer = browser.getresponse()
    answer.read()
    assert answer.status == 200, answer.status


def _undoing() -> Iterator[Line]:
    """The first list, after the same list again, which had changed nothing."""
    for load in Import.objects.filter(agency__name=COUNCIL, state="imported").order_by("-ended_at"):
        loads.undo_it(load=load, by=load.by, at=clock.now())
        step = _work()
    what = f"{IMPORTED:,} people: undone"
    yield Line(what, step.seconds, "s", f"≤ {UNDO_SECONDS} s", step.seconds <= UNDO_SECONDS)
    yield Line(f"{what}, peak memory", step.peak_mb, "MB", f"≤ {MEMORY_MB} MB", step.peak_mb <= MEMORY_MB)


def _clear() -> None:
    """Undo what was taken in, latest first, and forget the files and their agencies."""
    Grant.objects.filter(agency__name=COUNCIL).delete()
    for load in Import.objects.filter(file_name="bench.csv", state="imported").order_by("-ended_at"):
        loads.undo_it(load=load, by=load.by, at=clock.now())
        _work()
    Import.objects.filter(file_name="bench.csv").delete()
    Agency.objects.filter(name__in=[COUNCIL, TRUST], employments=None).delete()


# --- Finding people -----------------------------------------------------------------------------------------------


def _searching(lead: Person) -> Iterator[Line]:
    """As a lead, who sees everybody, and as the coordinator of one agency, who sees two in five."""
    sought = Person.objects.get(email=f"p777@{COUNCIL.replace(' ', '-').lower()}.example")
    typed = {
        "first letters": sought.family_name[:3],
        "surname": sought.family_name,
        "e-mail address": sought.email,
        "employee number": "00777",
    }
    coordinator = Guide.objects.select_related("person__user").get(what="Learner").person
    council = Agency.objects.get(name=COUNCIL)
    facts = {"access_role": "coordinator", "agency": council, "reason": "Measuring"}
    grants.give(person=coordinator, by=None, at=clock.now(), **facts)
    with override_settings(ROOT_URLCONF="bench.urls"):
        for who, person in (("a lead", lead), ("a coordinator", coordinator)):
            browser = Browser(person)
            yield page(browser, f"people, all of them, as {who}", "/people/", SEARCH_MS, ROUNDS)
            for what, words in typed.items():
                yield page(browser, f"people by {what}, as {who}", f"/people/?q={words}", SEARCH_MS, ROUNDS)
