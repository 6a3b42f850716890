"""Giving access roles, ending them, and what an administrator reads of them."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from academy.lib import registry
from partners.actions import grants
from partners.actions.grants import GrantRefused
from partners.models import AuditEvent, Grant, User
from partners.permissions import AccessRole
from tests.factories import NOW, TODAY, AgencyFactory, TeamFactory, employed, holding

pytestmark = pytest.mark.django_db
TOMORROW = TODAY + timedelta(days=1)


@pytest.fixture
def amira():
    """An administrator."""
    return holding(AccessRole.ADMINISTRATOR)


def give(person, by, **facts) -> Grant:
    return grants.give(**{"person": person, "access_role": "lead", "by": by, "at": NOW, "reason": "Covers"} | facts)


def form(**facts) -> dict:
    return {"access_role": "lead", "from_date": str(TODAY), "reason": "Covers for a colleague"} | facts


def roles(person, on=TODAY) -> set[str]:
    return registry.roles_of(person, on) - {"learner"}


# --- Giving ------------------------------------------------------------------------------------------------------


def test_an_administrator_finds_a_person_by_name_or_address_and_gives_an_access_role(amira, as_person):
    sam = employed()
    browser = as_person(amira)
    for words in (sam.name, sam.email.upper(), f"{sam.family_name[:6]} {sam.given_name}"):
        assert f"/access-roles/give/{sam.pk}/" in browser.get("/access-roles/find/", {"q": words}).content.decode()
    page = browser.post(f"/access-roles/give/{sam.pk}/", form(last_day=str(TOMORROW)), follow=True).content.decode()
    assert f"{sam.name} is given the access role lead for the whole academy." in page
    held = Grant.objects.get(person=sam)
    assert (held.given_by, held.reason, held.to_date) == (amira, "Covers for a colleague", TODAY + timedelta(days=2))
    assert [roles(sam, TODAY + timedelta(days=n)) for n in (-1, 0, 1, 2)] == [set(), {"lead"}, {"lead"}, set()]
    event = AuditEvent.objects.get(kind="grant.given")
    assert (event.by, event.person, event.details) == (amira, sam, {"access_role": "lead"})


def test_finding_tells_when_nobody_or_too_many_match(amira, as_person):
    browser = as_person(amira)
    assert "Nobody matches." in browser.get("/access-roles/find/?q=zzz").content.decode()
    for _ in range(21):
        employed()
    page = browser.get("/access-roles/find/?q=example").content.decode()
    assert "More than 20 people match" in page


def test_a_coordinator_is_given_an_agency_and_perhaps_a_team_of_it(amira, as_person):
    sam, team = employed(), TeamFactory()
    facts = form(access_role="coordinator", agency=team.agency_id, team=team.pk)
    as_person(amira).post(f"/access-roles/give/{sam.pk}/", facts)
    held = Grant.objects.get(person=sam)
    assert (held.agency, held.team, held.place) == (team.agency, team, f"{team.agency}, {team}")


def test_nobody_gives_themselves_an_access_role(amira, as_person):
    page = as_person(amira).post(f"/access-roles/give/{amira.pk}/", form()).content.decode()
    assert "You cannot give yourself an access role." in page
    assert roles(amira) == {"administrator"}
    with pytest.raises(GrantRefused, match="yourself"):
        give(amira, amira)


@pytest.mark.parametrize(
    ("facts", "told", "field"),
    [
        ({"access_role": "coordinator"}, "Choose the agency that this person coordinates", "agency"),
        ({"agency": True}, "choose no agency", "agency"),
        ({"access_role": "administrator", "agency": True}, "choose no agency", "agency"),
        ({"access_role": "director", "agency": True, "team": "own"}, "Only coordinators can be given a team", "team"),
        ({"access_role": "coordinator", "agency": True, "team": "other"}, "is not a team of", "team"),
        ({"last_day": str(TODAY - timedelta(days=1))}, "The last day cannot be before 23 November 2026", "last_day"),
        ({"from_date": str(TODAY - timedelta(days=1))}, "cannot be past", "from_date"),
        ({"from_date": ""}, "Enter the first day", "from_date"),
        ({"from_date": "yesterday"}, "Enter the first day as a date", "from_date"),
        ({"reason": " "}, "Say why", "reason"),
        ({"reason": "x" * 201}, "Use 200 characters or fewer", "reason"),
        ({"access_role": "king"}, "Select a valid choice", "access_role"),
        ({"access_role": "manager"}, "Select a valid choice", "access_role"),
        ({"agency": 987654}, "Choose one of the agencies", "agency"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence_and_nothing_typed_is_lost(amira, as_person, facts, told, field):
    sam, agency = employed(), AgencyFactory()
    teams = {"own": TeamFactory(agency=agency).pk, "other": TeamFactory().pk}
    if facts.get("agency") is True:
        facts = facts | {"agency": agency.pk}
    sent = form(reason="Covers for Zed") | facts
    if sent.get("team"):
        sent["team"] = teams[sent["team"]]
    page = as_person(amira).post(f"/access-roles/give/{sam.pk}/", sent)
    assert told in page.content.decode()
    assert field in page.context["form"].errors
    assert not Grant.objects.filter(person=sam).exists()
    if field != "reason":
        assert "Covers for Zed" in page.content.decode()


def test_what_someone_holds_already_is_not_given_twice_but_again_once_it_has_ended(amira):
    sam = employed()
    give(sam, amira, to_date=TOMORROW)
    with pytest.raises(GrantRefused, match="has this access role already, from 23 November 2026"):
        give(sam, amira)
    with pytest.raises(GrantRefused, match="already"):
        give(sam, amira, from_date=TODAY - timedelta(days=9), to_date=TOMORROW)
    assert give(sam, amira, from_date=TOMORROW).from_date == TOMORROW
    assert give(sam, amira, access_role="director")


# --- Ending ------------------------------------------------------------------------------------------------------


def test_ending_keeps_the_entry_with_the_day_the_reason_and_who_ended_it(amira, as_person):
    sam = holding("lead")
    held = sam.grants.get()
    day = {"from_date": str(TOMORROW), "reason": "Moved to another job"}
    page = as_person(amira).post(f"/access-roles/{held.pk}/end/", day, follow=True).content.decode()
    held.refresh_from_db()
    assert (held.to_date, held.end_reason, held.ended_by) == (TOMORROW, "Moved to another job", amira)
    assert "24 November 2026 is the first day without it" in page
    assert "Moved to another job" in page
    assert (roles(sam, TODAY), roles(sam, TOMORROW)) == ({"lead"}, set())
    assert AuditEvent.objects.get(kind="grant.ended").person == sam


def test_what_ends_today_ends_at_once_even_on_its_first_day(amira, as_person):
    sam = employed()
    held = give(sam, amira)
    as_person(amira).post(f"/access-roles/{held.pk}/end/", {"from_date": str(TODAY), "reason": "A mistake"})
    assert roles(sam) == set()
    later = give(sam, amira, from_date=TOMORROW)
    assert grants.end(grant=later, from_date=TODAY, by=amira, at=NOW, reason="A mistake").to_date == TOMORROW
    assert roles(sam, TOMORROW) == set()


def test_the_past_is_not_changed_and_what_has_ended_is_not_ended_again(amira):
    held = holding("lead").grants.get()
    with pytest.raises(GrantRefused, match="Choose today, 23 November 2026, or a later day"):
        grants.end(grant=held, from_date=TODAY - timedelta(days=1), by=amira, at=NOW, reason="x")
    grants.end(grant=held, from_date=TODAY, by=amira, at=NOW, reason="x")
    with pytest.raises(GrantRefused, match="ends on 23 November 2026 already"):
        grants.end(grant=held, from_date=TODAY, by=amira, at=NOW, reason="x")


@pytest.mark.parametrize("other", ["none", "leaves tomorrow", "cannot sign in", "starts later"])
def test_the_last_administrator_cannot_be_ended_and_is_told_so(amira, as_person, other):
    if other != "none":
        second = holding(AccessRole.ADMINISTRATOR)
        if other == "cannot sign in":
            User.objects.filter(person=second).update(is_active=False)
        change = {"leaves tomorrow": {"to_date": TOMORROW}, "starts later": {"from_date": TOMORROW}}.get(other)
        if change:
            second.grants.update(**change)
    held = amira.grants.get()
    page = as_person(amira).post(f"/access-roles/{held.pk}/end/", {"from_date": str(TODAY), "reason": "x"})
    assert "This is the last administrator." in page.content.decode()
    assert roles(amira) == {"administrator"}


def test_one_of_two_administrators_can_be_ended(amira):
    second = holding(AccessRole.ADMINISTRATOR)
    grants.end(grant=amira.grants.get(), from_date=TODAY, by=second, at=NOW, reason="Left")
    assert roles(amira) == set()


# --- What the database keeps ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("facts", "constraint"),
    [
        ({"to_date": TODAY - timedelta(days=1)}, "an_access_role_does_not_end_before_it_starts"),
        ({"reason": ""}, "an_access_role_is_given_for_a_reason"),
        ({"access_role": "coordinator"}, "a_coordinator_belongs_to_an_agency"),
    ],
)
def test_the_database_keeps_what_it_can(facts, constraint):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Grant.objects.create(
            **{"person": employed(), "access_role": "lead", "from_date": TODAY, "reason": "a test"} | facts
        )


# --- The pages -----------------------------------------------------------------------------------------------------


def test_the_list_is_narrowed_by_access_role_agency_and_person_and_shows_what_has_ended_when_asked(amira, as_person):
    coordinator, lead, gone = holding("coordinator", scoped=True), holding("lead"), holding("director")
    gone.grants.update(to_date=TODAY)
    browser = as_person(amira)

    def listed(query: str) -> set:
        return {grant.person for grant, _ in browser.get(f"/access-roles/{query}").context["rows"]}

    assert listed("") == {amira, coordinator, lead}
    assert listed("?ended=1") == {amira, coordinator, lead, gone}
    assert listed("?access_role=lead&access_role=coordinator") == {coordinator, lead}
    assert listed(f"?agency={coordinator.grants.get().agency_id}") == {coordinator}
    assert listed(f"?q={lead.email}") == {lead}
    assert listed("?access_role=king&agency=x&page=99") == {amira, coordinator, lead}


def test_the_list_takes_as_many_queries_for_three_people_as_for_one(amira, as_person):
    browser, counts = as_person(amira), []
    for more in (1, 2):
        for _ in range(more):
            give(employed(), holding("administrator"))
        with CaptureQueriesContext(connection) as queries:
            browser.get("/access-roles/")
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_finding_takes_a_bounded_number_of_queries(amira, as_person):
    browser, counts = as_person(amira), []
    for more in (1, 2):
        for _ in range(more):
            employed()
        with CaptureQueriesContext(connection) as queries:
            browser.get("/access-roles/find/?q=example")
        counts.append(len(queries))
    assert counts[0] == counts[1]


# --- Row history ---------------------------------------------------------------------------------------------------


def test_a_change_made_in_sql_is_kept_and_shown(amira, as_person):
    held = holding("coordinator", scoped=True).grants.get()
    other = AgencyFactory(name="Elm Primary")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE partners_grant SET agency_id = %s WHERE id = %s", [other.pk, held.pk])
    Grant.objects.filter(pk=held.pk).update(from_date=date(2021, 2, 3))
    assert [(c.pgh_label, c.agency_id) for c in held.events.order_by("pgh_id")] == [
        ("update", held.agency_id), ("update", other.pk)
    ]  # fmt: skip
    page = as_person(amira).get(f"/access-roles/{held.pk}/").content.decode()
    assert f"<strong>agency</strong> from {held.agency} to Elm Primary" in page
    assert "<strong>first day</strong> from 1 January 2020 to 3 February 2021" in page


def test_a_row_that_is_deleted_in_sql_leaves_what_it_said():
    held = holding("lead").grants.get()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM partners_grant WHERE id = %s", [held.pk])
    [kept] = held.events.all()
    assert (kept.pgh_label, kept.access_role, kept.reason) == ("delete", "lead", "a test")


def test_an_update_that_changes_nothing_leaves_nothing():
    held = holding("lead").grants.get()
    Grant.objects.update(reason="a test")
    assert not held.events.exists()


def test_exactly_these_tables_keep_their_rows_history():
    """Never answers, invitations or the outbox: their history would say who answered when, and be everyone's mail."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger WHERE tgname LIKE 'pgtrigger_%'")
        assert {table for (table,) in cursor.fetchall()} == {"partners_grant"}
