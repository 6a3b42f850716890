"""200 signed-in people ask for 20 places at once, over HTTP, on the cores that they share with the server."""

import asyncio
import time
from collections.abc import Iterator
from datetime import timedelta

from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.middleware.csrf import _get_new_csrf_string

from academy.lib import clock
from bench.figures import Line, percentile
from bench.ground import served, tell
from bench.pages import session_of
from bench.rooms import runs_of_their_own, take_away
from courses.models import Run
from partners.models import Person

PEOPLE, PLACES = 200, 20
RUSHES = 5
DECISIONS_A_SECOND, P95_SECONDS = 150, 1.5


def measure() -> Iterator[Line]:
    """Rushes through the try-out's own web server: decisions a second, and how long 95 in 100 waited at most."""
    tell(f"{PEOPLE} people for {PLACES} places")
    on = clock.today()
    people = Person.objects.employed(on).filter(user__isnull=False).select_related("user").order_by("pk")[:PEOPLE]
    browsers = [cookies(person) for person in people]
    runs = runs_of_their_own(RUSHES + 1, places=PLACES, begins=clock.now() + timedelta(days=500))
    try:
        with served("web server") as (port, _):
            asyncio.run(_rush(port, runs[0], browsers))  # threads and connections are there afterwards
            results = [asyncio.run(_rush(port, run, browsers)) for run in runs[1:]]
        call_command("check_integrity")
        for run in runs:
            _assert_sound(run)
    finally:
        take_away(runs)
        Session.objects.all().delete()
    results.sort(key=lambda result: result[0])
    rate, waits = results[RUSHES // 2]
    rates = ", ".join(f"{result[0]:.0f}" for result in results)
    p95 = percentile(waits, 95)
    yield Line(
        "rush: decisions a second",
        rate,
        "/s",
        f"≥ {DECISIONS_A_SECOND}/s",
        rate >= DECISIONS_A_SECOND,
        notes=f"median of {rates}; {PLACES} booked, {PEOPLE - PLACES} queued in order each time",
    )
    yield Line("rush: 95 % had their answer within", p95, "s", f"≤ {P95_SECONDS} s", p95 <= P95_SECONDS)


def cookies(person: Person) -> tuple[str, str]:
    """The Cookie header of someone signed in, and the token that goes with it."""
    token = _get_new_csrf_string()
    return f"{settings.SESSION_COOKIE_NAME}={session_of(person)}; csrftoken={token}", token


async def _rush(port: int, run: Run, browsers: list[tuple[str, str]]) -> tuple[float, list[float]]:
    """Decisions a second, and each one's wait in seconds. Raises AssertionError for an error page."""
    start = asyncio.Event()
    asking = [asyncio.create_task(_ask(port, run, *each, start)) for each in browsers]
    await asyncio.sleep(0.5)
    begun = time.perf_counter()
    start.set()
    waits = await asyncio.gather(*asking)
    return len(waits) / (time.perf_counter() - begun), list(waits)


async def _ask(port: int, run: Run, cookie: str, token: str, start: asyncio.Event) -> float:
    body = f"csrfmiddlewaretoken={token}&access_needs="
    request = (
        f"POST /runs/{run.pk}/book/ HTTP/1.1\r\nHost: localhost:{port}\r\nCookie: {cookie}\r\nConnection: close\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    )
    await start.wait()
    begun = time.perf_counter()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request.encode())
    answer = await reader.read()
    writer.close()
    assert answer.startswith(b"HTTP/1.1 302"), answer[:300].decode(errors="replace")
    return time.perf_counter() - begun


def _assert_sound(run: Run) -> None:
    positions = list(run.bookings.waiting_in_queue().values_list("queue_position", flat=True))
    booked = run.bookings.booked().count()
    assert (booked, positions) == (PLACES, [*range(1, PEOPLE - PLACES + 1)]), f"{booked} booked, queue {positions}"
