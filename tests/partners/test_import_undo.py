"""Taking an import back costs as much for many people as for few, and deletes nothing that it did not make."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from academy.lib import references
from partners.importers import loads
from partners.importers.columns import Reading
from partners.models import Employment, EmploymentVersion, Import, OutboxMessage, Person, User
from partners.permissions import AccessRole
from tests.factories import NOW, AgencyFactory, holding
from tests.partners.files import a_line, bo, take_in, taken, text_of

pytestmark = pytest.mark.django_db
S = Import.State


def imported(lead: Person, *lines: dict) -> Import:
    agency = AgencyFactory(name=lines[0]["agency"])
    load = loads.send(file_name="staff.csv", data=text_of(lines).encode(), agency=agency, by=lead, at=NOW)
    loads.do_waiting(NOW)
    load.refresh_from_db()
    loads.check(load=load, how=Reading.from_json(load.reading | {"agency": agency.name}))
    loads.do_waiting(NOW)
    load.refresh_from_db()
    loads.confirm(load=load, by=lead, at=NOW)
    loads.do_waiting(NOW)
    load.refresh_from_db()
    assert load.state == S.IMPORTED, load.notes
    return load


def undone(load: Import) -> int:
    """How many statements that took."""
    loads.undo_it(load=load, by=load.by, at=NOW)
    with CaptureQueriesContext(connection) as captured:
        loads.do_waiting(NOW)
    load.refresh_from_db()
    assert load.state == S.UNDONE, load.notes
    return len(captured)


def staff(agency: str, count: int) -> list[dict]:
    return [
        a_line(agency=agency, employee_number=f"{n}", given_name=f"Given{n}", email=f"p{n}@{agency}.example".lower())
        for n in range(count)
    ]


def test_it_takes_as_many_statements_for_three_people_as_for_one():
    lead = holding(AccessRole.LEAD)
    one = undone(imported(lead, *staff("Elm", 1)))
    assert undone(imported(lead, *staff("Oak", 3))) == one
    assert not User.objects.filter(email__endswith="oak.example").exists()
    assert not Employment.objects.filter(agency__name="Oak").exists()


def test_others_who_were_managed_by_somebody_who_goes_stay_without_a_manager():
    lead = holding(AccessRole.LEAD)
    load = imported(lead, a_line())
    taken(take_in(bo(manager_employee_number="0017", recorded_on="2026-11-01")))
    undone(load)
    assert not Person.objects.filter(given_name="Adaeze").exists()
    assert EmploymentVersion.objects.get(identity__employee_number="0018").manager is None


def test_what_refers_to_somebody_keeps_them():
    lead = holding(AccessRole.LEAD)
    load = imported(lead, a_line(), bo())
    ada = Person.objects.get(given_name="Adaeze")
    OutboxMessage.objects.create(kind="partners.invitation", key="k", person=ada, due_at=NOW, created_at=NOW)
    undone(load)
    assert load.counts["people_kept"] == 1
    assert list(Person.objects.filter(given_name__in=["Adaeze", "Bo"])) == [ada]


def test_references_are_found_by_every_relation_but_those_that_are_left_out():
    lead = holding(AccessRole.LEAD)
    assert references.referred_to(Person, [lead.pk], besides=set()) == {lead.pk}
    models = {relation.related_model._meta.label for relation in references._relations(Person)}
    assert references.referred_to(Person, [lead.pk], besides=models) == set()
