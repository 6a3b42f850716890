"""What coordinators, leads and administrators owe people, imports and access roles."""

from datetime import timedelta

import pytest

from partners.models import Import, NotDuplicates
from tests.factories import NOW, TODAY, AgencyFactory, employed, granted, holding
from tests.morning import owed

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def sent(agency=None, *, state: str, days_ago: int = 0) -> Import:
    return Import.objects.create(agency=agency, at=NOW - days_ago * DAY, file_name="people.csv", file=b"", state=state)


def test_a_coordinator_is_reminded_of_files_of_the_own_agency_that_wait_for_a_decision(as_person):
    coordinator = holding("coordinator", scoped=True)
    agency = coordinator.employments.get().agency
    sent(AgencyFactory(), state="checked")
    for state in set(Import.State) - {Import.State.MATCHING, Import.State.CHECKED}:
        sent(agency, state=state)
    assert owed(coordinator) == []
    waiting = sent(agency, state="matching", days_ago=3)
    [line] = owed(coordinator)
    assert (line.text, line.detail) == ("Decide about 1 file of people", "Sent on 20 November 2026")
    assert line.url == f"/people/import/{waiting.pk}/"
    sent(agency, state="checked")
    [line] = owed(coordinator)
    assert (line.text, line.detail) == ("Decide about 2 files of people", "The first was sent on 20 November 2026")
    assert as_person(coordinator).get(line.url).status_code == 200


def test_a_lead_is_reminded_of_every_file_that_waits():
    lead = holding("lead")
    sent(AgencyFactory(), state="checked")
    sent(state="matching")
    assert [line.text for line in owed(lead)] == ["Decide about 2 files of people"]


def alike(count: int) -> list:
    people = [employed() for _ in range(count)]
    for person in people:
        person.given_name, person.family_name = "Ivo", "Ashdown"
        person.save()
    return people


def test_a_lead_looks_at_records_that_may_be_one_person_until_somebody_says_that_they_are_two(as_person):
    lead = holding("lead")
    assert owed(lead) == []
    one, other = alike(2)
    [line] = owed(lead)
    assert line.text == "Look whether 1 pair of records is one person"
    assert len(as_person(lead).get(line.url).context["rows"]) == 1
    NotDuplicates.objects.create(one=one, other=other, at=NOW)
    assert owed(lead) == []


def test_of_very_many_pairs_a_lead_is_told_that_there_are_more(as_person):
    lead = holding("lead")
    alike(11)  # 55 pairs
    [line] = owed(lead)
    assert line.text == "Look whether 50 pairs of records or more are one person each"
    assert len(as_person(lead).get(line.url).context["rows"]) == 50


def test_an_administrator_decides_about_access_roles_before_they_end(as_person):
    administrator = holding("administrator")
    for days in (-1, 0, 31):
        granted(employed(), "director", to_date=TODAY + days * DAY)
    assert owed(administrator) == []
    soon = granted(employed(), "director", to_date=TODAY + 30 * DAY).grants.get()
    [line] = owed(administrator)
    assert (line.text, line.due) == ("Decide about 1 access role that ends soon", soon.to_date)
    assert line.url == f"/access-roles/{soon.pk}/"
    granted(employed(), "lead", to_date=TODAY + DAY)
    [line] = owed(administrator)
    assert (line.text, line.due) == ("Decide about 2 access roles that end soon", TODAY + DAY)
    assert len(as_person(administrator).get(line.url).context["rows"]) == 2
