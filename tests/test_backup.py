"""A backup and its restoring, with the commands that the handbook gives."""

import os
import re
import shlex
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse

from academy.embedded import postgres
from academy.lib import registry
from cohorts.models import Cohort
from courses.actions.bookings import book
from evaluation.models import FollowUp
from partners.models import Agency
from tests.factories import NOW, TODAY, achieved, asye_cohort, crowd, enrolled, planned_run
from tests.test_real_servers import fresh_database, server

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("reseed")]
HANDBOOK = settings.BASE_DIR / "docs" / "operations.md"


def in_the_handbook(program: str, database: str) -> list[str]:
    """The command that the handbook gives for this program, for a database of that name on the tests' server."""
    given = re.search(rf"exec -T db ({program} [^<>\n]+)", HANDBOOK.read_text())[1]
    return [database if word == "academy" else word for word in shlex.split(given.replace("-U academy", ""))]


def programs() -> Path:
    """PostgreSQL's own tools, of the server's version where there are such: others write what it may not read."""
    folders = [postgres.binaries(), *Path("/usr/lib/postgresql").glob("*/bin")]
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version_num")
        version = int(cursor.fetchone()[0]) // 10000
    return min((folder for folder in folders if (folder / "pg_dump").exists()), key=lambda f: abs(major(f) - version))


def major(folder: Path) -> int:
    said = subprocess.run([folder / "pg_dump", "--version"], capture_output=True, text=True, check=True).stdout
    return int(re.search(r"\d+", said)[0])


def do(program: str, database: str, **streams) -> None:
    command = in_the_handbook(program, database)
    reached = {f"PG{name.upper()}": value for name, value in server().items()}
    environment = {**os.environ, **reached, "PATH": f"{programs()}:{os.environ['PATH']}"}
    subprocess.run(command, env=environment, check=True, **streams)


@contextmanager
def connected_to(database: str) -> Iterator[None]:
    """Django on another database, until the block ends."""
    ours = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = database
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = ours


def a_year_at_the_academy() -> FollowUp:
    """Bookings, a queue, a cohort and messages; a follow-up that went out."""
    people, run = crowd(12), planned_run(capacity=5)
    for person in people:
        book(run=run, person=person, by=person, at=NOW)
        achieved(person, on=(NOW - timedelta(days=92)).date(), course=run.course)
    cohort = asye_cohort()
    for person in people[:3]:
        enrolled(cohort, person, Agency.objects.first(), start=TODAY)
    registry.run_due(NOW)
    return FollowUp.objects.filter(state=FollowUp.State.SENT).first()


def counts() -> dict[str, int]:
    return {model._meta.label: model.objects.count() for model in apps.get_models()}


def test_a_backup_restored_is_the_same_academy_and_links_in_sent_messages_still_open(tmp_path):
    follow_up, dump = a_year_at_the_academy(), tmp_path / "academy.dump"
    before = counts()
    with dump.open("wb") as file:
        do("pg_dump", connection.settings_dict["NAME"], stdout=file)

    with fresh_database() as empty:
        do("dropdb", empty)
        do("createdb", empty)
        with dump.open("rb") as file:
            do("pg_restore", empty, stdin=file)
        with connected_to(empty):
            assert counts() == before
            assert Cohort.objects.get().members.count() == 3
            call_command("migrate", check_unapplied=True, verbosity=0)
            call_command("check_integrity", stdout=(said := StringIO()))
            assert said.getvalue() == "No broken invariants.\n"
            page = Client().get(reverse("follow_up", args=[follow_up.token]))
            assert page.status_code == 200
            assert "<form" in page.content.decode()
