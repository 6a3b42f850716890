"""A coordinator who means harm: taking over accounts by addresses, and going on after losing the right.

Every address of the site with other agencies' ids, and forms with more in them than was asked, are in
tests/test_who_may.py.
"""

import re
from collections import Counter
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from partners.actions import merges
from partners.importers import loads
from partners.models import Agency, Grant, Import, Person, User
from partners.permissions import AccessRole
from tests.factories import (
    NOW,
    TODAY,
    AgencyFactory,
    TeamFactory,
    asye_cohort,
    employ,
    employed,
    enrolled,
    granted,
    holding,
    planned_run,
)
from tests.partners.files import Line, a_line, text_of
from tests.signing.provider import go, organisation, provider_at
from tests.signing.steps import is_signed_in
from tests.test_architecture import every_pattern

pytestmark = pytest.mark.django_db
MINE = "mine@elsewhere.example"
S = Import.State


@pytest.fixture
def school():
    return AgencyFactory(name="Elm Primary")


@pytest.fixture
def coordinator(school):
    return holding(AccessRole.COORDINATOR, agency=school, scoped=True)


@pytest.fixture
def browser(coordinator, as_person):
    return as_person(coordinator)


# --- Taking over accounts -----------------------------------------------------------------------------------------


def trains(person: Person) -> None:
    planned_run(trainers=[person])


def assesses(person: Person) -> None:
    enrolled(asye_cohort(), employed(), AgencyFactory(), start=TODAY, practice_lead=person)


def mentors(person: Person) -> None:
    enrolled(asye_cohort(), employed(), AgencyFactory(), start=TODAY, mentor=person)


def leads_from_tomorrow(person: Person) -> None:
    Grant.objects.create(
        person=person, access_role=AccessRole.LEAD, from_date=TODAY + timedelta(days=1), reason="a test"
    )


@pytest.mark.parametrize("more", [trains, assesses, mentors, leads_from_tomorrow])
@pytest.mark.parametrize("way", ["form", "file"])
def test_whoever_has_more_than_the_agency_gives_keeps_their_address(browser, school, more, way):
    """Whoever reads that mailbox would see people of every agency."""
    person = employed(agency=school, employee_number="E1")
    more(person)
    if way == "form":
        said = {"given_name": person.given_name, "family_name": person.family_name, "email": MINE}
        browser.post(f"/people/{person.pk}/change/", said)
    else:
        taken_in(browser, school, a_line_of(person, email=MINE))
    assert User.objects.get(person=person).email == person.email


def test_a_teams_coordinator_does_not_move_the_account_of_a_manager_whose_people_are_in_other_teams(school, as_person):
    team = TeamFactory(agency=school)
    head = employed(agency=school, team=team)
    employed(agency=school, manager=head)
    browser = as_person(granted(employed(agency=school), AccessRole.COORDINATOR, agency=school, team=team))
    browser.post(f"/people/{head.pk}/change/", {"given_name": "A", "family_name": "B", "email": MINE})
    assert User.objects.get(person=head).email == head.email


def test_anybody_else_of_the_agency_gets_a_new_address(browser, school):
    person = employed(agency=school)
    browser.post(f"/people/{person.pk}/change/", {"given_name": "A", "family_name": "B", "email": MINE})
    assert User.objects.get(person=person).email == MINE


def test_a_merge_gives_no_administrator_the_address_of_another(school):
    administrator, lead, other = holding(AccessRole.ADMINISTRATOR), holding(AccessRole.LEAD), employed()
    Person.objects.filter(pk=administrator.pk).update(email="")
    with pytest.raises(merges.CannotMerge, match="administrator without an address"):
        merges.merge(kept=administrator, absorbed=other, by=lead, at=NOW, reason="they say so")


def test_an_organisation_links_nobody_who_is_about_to_hold_an_access_role(client):
    person = employed()
    leads_from_tomorrow(person)
    with organisation() as there:
        provider_at(there.issuer, domains=["agency.example"])
        there.claims = {"sub": "s-1", "email": person.email, "email_verified": True}
        go(client, there)
    assert not is_signed_in(client)


# --- After losing the right ---------------------------------------------------------------------------------------


def a_line_of(person: Person, **values: str) -> Line:
    spell = person.employments.get()
    return {
        "employee_number": spell.employee_number,
        "given_name": person.given_name,
        "family_name": person.family_name,
        "email": person.email,
        "start_date": spell.start_date.isoformat(),
    } | values


def sent(browser: Client, agency: Agency, *lines: Line) -> Import:
    """A file that was sent, matched as it is and checked."""
    file = SimpleUploadedFile("staff.csv", text_of(lines).encode())
    browser.post("/people/import/", {"file": file, "agency": str(agency.pk)})
    loads.do_waiting(NOW)
    load = Import.objects.latest("pk")
    form = browser.get(f"/people/import/{load.pk}/").context["form"]
    browser.post(f"/people/import/{load.pk}/columns/", {name: form[name].value() or "" for name in form.fields})
    loads.do_waiting(NOW)
    load.refresh_from_db()
    return load


def taken_in(browser: Client, agency: Agency, *lines: Line) -> Import:
    load = sent(browser, agency, *lines)
    browser.post(f"/people/import/{load.pk}/confirm/", {"shorter": "on", "leaving": "on"})
    loads.do_waiting(NOW)
    load.refresh_from_db()
    return load


def test_an_import_is_named_by_its_agency_and_not_by_what_that_was_called_once(browser, school):
    load = sent(browser, school, a_line(agency="Elm Primary"))
    Agency.objects.filter(pk=school.pk).update(name="Elm Trust", name_key="elm trust")
    other = AgencyFactory(name="Elm Primary")
    browser.post(f"/people/import/{load.pk}/confirm/", {"shorter": "on"})
    loads.do_waiting(NOW)
    assert not other.employments.exists()


def loses_the_right(coordinator: Person) -> None:
    Grant.objects.filter(person=coordinator).update(to_date=TODAY)


def test_old_links_to_imports_are_worth_nothing(browser, coordinator, school):
    load = sent(browser, school, a_line(agency="Elm Primary"), a_line(agency="Elm Primary", start_date="soon"))
    loses_the_right(coordinator)
    for page in ("", "to-fix.csv", "undo/"):
        assert browser.get(f"/people/import/{load.pk}/{page}").status_code == 403
    for page in ("columns/", "decide/", "confirm/", "cancel/", "undo/"):
        assert browser.post(f"/people/import/{load.pk}/{page}", {"wrong": "left_out"}).status_code == 403
    load.refresh_from_db()
    assert load.state == S.CHECKED


def test_what_was_confirmed_a_moment_before_losing_the_right_is_not_taken_in_and_forgotten(
    browser, coordinator, school
):
    load = sent(browser, school, a_line(agency="Elm Primary"))
    browser.post(f"/people/import/{load.pk}/confirm/", {"shorter": "on"})
    loses_the_right(coordinator)
    loads.do_waiting(NOW)
    load.refresh_from_db()
    assert load.state == S.REFUSED
    assert not Person.objects.filter(given_name="Adaeze").exists()
    assert (bytes(load.file), load.ended_at) == (b"", NOW), "so that nothing of it is kept for longer than the others"


def test_a_lead_undoes_what_somebody_took_in_who_has_lost_the_right(browser, coordinator, school, as_person):
    load = taken_in(browser, school, a_line(agency="Elm Primary"))
    loses_the_right(coordinator)
    as_person(holding(AccessRole.LEAD)).post(f"/people/import/{load.pk}/undo/")
    loads.do_waiting(NOW)
    load.refresh_from_db()
    assert load.state == S.UNDONE
    assert not Person.objects.filter(given_name="Adaeze").exists()


# --- Rubbish ------------------------------------------------------------------------------------------------------

RUBBISH = ["99999999999999999999", "-1", "0", "\0", "é" * 300, "{{7*7}}", "' OR 1=1 --", "2026-02-30"]


FIELDS = ["q", "page", "show", "person", "agency", "team", "reason", "email", "from_date", "until", "deputy"]
FIELDS += ["start_date", "end_date", "job_role", "employee_number", "object_id", "review_on", "access_role"]
ALTERS_THE_BROWSER = ("account_logout", "tryout_sign_in", "stop_acting")
REFUSED = {403, 405}


@pytest.mark.parametrize("role", [AccessRole.COORDINATOR, AccessRole.LEAD, AccessRole.ADMINISTRATOR])
def test_no_rubbish_makes_a_page_fail(role, as_person, school):
    """In addresses, in what is asked and in what is sent. Who is refused once is not read, whatever they say next."""
    browser = as_person(holding(role, agency=school, scoped=role == AccessRole.COORDINATOR))
    browser.raise_request_exception = False
    things = {"int": str(employ(employed(), agency=school).pk), "str": "x", "slug": "x", "account_id": "1"}
    answered, failed = Counter(), []
    for route, pattern in every_pattern():
        if pattern.name in ALTERS_THE_BROWSER:
            continue
        nowhere, somewhere = filled(route, things | {"int": RUBBISH[0]}), filled(route, things)
        tries = [(ask, nowhere, RUBBISH[0]) for ask in (browser.get, browser.post)]
        tries += [(ask, somewhere, rubbish) for ask in (browser.get, browser.post) for rubbish in RUBBISH]
        closed, refusals = set(), REFUSED | ({404} if somewhere != route else set())
        for ask, address, rubbish in tries:
            if (ask, address) not in closed:
                status = ask(address, dict.fromkeys(FIELDS, rubbish)).status_code
                answered[status // 100] += 1
                closed |= {(ask, address)} if status in refusals else set()
                failed += [(ask.__name__, address, rubbish)] if status >= 500 else []
    assert failed == []
    assert answered[2] > 500, "so few were read that this proves little"


def filled(route: str, things: dict[str, str]) -> str:
    return re.sub(r"<(?:(\w+):)?(\w+)>", lambda found: things.get(found[1] or "str", "x"), route)
