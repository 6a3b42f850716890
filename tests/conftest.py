"""Fixtures that any test may use."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client

from academy.lib import clock
from partners.models import Person
from tests.factories import NOW
from tests.signing_in import signed_in


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker) -> None:
    """The database of the tests, on which nobody gathers statistics.

    They would tell of what is committed: tables with no rows but the thousands that were rolled back, for which the
    planner walks each table once for every row of another. A query then takes seconds that takes milliseconds anywhere
    else; without statistics the planner goes by the size of the tables, which is near enough.
    """
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'ALTER TABLE "{table}" SET (autovacuum_enabled = false)')


@pytest.fixture(autouse=True)
def at(request: pytest.FixtureRequest) -> datetime:
    """The moment at which every test plays: pages and commands ask the same clock."""
    before = clock._source
    clock.use(lambda: NOW)
    yield NOW
    clock.use(before)


@pytest.fixture(autouse=True)
def no_erasures(settings, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Every test has a file of erasures of its own, which is not there until somebody is erased."""
    settings.ERASURES_FILE = Path(tmp_path_factory.getbasetemp()) / "erasures" / f"{uuid4()}.jsonl"


@pytest.fixture
def as_person(db) -> Callable[[Person], Client]:
    """`as_person(ann)` is a browser in which she is signed in, with a second factor."""
    return lambda person: signed_in(person.user)


@pytest.fixture
def reseed(transactional_db):
    """For tests that commit: what the migrations put in is there again after each of them is flushed."""
    put_back_what_migrations_made()


def put_back_what_migrations_made() -> None:
    """The programme and the questions, unless they are there."""
    from importlib import import_module

    from django.apps import apps

    from cohorts.models import Programme

    if not Programme.objects.exists():
        import_module("cohorts.migrations.0002_asye").add_asye(apps, None)
        import_module("evaluation.migrations.0002_follow_up_questionnaire").add_questionnaire(apps, None)
