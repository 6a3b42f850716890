"""What happened, told in plain words."""

import re
from datetime import timedelta
from importlib import import_module
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from courses.actions import bookings, registers
from partners import audit
from partners.actions import grants, people
from partners.models import AuditEvent, Person
from tests.factories import (
    NOW,
    TODAY,
    AgencyFactory,
    PersonFactory,
    TeamFactory,
    booked,
    employed,
    holding,
    planned_run,
)

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
APPS = ("academy", "partners", "courses", "cohorts", "evaluation")


@pytest.fixture
def administrator():
    return holding("administrator")


def named(given: str, family: str) -> Person:
    person = employed()
    person.given_name, person.family_name = given, family
    person.save()
    return person


def texts() -> list[str]:
    return [line.text for line in audit.told(AuditEvent.objects.order_by("-at", "-pk"))]


def happened(kind: str = "person.access_needs", *, by=None, person=None, at=NOW, about=None, **more) -> AuditEvent:
    about = about or person or by
    return AuditEvent.objects.create(
        kind=kind, by=by, person=person, at=at, object_type=about._meta.label_lower, object_id=about.pk, **more
    )


# --- Words ---------------------------------------------------------------------------------------------------------


def recorded_kinds() -> set[str]:
    """Every kind that any code records; a kind made from a state stands for each state it can have."""
    found = set()
    for app in APPS:
        for path in Path(settings.BASE_DIR, app).rglob("*.py"):
            found |= set(re.findall(r"(?:audit\.|_)record\(\s*f?\"([^\"]+)\"", path.read_text()))
    assert "booking.{booking.state}" in found
    states = ("booked", "queued", "given_up", "left_queue")
    found |= {f"booking.{state}" for state in states} | {"approval.given", "approval.refused"}
    return found - {"booking.{booking.state}", "approval.{approval.state}"}


def test_every_kind_that_is_recorded_has_its_sentence_and_every_sentence_its_kind():
    import_module(settings.ROOT_URLCONF)  # wherever pages are shown, all that pages do is known
    assert recorded_kinds() == audit.kinds()


def test_a_kind_without_a_sentence_is_refused():
    ann = employed()
    with pytest.raises(audit.UnknownKind, match=r"audit\.sentence"):
        audit.record("booking.eaten", by=ann, at=NOW, about=ann)
    assert not AuditEvent.objects.exists()


def test_a_kind_that_is_no_longer_recorded_can_still_be_read():
    happened("booking.eaten", by=named("Sam", "Reed"))
    assert texts() == ["Sam Reed did what is no longer done here (booking.eaten)."]


def test_what_people_did_reads_as_one_would_say_it():
    sam, amira, jo = named("Sam", "Reed"), named("Amira", "Khan"), named("Jo", "Bell")
    run = planned_run(title="Neglect", capacity=1, starts_at=NOW + timedelta(days=18), trainers=[jo])
    bookings.book(run=run, person=sam, by=sam, at=NOW)
    waiting = bookings.book(run=run, person=amira, by=jo, at=NOW + HOUR)
    bookings.give_up(booking=sam.bookings.get(), by=sam, at=NOW + 2 * HOUR)
    bookings.give_up(booking=waiting, by=jo, at=NOW + 3 * HOUR)
    bookings.change_capacity(run=run, capacity=3, by=jo, at=NOW + 4 * HOUR)
    people.remember_access_needs(person=sam, needs="A loop", by=sam, at=NOW + 5 * HOUR)
    assert texts()[::-1] == [
        "Sam Reed booked a place on Neglect, 11 December 2026.",
        "Jo Bell joined the queue for Amira Khan for Neglect, 11 December 2026.",
        "Sam Reed gave up the place on Neglect, 11 December 2026.",
        "Sam Reed made a place on Neglect, 11 December 2026 free, which went to Amira Khan, next in the queue.",
        "Jo Bell gave up Amira Khan’s place on Neglect, 11 December 2026.",
        "Jo Bell changed the places on Neglect, 11 December 2026 from 1 to 3.",
        "Sam Reed changed what to arrange for Sam Reed.",
    ]


def test_access_roles_read_with_their_place_and_the_academy_as_itself():
    sam, amira = named("Sam", "Reed"), named("Amira", "Khan")
    team = TeamFactory(agency=AgencyFactory(name="Elm Primary"), name="Reception")
    where = {"agency": team.agency, "team": team}
    given = grants.give(person=sam, access_role="coordinator", by=None, at=NOW, reason="x", **where)
    grants.end(grant=given, from_date=TODAY, by=amira, at=NOW + HOUR, reason="y")
    assert texts() == [
        "Amira Khan ended Sam Reed’s access role coordinator for Elm Primary, Reception.",
        "The academy itself gave Sam Reed the access role coordinator for Elm Primary, Reception.",
    ]


def test_registers_read_with_their_run():
    jo = named("Jo", "Bell")
    run = planned_run(title="Neglect", starts_at=NOW - timedelta(days=1), trainers=[jo])
    held = booked(run)
    registers.take_register(session=run.sessions.get(), marks={held.pk: "present"}, by=jo, at=NOW)
    registers.close_run(run=run, by=jo, at=NOW)
    assert texts() == [
        "Jo Bell closed Neglect, 22 November 2026: 1 person completed the course.",
        "Jo Bell took a register of Neglect, 22 November 2026.",
    ]


def test_people_and_things_that_are_gone_are_said_to_be_gone_and_their_ids_stay(administrator, as_person):
    sam, amira = named("Sam", "Reed"), PersonFactory(given_name="Amira", family_name="Khan")
    team = TeamFactory()
    event = happened("grant.given", by=amira, person=sam, details={"access_role": "lead", "team": team.pk})
    pk = amira.pk
    amira.delete()
    team.delete()
    event.refresh_from_db()
    assert event.by_id == pk
    page = as_person(administrator).get("/what-happened/").content.decode()
    told = "Someone who has been erased gave Sam Reed the access role lead for something that is no longer there."
    assert told in page


# --- The page ------------------------------------------------------------------------------------------------------


def listed(browser, query: str = "") -> list[int]:
    return [line.event.pk for line in browser.get(f"/what-happened/{query}").context["lines"]]


def test_events_are_listed_newest_first_and_narrowed_by_person_thing_and_day(administrator, as_person):
    sam, amira, jo = (named(given, "Reed") for given in ("Sam", "Amira", "Jo"))
    old = happened(by=sam, person=sam, at=NOW - timedelta(days=40)).pk
    about_sam = happened(by=amira, person=sam, at=NOW - timedelta(days=2)).pk
    other = happened(by=jo, person=jo, at=NOW).pk
    acted = happened(by=jo, person=jo, acting=sam, at=NOW + HOUR).pk
    browser = as_person(administrator)
    assert listed(browser) == [acted, other, about_sam, old]
    assert listed(browser, f"?person={sam.pk}") == [acted, about_sam, old]
    assert listed(browser, f"?q={amira.email}") == [about_sam]
    assert listed(browser, f"?object_type=partners.person&object_id={jo.pk}") == [acted, other]
    assert listed(browser, "?first=2026-11-21&last=2026-11-21") == [about_sam]
    assert listed(browser, f"?person={sam.pk}&first=2026-11-01") == [acted, about_sam]
    assert listed(browser, "?q=zzz") == listed(browser, "?q=reed") == []
    choices = browser.get("/what-happened/?q=reed").context["choices"]
    assert set(choices) == {sam, amira, jo}


@pytest.mark.parametrize(
    "query", ["?person=x&first=9999-12-31&last=0001-01-01", "?before=987654&object_id=1", "?q=%00"]
)
def test_what_makes_no_sense_in_the_address_is_left_out(administrator, as_person, query):
    event = happened(by=administrator)
    assert listed(as_person(administrator), query) == [event.pk]


def test_each_page_goes_on_where_the_one_before_ended_even_within_one_moment(administrator, as_person):
    ann = employed()
    made = [happened(by=ann, person=ann, at=NOW - HOUR * (n // 30)).pk for n in range(120)]
    expected = sorted(made, key=lambda pk: (made.index(pk) // 30, -pk))
    browser = as_person(administrator)
    for narrowed in ("?", f"?person={ann.pk}&"):
        seen, page = [], browser.get("/what-happened/" + narrowed)
        while True:
            seen += [line.event.pk for line in page.context["lines"]]
            if not (older := page.context["older"]):
                break
            page = browser.get(f"/what-happened/{narrowed}before={older}")
        assert seen == expected


def test_a_page_takes_as_many_queries_for_three_events_of_a_kind_as_for_one(administrator, as_person):
    browser, counts = as_person(administrator), []
    for more in (1, 2):
        for _ in range(more):
            jo, run = employed(), planned_run()
            grants.give(person=employed(), access_role="lead", by=jo, at=NOW, reason="x")
            bookings.book(run=run, person=employed(), by=jo, at=NOW)
            happened("run.published", by=jo, about=run)
        with CaptureQueriesContext(connection) as queries:
            browser.get("/what-happened/")
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_a_persons_history_costs_only_their_own_events(administrator, as_person):
    """Each list has its index; without one, this would read everything that ever happened."""
    with connection.cursor() as cursor:
        # The plans for many events, whatever the planner knows of the few there are.
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off; SET LOCAL enable_sort = off")
        plans = ""
        for who in ("by", "person", "acting"):
            plans += AuditEvent.objects.filter(**{who: administrator.pk}).order_by("-at", "-id")[:51].explain()
        plans += AuditEvent.objects.order_by("-at", "-id")[:51].explain()
        plans += AuditEvent.objects.filter(object_type="a.b", object_id=1).order_by("-at", "-id")[:51].explain()
    names = {"audit_by_doer", "audit_by_person", "audit_by_administrator", "audit_newest", "audit_of_object"}
    assert set(re.findall(r"audit_\w+", plans)) - {"audit_event"} >= names
    assert "Sort" not in plans


@pytest.mark.parametrize("role", ["administrator", "lead"])
def test_administrators_and_leads_see_what_happened(as_person, role):
    assert as_person(holding(role)).get("/what-happened/").status_code == 200
