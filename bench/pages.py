"""Server time of the pages that people open most, each in turns with a plain view that returns the same bytes."""

import gzip
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from importlib import import_module

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection
from django.middleware.csrf import _get_new_csrf_string
from django.test.utils import CaptureQueriesContext, override_settings

from academy.lib import clock
from academy.tryout.models import Guide
from bench import urls
from bench.figures import Line, Readings, in_turns
from bench.ground import tell
from bench.rooms import runs_of_their_own, take_away
from courses.models import Course, Run
from partners import assurance
from partners.models import Person

ROUNDS = 100
MORE_COURSES = 5_000


@dataclass
class Browser:
    """Someone signed in, calling the application as gunicorn would, in this process."""

    person: Person
    cookies: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:

        self.application = WSGIHandler()
        self.cookies |= {settings.SESSION_COOKIE_NAME: session_of(self.person), "csrftoken": _get_new_csrf_string()}

    def get(self, path: str) -> bytes:
        """The page's body as sent, compressed. Raises AssertionError unless it is there."""
        return self._call("GET", path, b"", 200)

    def post(self, path: str, body: str) -> None:
        """Send a form; anything but a redirect is an error."""
        form = f"csrfmiddlewaretoken={self.cookies['csrftoken']}&{body}"
        self._call("POST", path, form.encode(), 302)

    def _call(self, method: str, path: str, body: bytes, expected: int) -> bytes:

        path, _, query = path.partition("?")
        said: list[str] = []
        answer = self.application(
            {
                "REQUEST_METHOD": method,
                "PATH_INFO": path,
                "QUERY_STRING": query,
                "SERVER_NAME": "localhost",
                "SERVER_PORT": "80",
                "SERVER_PROTOCOL": "HTTP/1.1",
                "HTTP_COOKIE": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
                "HTTP_ACCEPT_ENCODING": "gzip",
                "CONTENT_TYPE": "application/x-www-form-urlencoded",
                "CONTENT_LENGTH": str(len(body)),
                "wsgi.input": io.BytesIO(body),
                "wsgi.errors": io.StringIO(),
                "wsgi.url_scheme": "http",
            },
            lambda status, headers: said.append(status),
        )
        content = b"".join(answer)
        answer.close()
        assert said[0].startswith(str(expected)), f"{method} {path} answered {said[0]}"
        return content


def session_of(person: Person) -> str:
    """The key of a new session in which `person` is signed in, and has shown a second factor."""
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(person.user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = person.user.get_session_auth_hash()
    session[assurance.TRY_OUT_MARK] = True  # else a director would be asked for a second factor
    session.save()
    return session.session_key


def measure() -> Iterator[Line]:
    """Catalogue, course, run, own bookings, booking, home and the director's figures."""

    with override_settings(ROOT_URLCONF="bench.urls"):
        people = {guide.what: guide.person for guide in Guide.objects.select_related("person__user")}
        learner = Browser(next(iter(people.values())))
        tell("pages")
        for what, path, bar in _pages():
            yield page(learner, what, path, bar)
        yield _booking(learner)
        director = Browser(people["Director"])
        yield page(director, "home of a director", "/", 300)
        yield page(director, "who stays", "/retention/", 300)
        tell(f"the catalogue with {MORE_COURSES:,} more courses")
        yield from _large_catalogue(learner)


def _pages() -> Iterable[tuple[str, str, float]]:

    run = Run.objects.bookable(clock.now()).with_counts().filter(booked=0).earliest("starts_at")
    return [
        ("catalogue", "/courses/", 20),
        ("course", f"/courses/{run.course_id}/", 20),
        ("run, before booking", f"/runs/{run.pk}/book/", 20),
        ("own bookings", "/bookings/", 20),
        ("home of a learner", "/", 20),
    ]


def page(browser: Browser, what: str, path: str, bar: float, rounds: int = ROUNDS) -> Line:
    """Server time of a page, in turns with the plain view that returns the same bytes; under `override_settings`."""
    urls.BODIES["same"] = gzip.decompress(browser.get(path))
    queries = _queries(lambda: browser.get(path))
    asked, plain = in_turns([lambda: browser.get(path), lambda: browser.get("/plain/same/")], rounds)
    return _line(f"{what}, server time", asked, plain, bar, f"{queries} queries")


def _line(what: str, page: Readings, plain: Readings, bar: float, notes: str) -> Line:
    return Line(
        what,
        page.median,
        "ms",
        bar=f"≤ {bar:g} ms",
        holds=page.median <= bar,
        worst=page.p95,
        baseline=plain.median,
        baseline_is="plain view, same bytes",
        notes=notes,
    )


def _queries(work) -> int:

    with CaptureQueriesContext(connection) as captured:
        work()
    return len(captured)


def _booking(browser: Browser) -> Line:
    """A booking POST on as many new runs as there are rounds; the plain view answers between them."""
    made = runs_of_their_own(ROUNDS + 1, places=20, begins=clock.now() + timedelta(days=400))
    runs = iter([run.pk for run in made])

    def book() -> None:
        browser.post(f"/runs/{next(runs)}/book/", "access_needs=")

    try:
        page, plain = in_turns([book, lambda: browser.get("/plain/same/")], ROUNDS)
    finally:
        take_away(made)
    return _line("booking, the whole POST", page, plain, 30, "place, audit event, message and access needs committed")


def _large_catalogue(browser: Browser) -> Iterator[Line]:
    last = Course.objects.latest("pk").pk
    _add_courses()
    try:
        yield page(browser, f"catalogue, {MORE_COURSES:,} more courses", "/courses/", 20)
        yield page(browser, f"search, {MORE_COURSES:,} more courses", "/courses/?q=neglect", 60, ROUNDS // 3)
    finally:
        Run.objects.filter(course__gt=last).delete()
        Course.objects.filter(pk__gt=last).delete()


def _add_courses() -> None:

    model = Course.objects.first()
    begins = clock.now() + timedelta(days=30)
    courses = Course.objects.bulk_create(
        Course(
            title=f"{model.title} {number}",
            summary=model.summary,
            aims=model.aims,
            kind=model.kind,
            owner_id=model.owner_id,
            cpd_hours=model.cpd_hours,
            next_start=begins + timedelta(hours=number),
        )
        for number in range(MORE_COURSES)
    )
    Run.objects.bulk_create(
        Run(
            course=course,
            state="published",
            capacity=20,
            starts_at=course.next_start + timedelta(days=90 * turn),
            ends_at=course.next_start + timedelta(days=90 * turn, hours=3),
        )
        for course in courses
        for turn in range(3)
    )
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE courses_course, courses_run")  # as PostgreSQL itself does before long
