"""The administrator's pages: find, hold, end a hold, erase."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from academy.privacy import erasing, holds, retention
from academy.privacy.models import ERASED_NAME, Hold
from partners.models import AuditEvent, Person
from tests.factories import NOW, TODAY, booked, employed, holding, planned_run
from tests.privacy.someone import EMAIL, GIVEN, SWE, TELLING, found_in_the_database, zephyrine

pytestmark = pytest.mark.django_db
DESK = "/system/privacy/"


@pytest.fixture
def administrator():
    return holding("administrator")


@pytest.fixture
def browser(administrator, as_person):
    return as_person(administrator)


def page(browser, address: str = DESK, **sent) -> str:
    response = browser.post(address, sent, follow=True) if sent else browser.get(address)
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize("typed", ["zephyrine", "QUILLFEATHER o maolain", EMAIL.upper(), SWE.lower()])
def test_a_person_is_found_by_name_address_or_number(browser, typed):
    someone = zephyrine()
    assert f'href="{DESK}people/{someone.person.pk}/"' in page(browser, q=typed)


def test_a_search_is_sent_and_stands_in_no_address(browser):
    zephyrine()
    assert GIVEN not in page(browser, f"{DESK}?q={GIVEN}")
    assert '<form method="post"' in page(browser)


def test_too_many_found_are_cut_and_it_says_so(browser):
    agency = employed().employments.get().agency
    for _ in range(26):
        employed(agency=agency)
    text = page(browser, q="example")
    assert "More than 25 people" in text
    assert "Nobody matches." in page(browser, q="nosuchname")
    assert "Nobody matches: write a name." in page(browser, q=" ")


def test_a_person_is_erased_after_seeing_what_goes_and_with_a_reason(browser, administrator):
    someone = zephyrine()
    address = f"{DESK}people/{someone.person.pk}/erase/"
    text = page(browser, address)
    for words in (
        "What goes and what stays",
        "Given name",
        "so that every run keeps its numbers",
        "They are in post at",
    ):
        assert words in text
    assert Person.objects.get(pk=someone.person.pk).given_name == GIVEN
    assert "Say why they are erased" in page(browser, address, reason=" ")
    kept = page(browser, address, reason=f"{GIVEN} asked")
    assert "Leave the name, address and numbers out" in kept
    assert f"{GIVEN} asked" in kept, "nothing typed is lost"
    done = page(browser, address, reason="asked by letter")
    assert "The person has been erased." in done
    assert "asked by letter" in done
    assert found_in_the_database(TELLING) == {}
    assert browser.get(address).status_code == 404


def test_the_preview_names_places_that_will_be_given_up(browser):
    person = employed()
    booked(planned_run(title="Noticing neglect"), person)
    assert "Places to come are given up" in page(browser, f"{DESK}people/{person.pk}/erase/")


def test_under_a_hold_the_page_says_why_and_has_no_button(browser, administrator):
    person = employed()
    holds.place(on=person, by=administrator, at=NOW, reason="a claim", review_on=TODAY + timedelta(days=9))
    for address in (f"{DESK}people/{person.pk}/", f"{DESK}people/{person.pk}/erase/"):
        assert "A legal hold of 23 November 2026 keeps this person’s records" in page(browser, address)
    assert "Erase this person" not in page(browser, f"{DESK}people/{person.pk}/erase/")
    assert "A legal hold" in page(browser, f"{DESK}people/{person.pk}/erase/", reason="x")
    person.refresh_from_db()
    assert person.name != ERASED_NAME


def test_a_hold_is_placed_with_a_reason_and_a_day_to_review_and_ended(browser, administrator):
    person = employed()
    address = f"{DESK}people/{person.pk}/hold/"
    refused = page(browser, address, reason="", review_on="")
    assert "Say why nothing must be erased" in refused
    assert "Enter the day on which you will look" in refused
    assert "Choose a day to come" in page(browser, address, reason="a claim", review_on="2026-11-23")
    text = page(browser, address, reason="a claim", review_on="2027-03-31")
    assert "The hold is in force" in text
    assert "31 March 2027" in text
    hold = Hold.objects.get()
    assert hold.placed_by == administrator
    assert "From tonight on" in page(browser, f"{DESK}holds/{hold.pk}/end/")
    assert Hold.objects.in_force().exists()
    assert "The hold has been ended." in page(browser, f"{DESK}holds/{hold.pk}/end/", end="1")
    hold.refresh_from_db()
    assert (hold.ended_at, hold.ended_by) == (NOW, administrator)
    assert browser.get(f"{DESK}holds/{hold.pk}/end/").status_code == 404


def test_an_agency_is_found_and_held(browser):
    person = employed()
    agency = person.employments.get().agency
    assert f'href="{DESK}agencies/{agency.pk}/hold/"' in page(browser, q=agency.name)
    page(browser, f"{DESK}agencies/{agency.pk}/hold/", reason="an inquiry", review_on="2027-03-31")
    assert Hold.objects.over(person).get().agency == agency


def test_a_hold_to_review_is_on_the_administrators_list_and_marked(browser, administrator, as_person):
    late = holds.place(on=employed(), by=administrator, at=NOW, reason="a claim", review_on=TODAY + timedelta(days=9))
    holds.place(on=employed(), by=administrator, at=NOW, reason="a claim", review_on=TODAY + timedelta(days=9))
    assert "legal hold" not in page(browser, "/")
    Hold.objects.filter(pk=late.pk).update(review_on=TODAY)
    assert "Look whether 1 legal hold is still needed" in page(browser, "/")
    assert page(browser).count("Review now") == 1
    assert "legal hold" not in page(as_person(holding("lead")), "/")


def test_the_desk_tells_what_the_last_nights_took(browser):
    employed(start=date(2016, 1, 4), end_date=date(2019, 1, 4))
    assert "It has not run yet." in page(browser)
    retention.run(NOW)
    text = page(browser)
    assert "People: erased 6 years after the last employment ended: 1" in text
    assert "By the schedule" in text


def test_the_desk_takes_as_many_queries_for_three_of_everything_as_for_one(browser, administrator):
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            page(browser)
        return len(seen)

    def add() -> None:
        review_on = TODAY + timedelta(days=9)
        holds.place(on=employed(), by=administrator, at=NOW, reason="a claim", review_on=review_on)
        erasing.erase(person=employed(), by=administrator, at=NOW, reason="asked")

    add()
    page(browser)
    one = queries()
    add()
    add()
    assert queries() == one


@pytest.mark.parametrize("role", ["lead", "director", "coordinator", "learner"])
def test_nobody_but_administrators_opens_any_of_it(as_person, role):
    person = employed()
    browser = as_person(employed() if role == "learner" else holding(role, scoped=role == "coordinator"))
    for address in (DESK, *(f"{DESK}people/{person.pk}/{page}" for page in ("", "erase/", "hold/", "everything/"))):
        assert browser.get(address).status_code == 403
        assert browser.post(address, {"reason": "x", "review_on": "2027-01-01"}).status_code == 403
    person.refresh_from_db()
    assert person.name != ERASED_NAME
    assert not AuditEvent.objects.filter(person=person).exists()


def test_the_way_there_is_on_the_system_page(browser):
    assert f'href="{DESK}"' in page(browser, "/system/")
