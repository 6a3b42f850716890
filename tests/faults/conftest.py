"""Servers of our own to kill, and a clock that runs: nothing here is anybody else's."""

import random
import shutil
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from academy.embedded import place, postgres
from academy.lib import clock
from partners.models import OutboxMessage
from tests.faults import ground
from tests.outbox.conftest import smtp  # noqa: F401  (a fixture)


@pytest.fixture(autouse=True)
def at() -> Iterator[datetime]:
    """The real moment, since the processes that these tests start know no other."""
    before = clock._source
    clock.use(timezone.now)
    yield timezone.now()
    clock.use(before)


@pytest.fixture
def chance() -> random.Random:
    """Chance that can be repeated: the seed is printed when a test fails."""
    print(f"FAULT_SEED={ground.SEED}")
    return random.Random(ground.SEED)


@pytest.fixture(scope="session")
def own_cluster(tmp_path_factory, django_db_blocker) -> Iterator[postgres.Cluster]:
    """A database server that tests here may kill, with all tables."""
    folder: Path = tmp_path_factory.mktemp("faults")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ACADEMY_VAR", str(folder))
        cluster = postgres.Cluster(place.home("postgres"), ground.DATABASE_SETTINGS)
    with cluster.joined():
        with django_db_blocker.unblock(), ground.connected_to(cluster):
            call_command("migrate", verbosity=0)
        yield cluster
    for _ in range(2 if place.is_root() else 0):  # the server's keepers look once more, and leave a file behind
        shutil.rmtree(place.OF_ROOT / place.digest(str(folder)), ignore_errors=True)
        time.sleep(0.3)


@pytest.fixture
def own_database(own_cluster, django_db_blocker) -> Iterator[postgres.Cluster]:
    """Django's database is the one on our own server. Rows of earlier tests are still there, but for their messages."""
    with own_cluster.joined(), django_db_blocker.unblock(), ground.connected_to(own_cluster):
        yield own_cluster
        connection.close()  # it may not know that the server was killed
        OutboxMessage.objects.all().delete()


@pytest.fixture(scope="module")
def academy(own_cluster, tmp_path_factory) -> Iterator[ground.Academy]:
    """The real web server, worker, scheduler and broker, over our own database and mail server."""
    with own_cluster.joined(), ground.opened(own_cluster, tmp_path_factory.mktemp("academy")) as running:
        yield running
