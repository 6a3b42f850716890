"""Imports with several people and several workers at them at the same moment."""

import threading
from collections.abc import Callable

import pytest
from django.db import connection

from partners.importers import loads
from partners.importers.columns import Reading, match, read_file
from partners.models import AuditEvent, EmploymentVersion, Import, Person
from partners.permissions import AccessRole
from tests.factories import NOW, AgencyFactory, holding
from tests.partners.files import a_line, bo, text_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("reseed")]
MANY = 6
S = Import.State


def at_once(act: Callable[[], object]) -> list[bool]:
    """Have so many threads do it at the same moment; which of them could."""
    gate, could = threading.Barrier(MANY), []

    def work() -> None:
        try:
            gate.wait(20)
            act()
            could.append(True)
        except loads.NotNow:
            could.append(False)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(MANY)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return could


@pytest.fixture
def load():
    """A file that waits for somebody to confirm it."""
    agency = AgencyFactory(name="Larkshire")
    by = holding(AccessRole.COORDINATOR, agency=agency, scoped=True)
    data = text_of([a_line(), bo()]).encode()
    load = loads.send(file_name="staff.csv", data=data, agency=agency, by=by, at=NOW)
    loads.do_waiting(NOW)
    load.refresh_from_db()
    loads.check(load=load, how=Reading(columns=match(read_file(data).header), agency="Larkshire"))
    loads.do_waiting(NOW)
    return load


def fresh(load: Import) -> Import:
    return Import.objects.get(pk=load.pk)


def work() -> None:
    loads.do_waiting(NOW)


def test_many_confirm_and_many_workers_take_it_in_once(load):
    assert sum(at_once(lambda: loads.confirm(load=fresh(load), by=load.by, at=NOW))) == 1
    at_once(work)
    assert fresh(load).state == S.IMPORTED
    assert Person.objects.filter(given_name__in=["Adaeze", "Bo"]).count() == 2
    assert EmploymentVersion.objects.filter(load=load).count() == 2
    assert AuditEvent.objects.filter(kind__in=["import.confirmed", "people.imported"]).count() == 2


def test_many_undo_and_many_workers_take_it_back_once(load):
    loads.confirm(load=fresh(load), by=load.by, at=NOW)
    work()
    assert sum(at_once(lambda: loads.undo_it(load=fresh(load), by=load.by, at=NOW))) == 1
    at_once(work)
    assert fresh(load).state == S.UNDONE
    assert not Person.objects.filter(given_name__in=["Adaeze", "Bo"]).exists()


def test_of_many_who_confirm_and_cancel_one_has_it_their_way(load):
    acts = iter([loads.confirm, loads.cancel] * MANY)
    lock = threading.Lock()

    def act() -> None:
        with lock:
            chosen = next(acts)
        chosen(load=fresh(load), by=load.by, at=NOW)

    assert sum(at_once(act)) == 1
    work()
    assert (fresh(load).state == S.IMPORTED) == Person.objects.filter(given_name="Adaeze").exists()
