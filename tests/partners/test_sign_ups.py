"""People who ask to be added, and what their coordinator answers."""

from datetime import date, timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from academy.lib import registry
from academy.privacy import retention
from partners import outbox
from partners.actions import search
from partners.actions import sign_ups as actions
from partners.models import AuditEvent, Employment, OutboxMessage, Person, SignUp, User
from partners.permissions import AccessRole
from tests.courses.test_races import together
from tests.factories import (
    NOW,
    TODAY,
    AgencyFactory,
    JobRoleFactory,
    TeamFactory,
    asking,
    booked,
    employ,
    employed,
    granted,
    holding,
    planned_run,
)
from tests.signing.steps import by_code, is_signed_in

pytestmark = pytest.mark.django_db
INES = "ines.larch@elm.example"


@pytest.fixture
def school():
    return AgencyFactory(name="Elm Primary", domains=["elm.example"])


@pytest.fixture
def coordinator(school):
    return holding(AccessRole.COORDINATOR, agency=school, scoped=True)


@pytest.fixture
def browser(coordinator, as_person):
    return as_person(coordinator)


@pytest.fixture
def ines(school):
    return asking(school)


def confirmed(browser, ines, **changes):
    said = {"given_name": "Inês", "family_name": "Larch", "start_date": "2026-11-02"} | changes
    return browser.post(f"/people/asking/{ines.pk}/", said)


def lines(person) -> list[str]:
    return [line.text for line in registry.todos(person, registry.roles_of(person, TODAY), TODAY)]


ANSWER = "Answer 1 person who asks to be added"


# --- Who is asked -----------------------------------------------------------------------------------------------------


def test_the_agencys_coordinator_is_asked_and_no_other(ines, coordinator, browser, as_person):
    other = holding(AccessRole.COORDINATOR, scoped=True)
    lead = holding(AccessRole.LEAD)
    assert ANSWER in lines(coordinator)
    assert ANSWER not in lines(other)
    assert ANSWER not in lines(lead), "somebody there will"
    assert "Ines Larch" in browser.get("/people/asking/").content.decode()
    assert "Ines Larch" not in as_person(other).get("/people/asking/").content.decode()


def test_a_teams_coordinator_is_asked_for_that_team_and_those_in_it_alone(school):
    top, other = TeamFactory(agency=school), TeamFactory(agency=school)
    low = TeamFactory(agency=school, parent=top)
    keeper = granted(employed(), AccessRole.COORDINATOR, agency=school, team=top)
    lead = holding(AccessRole.LEAD)
    of_low = asking(school, team=low)
    asking(school, email="b@elm.example", team=other)
    asking(school, email="c@elm.example")
    assert ANSWER in lines(keeper)
    assert list(SignUp.objects.visible_to(keeper, TODAY)) == [of_low]
    assert "Answer 2 people who ask to be added" in lines(lead), "for whom nobody else can answer"


def test_where_nobody_coordinates_leads_are_asked(ines):
    lead = holding(AccessRole.LEAD)
    assert ANSWER in lines(lead)


def test_a_coordinator_whose_time_is_over_answers_nobody(ines, school, coordinator):
    coordinator.grants.update(to_date=TODAY)
    assert not SignUp.objects.visible_to(coordinator, TODAY).exists()
    assert SignUp.objects.without_coordinator(TODAY).exists()


def test_a_hostile_coordinator_of_another_agency_is_answered_as_if_there_were_nobody(ines, as_person):
    thief = employed()
    granted(thief, AccessRole.COORDINATOR, agency=thief.employments.get().agency)
    browser = as_person(thief)
    for path, said in (("", {"given_name": "X", "start_date": "2026-11-02"}), ("known/", {"person": thief.pk})):
        assert browser.get(f"/people/asking/{ines.pk}/{path}").status_code == 404
        assert browser.post(f"/people/asking/{ines.pk}/{path}", said).status_code == 404
    assert browser.post(f"/people/asking/{ines.pk}/decline/", {"reason": "Mine"}).status_code == 404
    ines.refresh_from_db()
    assert ines.state == "waiting"


def test_the_list_takes_as_many_queries_for_one_as_for_three(school, browser):
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            browser.get("/people/asking/")
        return len(seen)

    asking(school, email="0@elm.example", team=TeamFactory(agency=school))
    browser.get("/")
    one = queries()
    for n in (1, 2):
        asking(school, email=f"{n}@elm.example", team=TeamFactory(agency=school))
    assert queries() == one


# --- Confirming -------------------------------------------------------------------------------------------------------


def test_who_is_confirmed_has_a_record_and_a_post_is_told_and_signs_in(ines, school, browser, coordinator, mailoutbox):
    role, team = JobRoleFactory(name="Teaching assistant"), TeamFactory(agency=school)
    manager = employed(agency=school)
    page = browser.get(f"/people/asking/{ines.pk}/").content.decode()
    assert f'<option value="{role.pk}" selected' in page, "the job in their words, where there is one of that name"
    more = {"team": team.pk, "job_role": role.pk, "manager": manager.email, "employee_number": "17"}
    page = confirmed(browser, ines, **more)
    person = Person.objects.get(email=INES)
    assert page.url == f"/people/{person.pk}/"
    spell = person.employments.get()
    assert (spell.agency, spell.team, spell.job_role, spell.employee_number) == (school, team, role, "17")
    assert spell.versions.get().manager == manager
    ines.refresh_from_db()
    assert (ines.state, ines.person, ines.decided_by, ines.decided_at) == ("added", person, coordinator, NOW)
    outbox.send_due(NOW)
    assert [(m.to, m.subject) for m in mailoutbox] == [([INES], "You can book training with us")]
    hers = Client()
    by_code(hers, person, mailoutbox)
    assert is_signed_in(hers)
    kinds = AuditEvent.objects.filter(person=person).values_list("kind", "by")
    assert set(kinds) >= {("sign_up.added", coordinator.pk), ("person.added", coordinator.pk)}


def test_a_recycled_address_never_opens_the_leavers_record(ines, school, browser, mailoutbox):
    leaver = employed(agency=school, end_date=TODAY - timedelta(days=30))
    Person.objects.filter(pk=leaver.pk).update(email=INES)
    User.objects.filter(person=leaver).update(email=INES)
    booked(planned_run(), leaver)
    confirmed(browser, ines)
    new = Person.objects.get(email=INES)
    assert new != leaver
    assert not User.objects.get(person=leaver).is_active
    hers = Client()
    by_code(hers, new, mailoutbox)
    assert hers.session["_auth_user_id"] == str(new.user.pk)


def test_an_address_that_is_held_by_then_is_not_given_twice(ines, school, browser):
    somebody = employed(agency=school)
    User.objects.filter(person=somebody).update(email=INES)
    page = confirmed(browser, ines).content.decode()
    assert "Somebody at work signs in with this address by now" in page
    assert 'value="Inês"' in page
    ines.refresh_from_db()
    assert ines.state == "waiting"


def test_a_coordinator_cannot_put_them_into_another_agency_or_under_its_manager(ines, school, browser):
    other = AgencyFactory()
    team, manager = TeamFactory(agency=other, name="Secret"), employed(agency=other)
    assert "Select a valid choice" in confirmed(browser, ines, team=team.pk).content.decode()
    assert "Nobody who works at the agency" in confirmed(browser, ines, manager=manager.email).content.decode()
    confirmed(browser, ines, agency=other.pk, email="x@y.example", person=manager.pk)
    person = Person.objects.get(email=INES)
    assert person.employments.get().agency == school


def test_a_teams_coordinator_adds_them_to_that_team_alone(school, as_person):
    team, beside = TeamFactory(agency=school), TeamFactory(agency=school)
    keeper = as_person(granted(employed(), AccessRole.COORDINATOR, agency=school, team=team))
    ines = asking(school, team=team)
    assert "Choose the team" in confirmed(keeper, ines).content.decode()
    assert "Select a valid choice" in confirmed(keeper, ines, team=beside.pk).content.decode()
    confirmed(keeper, ines, team=team.pk)
    assert Employment.objects.get(person__email=INES).team == team


@pytest.mark.parametrize("missing", ["given_name", "start_date"])
def test_what_is_missing_is_asked_for(ines, browser, missing):
    assert "Error: " in confirmed(browser, ines, **{missing: ""}).content.decode()
    assert not Person.objects.filter(email=INES).exists()


# --- Known already ----------------------------------------------------------------------------------------------------


@pytest.fixture
def known(school):
    person = employed(agency=school)
    person.family_name = "Larch"
    person.save()
    search.refresh([person.pk])
    return person


def attached(browser, ines, person):
    return browser.post(f"/people/asking/{ines.pk}/known/", {"person": person.pk}, follow=True).content.decode()


def test_somebody_known_is_found_by_name_and_signs_in_with_the_new_address(ines, browser, known, mailoutbox):
    assert (
        "1 person who is known already has a name like this"
        in browser.get(f"/people/asking/{ines.pk}/").content.decode()
    )
    assert known.name in browser.get(f"/people/asking/{ines.pk}/known/").content.decode()
    before, people = known.email, Person.objects.count()
    attached(browser, ines, known)
    assert User.objects.get(email=INES).person == known
    assert Person.objects.count() == people
    outbox.send_due(NOW)
    assert {m.to[0] for m in mailoutbox} == {before, INES}


def test_a_coordinator_attaches_nobody_of_another_agency(ines, browser):
    stranger = employed()
    assert (
        stranger.name not in browser.get(f"/people/asking/{ines.pk}/known/?q={stranger.family_name}").content.decode()
    )
    assert browser.post(f"/people/asking/{ines.pk}/known/", {"person": stranger.pk}).status_code == 404
    for nonsense in ("", "x", "-1", "9" * 40):
        assert browser.post(f"/people/asking/{ines.pk}/known/", {"person": nonsense}).status_code == 404
    stranger.refresh_from_db()
    assert stranger.email != INES


@pytest.mark.parametrize("why", ["holds an access role", "works elsewhere too"])
def test_a_coordinator_gives_no_address_to_those_who_may_more(ines, browser, known, why):
    granted(known, AccessRole.LEAD) if why == "holds an access role" else employ(known)
    before = known.email
    assert "ask an academy lead" in attached(browser, ines, known)
    known.refresh_from_db()
    ines.refresh_from_db()
    assert (known.email, ines.state) == (before, "waiting")


def test_no_address_is_taken_from_somebody_at_work(ines, browser, known, school):
    holder = employed(agency=school)
    User.objects.filter(person=holder).update(email=INES)
    assert "Somebody else at work signs in with this address" in attached(browser, ines, known)
    assert User.objects.get(email=INES).person == holder


def test_who_got_a_record_with_this_address_meanwhile_is_attached_as_they_are(ines, browser, known):
    Person.objects.filter(pk=known.pk).update(email=INES)
    User.objects.filter(person=known).update(email=INES)
    attached(browser, ines, known)
    ines.refresh_from_db()
    assert (ines.state, ines.person) == ("known", known)


# --- Declining, and letting go ----------------------------------------------------------------------------------------


def test_who_is_declined_reads_why(ines, browser, mailoutbox):
    assert (
        "Say why they are not added"
        in browser.post(f"/people/asking/{ines.pk}/decline/", {"reason": ""}).content.decode()
    )
    browser.post(f"/people/asking/{ines.pk}/decline/", {"reason": "Nobody here knows you.\nSubject: x"})
    outbox.send_due(NOW)
    [sent] = mailoutbox
    assert sent.to == [INES]
    assert "Nobody here knows you." in sent.body
    assert not Person.objects.filter(email=INES).exists()


def test_what_nobody_answers_ends_after_thirty_days_and_is_deleted_ninety_later(ines, mailoutbox):
    day = timedelta(days=1)
    assert actions.expire(NOW + 29 * day) == {}
    registry.run_due(NOW + 30 * day)
    ines.refresh_from_db()
    assert ines.state == "expired"
    assert [m.subject for m in mailoutbox] == ["Nobody has answered for Elm Primary"]
    assert actions.expire(NOW + 31 * day) == {}
    retention.run(NOW + 119 * day)
    assert SignUp.objects.exists()
    retention.run(NOW + 122 * day)
    assert not SignUp.objects.exists()


def test_an_answer_that_comes_late_is_told_so_and_changes_nothing(ines, browser, known):
    browser.post(f"/people/asking/{ines.pk}/decline/", {"reason": "No"})
    for path, said in (("", {"given_name": "X", "start_date": "2026-11-02"}), ("known/", {"person": known.pk})):
        page = browser.post(f"/people/asking/{ines.pk}/{path}", said).content.decode()
        assert "Somebody else has answered this already" in page
    assert "Declined" in browser.get(f"/people/asking/{ines.pk}/").content.decode()
    assert not Person.objects.filter(email=INES).exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("reseed")
def test_two_who_confirm_at_once_add_one_person(school):
    ines = asking(school)
    keepers = [holding(AccessRole.COORDINATOR, agency=school, scoped=True) for _ in range(6)]
    facts = {"team": None, "job_role": None, "employee_number": "", "manager": None, "start_date": date(2026, 11, 2)}

    def confirm(by: Person):
        mine = SignUp.objects.select_related("agency").get(pk=ines.pk)
        return lambda: actions.confirm(sign_up=mine, given_name="I", family_name="L", **facts, by=by, at=NOW)

    results = together(*map(confirm, keepers))
    assert [type(result) for result in results].count(Person) == 1
    assert {str(result) for result in results if not isinstance(result, Person)} == {actions.DECIDED}
    assert Person.objects.filter(email=INES).count() == 1
    assert OutboxMessage.objects.filter(kind="partners.invitation").count() == 1


def test_a_name_that_is_markup_is_inert(school, browser):
    bad = asking(school, given_name="<script>alert(1)</script>", family_name="=HYPERLINK(1)", job="<b>x</b>")
    for path in ("", "known/", "decline/"):
        page = browser.get(f"/people/asking/{bad.pk}/{path}").content.decode()
        assert "<script>alert" not in page
        assert "<b>x</b>" not in page
    assert "<script>alert" not in browser.get("/people/asking/").content.decode()
    assert not mail.outbox


def test_a_manager_whom_nobody_here_is_stands_with_what_they_said_and_not_in_the_form(school, browser):
    asked = asking(school, manager_email="boss@elsewhere.example")
    page = browser.get(f"/people/asking/{asked.pk}/").content.decode()
    assert page.count("boss@elsewhere.example") == 1
