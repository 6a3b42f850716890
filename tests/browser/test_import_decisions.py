"""A list of staff in which Excel has swapped days and months, and from which somebody is erased meanwhile."""

import pytest
from playwright.sync_api import expect

from academy.lib import clock
from academy.privacy import erasing
from partners.importers import loads
from partners.importers.columns import Reading
from partners.models import AgencyKind, Import, Person
from partners.permissions import AccessRole
from tests.factories import AgencyFactory, holding
from tests.partners.test_import_dates import HALF_SWAPPED, starting

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def checked(lead: Person) -> Import:
    now = clock.now()
    agency = AgencyFactory(name="Larkshire", kind=AgencyKind.COUNCIL)
    load = loads.send(file_name="staff.xlsx", data=starting(*HALF_SWAPPED), agency=agency, by=lead, at=now)
    loads.do_waiting(now)
    load.refresh_from_db()
    how = {"agency": agency.name, "dates": "day_first"}
    loads.check(load=load, how=Reading.from_json(load.reading | how))
    loads.do_waiting(now)
    return load


def test_a_lead_says_which_day_was_meant_and_reads_why_a_file_was_given_up(walk):
    lead = holding(AccessRole.LEAD)
    load = checked(lead)
    window = walk()
    window.be(lead)
    window.to(f"/people/import/{load.pk}/")
    window.look("import-swapped")
    window.press("Check again")
    expect(window.page.get_by_role("alert")).to_contain_text("Choose whether Excel has swapped")
    window.page.get_by_label("Yes: 4 March 2024 on line 2 was 3 April 2024").check()
    window.press("Check again")
    loads.do_waiting(clock.now())
    window.to(f"/people/import/{load.pk}/")
    expect(window.page.get_by_text("2 dates put right, day for month")).to_be_visible()
    expect(window.page.get_by_text("from 3 April 2024")).to_be_visible()
    gone = Person.objects.create(given_name="Bo", family_name="Lindqvist", created_at=clock.now())
    erasing.erase(person=gone, by=holding(AccessRole.ADMINISTRATOR), at=clock.now(), reason="asked by letter")
    window.to(f"/people/import/{load.pk}/")
    expect(window.page.get_by_text("was erased from the academy after it was sent")).to_be_visible()
    window.look("import-given-up")
