"""What somebody could have or had begun dies with their right to it, at once."""

from datetime import date

import pytest
from django.test import Client

from partners.importers import loads
from partners.models import Import, Person, User
from tests.factories import NOW, TODAY, AgencyFactory, employed, holding
from tests.partners.files import a_line, text_of
from tests.signing.steps import by_code, is_signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def coordinator() -> Person:
    return holding("coordinator", agency=AgencyFactory(name="Larkshire"), scoped=True)


def sent(by: Person, *lines: dict[str, str]) -> Import:
    """A file that waits to be taken in."""
    agency = by.grants.get().agency
    load = loads.send(file_name="a.csv", data=text_of(lines).encode(), agency=agency, by=by, at=NOW)
    loads.do_waiting(NOW)
    load.refresh_from_db()
    loads.check(load=load, how=loads.Reading.from_json(load.reading))
    loads.do_waiting(NOW)
    load.refresh_from_db()
    return load


def ends(person: Person) -> None:
    person.grants.update(to_date=TODAY)


def moves_to_another_agency(person: Person) -> None:
    person.grants.update(agency=AgencyFactory())


def is_deactivated(person: Person) -> None:
    User.objects.filter(person=person).update(is_active=False)


LOST = {ends: {403}, moves_to_another_agency: {404}, is_deactivated: {302}}


@pytest.mark.parametrize("loses", LOST)
def test_an_old_address_of_a_file_of_people_opens_nothing(coordinator, as_person, loses):
    load = sent(coordinator, a_line(), a_line(employee_number="9", start_date="soon"))
    browser = as_person(coordinator)
    address = f"/people/import/{load.pk}/to-fix.csv"
    assert browser.get(address)["Content-Disposition"].startswith("attachment")
    loses(coordinator)
    assert browser.get(address).status_code in LOST[loses]


@pytest.mark.parametrize("address", [f"/retention/download/{form}/" for form in ("csv", "xlsx", "pdf", "json")])
def test_an_old_address_of_a_report_opens_nothing(as_person, address):
    director = holding("director")
    browser = as_person(director)
    assert browser.get(address).status_code == 200
    ends(director)
    assert browser.get(address).status_code == 403


@pytest.mark.parametrize("loses", LOST)
def test_a_file_that_somebody_sent_before_they_lost_the_right_is_not_taken_in(coordinator, loses):
    load = sent(coordinator, a_line())
    loads.confirm(load=load, by=coordinator, at=NOW)
    loses(coordinator)
    loads.do_waiting(NOW)
    load.refresh_from_db()
    assert load.state == "refused"
    assert load.notes == ["Whoever sent this file may no longer import it. Nothing was changed."]
    assert not Person.objects.filter(given_name="Adaeze").exists()


def test_a_link_to_a_new_password_dies_with_the_account(mailoutbox):
    ann = employed()
    ann.user.set_password("otter lantern thimble")
    ann.user.save()
    Client().post("/sign-in/forgotten-password/", {"email": ann.email})
    link = next(word for word in mailoutbox[-1].body.split() if "/sign-in/forgotten-password/" in word)
    assert Client().get(link, follow=True).status_code == 200
    is_deactivated(ann)
    browser = Client()
    browser.get(link, follow=True)
    browser.post(browser.get(link, follow=True).request["PATH_INFO"], {"password": "other lantern thimble"})
    assert not is_signed_in(browser)
    assert User.objects.get(person=ann).check_password("otter lantern thimble")


def test_a_newcomer_with_a_leavers_address_sees_nothing_of_theirs(mailoutbox, coordinator):
    """From the file to the page: the leaver's bookings, certificates and sessions are not the newcomer's."""
    shared = "duty.desk@larkshire.example"
    leaver = employed(agency=coordinator.grants.get().agency, employee_number="L1", end_date=date(2026, 6, 30))
    User.objects.filter(person=leaver).update(email=shared)
    Person.objects.filter(pk=leaver.pk).update(email=shared)
    old = Client()
    by_code(old, Person.objects.get(pk=leaver.pk), mailoutbox)
    load = sent(coordinator, a_line(email=shared))
    loads.confirm(load=load, by=coordinator, at=NOW)
    loads.do_waiting(NOW)
    newcomer = Person.objects.get(given_name="Adaeze")
    new = Client()
    by_code(new, newcomer, mailoutbox)
    assert new.get("/account/").wsgi_request.user.person == newcomer
    assert old.get("/bookings/").status_code == 302, "the leaver is signed out"
