"""100,000 follow-ups: planned, claimed, rendered and mailed to a local sink."""

import os
import smtplib
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import connection
from django.db.models import QuerySet

from academy.embedded import place
from academy.lib import clock
from bench.figures import Line, Readings, memory_mb
from bench.ground import tell
from courses.models import Achievement, Course
from evaluation.actions import follow_ups
from evaluation.models import FollowUp
from partners.models import OutboxMessage

WANTED = 100_000
SENT = int(os.environ.get("BENCH_SENT", "6000"))
SENDERS = 2
PLAN_SECONDS, RATE = 2, 600


def measure() -> Iterator[Line]:
    """How long planning takes beside a bare INSERT … SELECT, and how fast mail goes out beside a bare SMTP loop."""
    at = clock.now()
    tell(f"planning {WANTED:,} follow-ups")
    before = Achievement.objects.latest("pk").pk
    _train(WANTED // len(settings.FOLLOW_UP_MONTHS) + 1)
    try:
        yield _planning()
        tell(f"sending {SENT:,} of them")
        yield from _sending(before, at)
    finally:
        OutboxMessage.objects.filter(created_at__gte=at).delete()
        Achievement.objects.filter(pk__gt=before).delete()


def _train(count: int) -> None:
    """So many achievements, three months old give or take four weeks, of people who are still at work."""
    with connection.cursor() as cursor:
        cursor.execute(_ACHIEVEMENTS, [Course.objects.last().pk, clock.today(), clock.now(), clock.today(), count])
        cursor.execute("ANALYZE courses_achievement")


_ACHIEVEMENTS = """
INSERT INTO courses_achievement (person_id, course_id, completed_on, recorded_at)
SELECT p.id, %s, %s::date - 92 - day, %s
FROM generate_series(0, 25) AS day, (
    SELECT DISTINCT p.id FROM partners_person p
    JOIN partners_employment e ON e.person_id = p.id JOIN partners_employmentversion v ON v.identity_id = e.id
    WHERE v.is_current AND v.end_date IS NULL AND e.start_date <= %s AND p.email <> ''
) p
LIMIT %s
ON CONFLICT DO NOTHING
"""


def _planning() -> Line:
    """Planning, then the same rows copied into an identical table by one bare statement."""
    planned, bare = Readings(), Readings()
    before = FollowUp.objects.count()
    planned.take(lambda: follow_ups.plan(clock.now()))
    made = FollowUp.objects.count() - before
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bench_copy (LIKE evaluation_followup INCLUDING ALL)")
        try:
            bare.take(lambda: cursor.execute("INSERT INTO bench_copy SELECT * FROM evaluation_followup"))
        finally:
            cursor.execute("DROP TABLE bench_copy")
    return Line(
        f"{made:,} follow-ups planned",
        planned.median / 1000,
        "s",
        f"≤ {PLAN_SECONDS} s",
        planned.median <= PLAN_SECONDS * 1000,
        baseline=bare.median / 1000,
        baseline_is="INSERT … SELECT of the same rows",
    )


def _sending(before: int, at: datetime) -> Iterator[Line]:
    mine = FollowUp.objects.filter(achievement__gt=before, state="planned", due_at__lte=at)
    mine.exclude(pk__in=list(mine.order_by("pk").values_list("pk", flat=True)[:SENT])).update(
        due_at=at + timedelta(days=900)
    )
    with _sink() as port:
        claimed = Readings()
        claimed.take(lambda: follow_ups.skip_unwanted(at) + follow_ups.send_due(at))
        messages = OutboxMessage.objects.filter(created_at__gte=at, state="sent")
        peaks, seconds = _run_senders(port, messages)
        sent = messages.count()
        raw = _raw_rate(port)
    assert sent == SENT, f"{sent} of {SENT} were sent"
    yield Line(f"{SENT:,} follow-ups claimed and queued", claimed.median / 1000, "s")
    rate = sent / seconds
    yield Line(
        f"mail rendered and sent by {SENDERS} senders",
        rate,
        "/s",
        f"≥ {RATE}/s",
        rate >= RATE,
        baseline=raw,
        baseline_is="smtplib alone, one sender, the same mail",
        notes=f"{seconds:.1f} s; a sender had {peaks[0]:.0f} MB at a third of the way, {peaks[1]:.0f} MB at the end",
    )


def _run_senders(port: int, sent: QuerySet[OutboxMessage]) -> tuple[tuple[float, float], float]:
    """(Memory at a third of the way and at the end, in MB), seconds: `run_due` in processes of their own."""
    environment = os.environ | {"EMAIL_URL": f"smtp://127.0.0.1:{port}", "TRY_OUT": "0"}
    command = [sys.executable, "manage.py", "run_due"]
    senders = [
        subprocess.Popen(command, cwd=place.ROOT, env=environment, stdout=subprocess.DEVNULL) for _ in range(SENDERS)
    ]
    begun, third, last = 0.0, 0.0, 0.0
    while any(sender.poll() is None for sender in senders):
        done = sent.count()
        begun = begun or (time.perf_counter() if done else 0.0)
        with suppress(OSError, StopIteration):
            last = memory_mb([senders[0].pid])
            third = third or (last if done > SENT / 3 else 0.0)
        time.sleep(0.2)
    return (third, last), time.perf_counter() - begun


def _raw_rate(port: int, count: int = 1000) -> float:
    """Messages a second that one bare loop hands over."""
    text = "What changed in your practice?\n" * 25
    mail = EmailMessage("3 months on", text, "a@example.org", ["b@example.org"]).message().as_bytes()
    with smtplib.SMTP("127.0.0.1", port) as server:
        begun = time.perf_counter()
        for _ in range(count):
            server.sendmail("a@example.org", ["b@example.org"], mail)
        return count / (time.perf_counter() - begun)


@contextmanager
def _sink() -> Iterator[int]:
    command = [sys.executable, "-m", "bench.sink"]
    with subprocess.Popen(command, cwd=place.ROOT, stdout=subprocess.PIPE, text=True) as server:
        try:
            yield int(server.stdout.readline())
        finally:
            server.kill()
