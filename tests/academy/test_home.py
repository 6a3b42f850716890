"""'Your list', a manager's team, and the pages of the frame."""

import re
from datetime import date, timedelta
from functools import partial
from html import unescape

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from academy.lib import registry
from academy.lib.registry import Line, Section
from courses.models import Booking
from partners.actions.people import change_details
from partners.models import Import
from tests.factories import (
    NOW,
    TODAY,
    AgencyFactory,
    achieved,
    asye_cohort,
    booked,
    employ,
    employed,
    enrolled,
    granted,
    holding,
    planned_run,
)
from tests.signing_in import signed_in

pytestmark = pytest.mark.django_db


def test_someone_who_owes_nothing_is_told_so(as_person):
    page = as_person(employed()).get("/").content.decode()
    assert "Nothing waits for you." in page
    assert "Nothing booked." in page


def test_nothing_is_asked_of_the_database_for_a_role_that_someone_does_not_hold(as_person, monkeypatch):
    asked = []

    def todo(person, on, role):
        asked.append(f"what a {role} owes")
        return []

    def section(person, on, role):
        asked.append(f"what a {role} wants to see")
        return Section(role)

    roles = ("learner", "coordinator")
    monkeypatch.setattr(registry, "_todo", [(frozenset({role}), partial(todo, role=role)) for role in roles])
    monkeypatch.setattr(registry, "_sections", [(1, frozenset({role}), partial(section, role=role)) for role in roles])
    as_person(employed()).get("/")
    assert asked == ["what a learner owes", "what a learner wants to see"]
    asked.clear()
    as_person(holding("coordinator", scoped=True)).get("/")
    assert asked == [f"what a {role} {does}" for does in ("owes", "wants to see") for role in roles]


def test_what_is_owed_comes_soonest_first_and_says_when_it_is_late(as_person):
    trainer = employed()
    planned_run(starts_at=NOW - timedelta(days=3), trainers=[trainer], title="Late register")
    achieved(trainer, on=TODAY - timedelta(days=92))
    registry.run_due(NOW)
    page = as_person(trainer).get("/").content.decode()
    assert page.index("Late register") < page.index("Tell us what changed")
    assert "Late: 20 November 2026" in page
    assert "By 22 January 2027" in page


def test_the_next_five_bookings_are_shown_and_those_of_others_are_not(as_person):
    ann = employed()
    for day in range(1, 7):
        booked(planned_run(title=f"Day {day}", starts_at=NOW + timedelta(days=day)), ann)
    booked(planned_run(title="Bob’s"))
    page = as_person(ann).get("/").content.decode()
    assert [f"Day {day}" in page for day in range(1, 7)] == [True] * 5 + [False]
    assert "Bob’s" not in page


def test_a_learners_page_asks_the_database_nine_times_and_shows_no_section(as_person):
    page, queries = opened(as_person(employed()))
    assert len(queries) == 9
    assert page.context["sections"] == []


def opened(browser: Client):
    """The first page, once it is warm, and the queries that it took."""
    browser.get("/")
    with CaptureQueriesContext(connection) as queries:
        page = browser.get("/")
    return page, queries


def titles(page) -> list[str]:
    return [section.title for section in page.context["sections"]]


def test_whoever_holds_several_access_roles_sees_a_section_for_each_and_each_once(as_person):
    agency = AgencyFactory()
    everybody = holding("coordinator", agency=agency, scoped=True)
    for role in ("lead", "director", "administrator"):
        granted(everybody, role)
    employed(manager=everybody, agency=agency)
    planned_run(trainers=[everybody])
    enrolled(asye_cohort(), employed(agency=agency), agency, start=TODAY, practice_lead=everybody, mentor=everybody)
    page, _ = opened(as_person(everybody))
    assert titles(page) == [
        "You teach next",
        "Who stays",
        "Runs to look at",
        "Your organisation’s people",
        "Your people’s next training",
        "Your members’ next stages",
        "How the academy is running",
    ]


def test_a_section_with_nothing_to_say_is_not_shown(monkeypatch):
    made = [Section("Silent"), Section("Plain", nothing="Nobody leaves."), Section("Full", [Line("One", "/")])]
    sources = [(1, frozenset({"learner"}), lambda person, on, section=section: section) for section in made]
    monkeypatch.setattr(registry, "_sections", sources)
    assert [section.title for section in registry.sections(None, {"learner"}, TODAY)] == ["Plain", "Full"]
    assert registry.sections(None, {"trainer"}, TODAY) == []


def test_one_who_owes_something_in_two_access_roles_is_told_once(as_person):
    both = granted(holding("lead"), "coordinator", agency=AgencyFactory())
    waiting = Import.objects.create(at=NOW, file_name="people.csv", file=b"", state="checked")
    page, _ = opened(as_person(both))
    assert [line.url for line in page.context["lines"]] == [f"/people/import/{waiting.pk}/"]


def test_a_page_asks_the_database_no_more_for_three_of_everything_than_for_one(as_person):
    agency = AgencyFactory()
    everybody = holding("coordinator", agency=agency, scoped=True)
    for role in ("lead", "director", "administrator"):
        granted(everybody, role)
    cohort = asye_cohort()
    browser = as_person(everybody)

    def another() -> None:
        person = employed(manager=everybody, agency=agency, dfe_role=5, end_date=TODAY + timedelta(days=9))
        booked(planned_run(trainers=[everybody], starts_at=NOW + timedelta(days=2)), person)
        booked(planned_run(trainers=[everybody], starts_at=NOW - timedelta(days=20)), person)
        enrolled(cohort, person, agency, start=TODAY, practice_lead=everybody, mentor=everybody)
        Import.objects.create(agency=agency, at=NOW, file_name="people.csv", file=b"", state="checked")
        granted(person, "director", to_date=TODAY + timedelta(days=9))

    another()
    _, one = opened(browser)
    another(), another()
    page, three = opened(browser)
    assert len(three) == len(one)
    assert len(titles(page)) == 7


OWN = {"Your list", "Find training", "My training"}


@pytest.mark.parametrize(
    ("who", "sees"),
    [
        ("learner", OWN),
        ("trainer", {*OWN, "Registers"}),
        (
            "lead",
            {*OWN, "People", "Plan training", "Who was trained", "ASYE cohorts", "Who stays", "What happened"},
        ),
        ("director", {*OWN, "Who was trained", "ASYE cohorts", "Who stays"}),
        ("administrator", {*OWN, "System", "Access roles", "What happened"}),
    ],
)
def test_the_menu_offers_what_one_may_open_and_every_entry_opens(as_person, who, sees):
    person = employed() if who in ("learner", "trainer") else holding(who)
    if who == "trainer":
        planned_run(trainers=[person])
    browser = as_person(person)
    nav = browser.get("/").context["frame"].nav
    assert {item.text for item in nav} == sees
    assert [browser.get(item.url).status_code for item in nav] == [200] * len(nav)


@pytest.mark.parametrize(
    ("address", "marked"),
    [
        ("/courses/", "Find training"),
        ("/people/", "People"),
        ("/agencies/", "People"),
        ("/registers/", "Plan training"),
    ],
)
def test_the_menu_marks_where_one_is(as_person, address, marked):
    page = as_person(holding("lead")).get(address)
    assert [item.text for item in page.context["frame"].nav if item.current] == [marked]


def test_what_the_menu_leaves_to_another_page_is_linked_there(as_person):
    browser = as_person(holding("lead"))
    assert 'href="/agencies/"' in browser.get("/people/").content.decode()
    assert 'href="/registers/"' in browser.get("/planning/").content.decode()


def test_a_manager_sees_everyone_below_with_their_training(as_person):
    manager = employed()
    middle = employed(manager=manager)
    below = employed(manager=middle)
    booked(planned_run(title="Thresholds"), below)
    outsider = employed()
    page = as_person(manager).get("/people/").content.decode()
    assert "<strong>2</strong> people" in page
    assert below.name in page
    assert "Thresholds" in page
    assert outsider.name not in page


def test_somebody_whose_job_role_is_not_known_is_in_post_all_the_same(as_person):
    manager = employed()
    employed(manager=manager)
    assert "Not in post" not in as_person(manager).get("/people/").content.decode()


def test_a_coordinator_finds_the_own_agency_by_name_and_nobody_else(as_person):
    coordinator = holding("coordinator", scoped=True)
    agency = coordinator.employments.get().agency
    colleague, other = employed(agency=agency), employed(agency=agency)
    change_details(person=colleague, given_name="Zoë", family_name="Aberra", email="", by=coordinator, at=NOW)
    outsider = employed()
    browser = as_person(coordinator)
    everyone = browser.get("/people/").content.decode()
    assert "Zoë Aberra" in everyone
    assert other.name in everyone
    assert outsider.name not in everyone
    found = browser.get("/people/?q=ZOE ab\0").content.decode()
    assert "Zoë Aberra" in found
    assert other.name not in found
    assert "Nobody matches." in browser.get("/people/?q=zzz").content.decode()


def test_a_member_of_a_cohort_sees_what_comes_next_in_the_own_year(as_person):
    agency = AgencyFactory()
    me, lead = employed(agency=agency), employed(agency=agency)
    enrolled(asye_cohort("Cohort 5"), me, agency, start=date(2026, 9, 7), practice_lead=lead)
    page = as_person(me).get("/").content.decode()
    assert "Your assessed and supported year in employment" in page
    assert "3-month review, 7 December 2026" in page
    assert lead.name in page
    assert "Your assessed" not in as_person(lead).get("/").content.decode()


def test_one_who_manages_nobody_is_told_that_the_page_is_for_others(as_person):
    page = as_person(employed()).get("/people/")
    assert page.status_code == 403
    assert "You cannot see this page" in page.content.decode()


def test_a_team_asks_the_database_no_more_for_three_than_for_one(as_person):
    manager = employed()
    browser = as_person(manager)

    def someone() -> None:
        person = employed(manager=manager)
        employ(person)
        booked(planned_run(), person)

    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            browser.get("/people/")
        return len(seen)

    someone()
    one = queries()
    someone(), someone()
    assert queries() == one


# --- The frame ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "heading"),
    [
        ("/help/", "Help and contact"),
        ("/help/signing-in/", "Help and contact"),
        ("/privacy/", "Privacy"),
        ("/accessibility/", "Accessibility statement"),
        ("/sign-in/", "Sign in"),
        ("/sign-in/closed/", "Your account is closed"),
    ],
)
def test_anyone_can_read(client, address, heading):
    page = client.get(address)
    assert page.status_code == 200
    assert f'<h1 class="govuk-heading-l">{heading}</h1>' in page.content.decode()


def test_a_missing_page_says_so_kindly(client):
    page = client.get("/nothing/here/")
    assert page.status_code == 404
    assert "Page not found" in page.content.decode()


def test_the_web_and_its_database_are_well(client):
    assert client.get("/health/").json() == {"status": "well"}


def test_the_brands_colours_are_a_style_sheet(client, settings):
    settings.BRAND_COLOUR = "#123456"
    sheet = client.get("/brand.css")
    assert sheet["Content-Type"].startswith("text/css")
    assert "#123456" in sheet.content.decode()
    assert "max-age=3600" in sheet["Cache-Control"]


@pytest.mark.parametrize(
    ("came_from", "leads_to"),
    [("http://testserver/runs/7/register/", "http://testserver/runs/7/register/"), ("https://evil.example/", "/")],
)
def test_a_form_that_timed_out_leads_back_to_where_it_was(client, came_from, leads_to):
    strict = Client(enforce_csrf_checks=True)
    page = strict.post("/runs/7/close/", headers={"Referer": came_from})
    assert page.status_code == 403
    assert "Your session timed out" in page.content.decode()
    assert f'class="govuk-button" href="{leads_to}"' in page.content.decode()


def test_a_session_that_ended_leads_to_signing_in_and_back(client):
    run = planned_run()
    assert client.post(f"/runs/{run.pk}/book/", {})["Location"] == f"/sign-in/?next=/runs/{run.pk}/book/"


OURS, THEIRS = {"Origin": "http://testserver"}, {"Origin": "https://evil.example"}


def test_what_was_typed_outlives_its_session_and_is_sent_once_more_after_signing_in():
    run, person = planned_run(), employed()
    strict = Client(enforce_csrf_checks=True)
    sent = {"access_needs": "A hearing loop, & the front row", "csrfmiddlewaretoken": token_of(strict)}
    page = strict.post(f"/runs/{run.pk}/book/", sent, headers=OURS)
    assert page.status_code == 403
    assert page["Cache-Control"].count("no-store") == 1
    assert "Sign in again" in page.content.decode()
    signed_in(person.user, client=strict)  # in another tab, which renews the token; the page here keeps the old one
    strict.cookies.pop("csrftoken")
    strict.get("/bookings/")
    page = strict.post(f"/runs/{run.pk}/book/", form_of(page), headers=OURS)
    assert f"You are signed in as {person.name}." in page.content.decode()
    strict.post(f"/runs/{run.pk}/book/", form_of(page), headers=OURS)
    assert Booking.objects.get(run=run, person=person)
    person.refresh_from_db()
    assert person.access_needs == "A hearing loop, & the front row"


def test_what_another_site_sent_is_not_offered_to_be_sent_once_more():
    strict, run = Client(enforce_csrf_checks=True), planned_run()
    signed_in(employed().user, client=strict)
    page = strict.post(f"/runs/{run.pk}/book/", {"access_needs": "Theirs"}, headers=THEIRS)
    assert page.status_code == 403
    assert "Theirs" not in page.content.decode()
    assert not Booking.objects.exists()


@pytest.mark.parametrize("name", ["password", "password1", "oldpassword", "client_secret", "code"])
def test_a_secret_is_not_repeated_on_the_page_that_keeps_what_was_typed(name):
    page = Client(enforce_csrf_checks=True).post("/sign-in/", {"login": "a@b.c", name: "hush"}, headers=OURS)
    assert page.status_code == 403
    assert "hush" not in page.content.decode()
    assert "browser’s back button" in page.content.decode()


def token_of(browser: Client) -> str:
    """Of a page that was opened before the session ended."""
    browser.get("/sign-in/")
    return browser.cookies["csrftoken"].value


def form_of(page: HttpResponse) -> dict[str, str]:
    """What the page's own form would send."""
    form = page.content.decode().split('<form method="post">')[-1].split("</form>")[0]
    return {name: unescape(value) for name, value in re.findall(r'name="([^"]+)" value="([^"]*)"', form)}
