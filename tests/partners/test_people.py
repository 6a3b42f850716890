"""Adding and changing people by hand; finding them; standing in for a manager."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from partners import outbox
from partners.actions import people as actions
from partners.models import (
    Deputy,
    Employment,
    EmploymentVersion,
    OutboxMessage,
    Person,
    PersonVersion,
    Team,
    User,
)
from partners.permissions import AccessRole
from tests.factories import NOW, TODAY, AgencyFactory, JobRoleFactory, TeamFactory, employ, employed, granted, holding
from tests.partners.files import a_line, take_in, taken

pytestmark = pytest.mark.django_db
YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)


@pytest.fixture
def school():
    return AgencyFactory(name="Elm Primary")


@pytest.fixture
def coordinator(school):
    return holding(AccessRole.COORDINATOR, agency=school, scoped=True)


@pytest.fixture
def browser(coordinator, as_person):
    return as_person(coordinator)


def ivo(school, **changes) -> dict:
    """What somebody types to add one person."""
    return {
        "given_name": "Ivo",
        "family_name": "Ashdown",
        "email": "Ivo.Ashdown@elm.example",
        "agency": school.pk,
        "start_date": "2026-11-02",
        "invite": "on",
    } | changes


# --- Adding -------------------------------------------------------------------------------------------------------


def test_somebody_who_is_added_can_sign_in_and_is_told_so(browser, school):
    page = browser.post("/people/add/", ivo(school))
    person = Person.objects.get(given_name="Ivo")
    assert page.url == f"/people/{person.pk}/"
    assert person.user.email == "ivo.ashdown@elm.example"
    assert person.employment(TODAY).agency == school
    [message] = OutboxMessage.objects.filter(kind="partners.invitation")
    assert (message.person, outbox._kinds[message.kind].render(person).subject) == (
        person,
        "You can book training with us",
    )


def test_nobody_is_told_where_nobody_wanted_it(browser, school):
    browser.post("/people/add/", ivo(school, invite=""))
    assert not OutboxMessage.objects.exists()


def test_a_coordinator_adds_people_to_the_own_agency_alone(browser, school):
    other = AgencyFactory()
    TeamFactory(agency=other, name="Secret team")
    page = browser.post("/people/add/", ivo(school, agency=other.pk))
    assert page.status_code == 200
    assert "Secret team" not in page.content.decode()
    assert not Person.objects.filter(given_name="Ivo").exists()
    assert 'value="Ivo"' in page.content.decode(), "nothing that was typed is lost"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"given_name": ""}, "Enter the first name"),
        ({"email": "ivo at elm"}, "Enter an e-mail address like"),
        ({"start_date": "soon"}, "Enter the first day as a date"),
        ({"start_date": "0202-01-01"}, "is not a likely year"),
        ({"given_name": "x" * 101}, "use 100 characters or fewer"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(browser, school, changes, sentence):
    assert sentence in browser.post("/people/add/", ivo(school, **changes)).content.decode()


def test_what_the_form_never_asked_for_is_ignored(browser, school, coordinator):
    more = {"is_staff": "1", "is_active": "", "swe_number": "SW1", "access_role": "lead", "by": "1", "merged_into": "1"}
    browser.post("/people/add/", ivo(school, **more))
    person = Person.objects.get(given_name="Ivo")
    assert (person.swe_number, person.merged_into, person.grants.count()) == ("", None, 0)
    more = {"person": str(coordinator.pk), "end_date": "2026-11-03", "start_date": "2026-11-09"}
    browser.post(f"/people/{person.pk}/posts/add/", ivo(school, **more))
    assert set(person.employments.values_list("versions__end_date", "versions__recorded_by")) == {
        (None, coordinator.pk)
    }
    assert coordinator.employments.count() == 1


def test_the_same_post_twice_is_one(browser, school):
    colleague = employed(agency=school)
    for _ in range(2):
        page = browser.post(f"/people/{colleague.pk}/posts/add/", {"agency": school.pk, "start_date": "2026-11-02"})
    assert "is recorded in this post from this day already" in page.content.decode()
    assert colleague.employments.count() == 2


def test_an_address_that_somebody_signs_in_with_is_not_given_again(browser, school):
    employed(agency=AgencyFactory())
    taken_by = User.objects.exclude(person__grants__access_role=AccessRole.COORDINATOR).first()
    page = browser.post("/people/add/", ivo(school, email=taken_by.email.upper()))
    assert "signs in with this address already" in page.content.decode()


def test_a_number_that_somebody_has_is_refused(browser, school, coordinator):
    number = coordinator.employments.get().employee_number
    assert "has the number" in browser.post("/people/add/", ivo(school, employee_number=number)).content.decode()


def test_a_team_of_another_agency_is_refused_also_by_a_lead(as_person, school):
    team = TeamFactory(name="Blue")
    page = as_person(holding(AccessRole.LEAD)).post("/people/add/", ivo(school, team=team.pk))
    assert "Blue is not a team of Elm Primary" in page.content.decode()


def test_somebody_without_a_number_is_found_by_the_next_file(browser, school):
    browser.post("/people/add/", ivo(school))
    person = Person.objects.get(given_name="Ivo")
    line = a_line(
        agency="Elm Primary",
        employee_number="E77",
        given_name="Ivo",
        family_name="Ashdown",
        email="ivo.ashdown@elm.example",
        job_role="",
        start_date="2026-11-02",
    )
    outcome = taken(take_in(line))
    assert outcome.counts["people_new"] == 0
    assert person.employments.get().employee_number == "E77"


def test_another_surname_at_the_same_address_is_another_person(browser, school):
    browser.post("/people/add/", ivo(school))
    line = a_line(agency="Elm Primary", employee_number="E77", family_name="Newcomer", email="ivo.ashdown@elm.example")
    assert taken(take_in(line)).counts["people_new"] == 1


# --- Changing -----------------------------------------------------------------------------------------------------


def test_a_changed_address_moves_the_account_and_the_old_one_is_told(browser, school):
    colleague = employed(agency=school)
    before = colleague.email
    said = {"given_name": "Juno", "family_name": "Larch", "email": "juno@elm.example"}
    browser.post(f"/people/{colleague.pk}/change/", said)
    colleague.refresh_from_db()
    assert (colleague.name, colleague.user.email) == ("Juno Larch", "juno@elm.example")
    [message] = OutboxMessage.objects.filter(kind="partners.address_left")
    assert (message.address, message.person) == (before, None)
    assert PersonVersion.objects.current().get(identity=colleague).family_name == "Larch"


def test_an_address_that_is_taken_away_signs_nobody_in(browser, school):
    colleague = employed(agency=school)
    browser.post(f"/people/{colleague.pk}/change/", {"given_name": "Juno", "family_name": "Larch", "email": ""})
    assert User.objects.get(person=colleague).email is None


@pytest.mark.parametrize("why", ["rights", "elsewhere"])
def test_a_coordinator_cannot_move_the_account_of_somebody_who_has_more(browser, school, why):
    colleague = employed(agency=school)
    if why == "rights":
        granted(colleague, AccessRole.DIRECTOR)
    else:
        employ(colleague, agency=AgencyFactory())
    before = colleague.email
    said = {"given_name": "Juno", "family_name": "Larch", "email": "mine@elm.example"}
    page = browser.get(f"/people/{colleague.pk}/change/").content.decode()
    assert "you cannot change the address" in page
    browser.post(f"/people/{colleague.pk}/change/", said)
    colleague.refresh_from_db()
    assert (colleague.given_name, colleague.email, colleague.user.email) == ("Juno", before, before)


def test_a_lead_cannot_move_an_administrators_account(as_person, school):
    administrator = granted(employed(agency=school), AccessRole.ADMINISTRATOR)
    said = {"given_name": "Juno", "family_name": "Larch", "email": "mine@elm.example"}
    as_person(holding(AccessRole.LEAD)).post(f"/people/{administrator.pk}/change/", said)
    administrator.refresh_from_db()
    assert (administrator.given_name, administrator.user.email) == ("Juno", administrator.email)
    assert administrator.email != "mine@elm.example"


def test_what_was_said_by_hand_is_not_undone_by_a_file_that_says_what_it_always_said(browser):
    taken(take_in(a_line(agency="Elm Primary")))
    ada = Person.objects.get(given_name="Adaeze")
    said = {"given_name": "Adaeze", "family_name": "Okafor", "email": ada.email}
    browser.post(f"/people/{ada.pk}/change/", said)
    taken(take_in(a_line(agency="Elm Primary"), at=NOW + timedelta(days=7)))
    ada.refresh_from_db()
    assert ada.family_name == "Okafor"


def test_a_last_day_is_recorded_with_its_reason(browser, school):
    colleague = employed(agency=school)
    spell = colleague.employments.get()
    page = browser.post(f"/people/posts/{spell.pk}/end/", {"end_date": "2026-11-20", "leaving_reason": "1"})
    assert page.status_code == 302
    known = EmploymentVersion.objects.current().get(identity=spell)
    assert (known.end_date, known.leaving_reason, known.recorded_at) == (date(2026, 11, 20), 1, NOW)
    assert spell.versions.count() == 2, "what was known before is still known as it was"


def test_a_last_day_before_the_first_is_refused(browser, school):
    spell = employed(agency=school).employments.get()
    page = browser.post(f"/people/posts/{spell.pk}/end/", {"end_date": "2001-01-01"})
    assert "before the first one" in page.content.decode()


@pytest.mark.parametrize("what", ["people/{person}/change/", "people/{person}/posts/add/", "people/posts/{spell}/end/"])
def test_people_and_posts_of_another_agency_are_not_there(browser, what):
    stranger = employed(agency=AgencyFactory())
    path = "/" + what.format(person=stranger.pk, spell=stranger.employments.get().pk)
    assert (browser.get(path).status_code, browser.post(path, {}).status_code) == (404, 404)


def test_a_post_at_another_agency_of_somebody_one_keeps_is_not_ended_and_not_shown(browser, school):
    colleague = employed(agency=school)
    elsewhere = employ(colleague, agency=AgencyFactory(name="Riverbank"), employee_number="R")
    assert browser.get(f"/people/posts/{elsewhere.pk}/end/").status_code == 404
    assert "Riverbank" not in browser.get(f"/people/{colleague.pk}/").content.decode()


def test_a_manager_sees_the_person_and_changes_nothing(as_person):
    manager = employed()
    below = employed(agency=manager.employments.get().agency, manager=manager)
    browser = as_person(manager)
    page = browser.get(f"/people/{below.pk}/").content.decode()
    assert below.name in page
    assert "Change name or address" not in page
    assert browser.get(f"/people/{below.pk}/change/").status_code == 403


def test_a_persons_page_takes_as_many_queries_for_three_posts_as_for_one(browser, school):
    def queries(person: Person) -> int:
        with CaptureQueriesContext(connection) as seen:
            assert browser.get(f"/people/{person.pk}/").status_code == 200
        return len(seen)

    one, three = employed(agency=school), employed(agency=school)
    for number in ("a", "b"):
        employ(three, agency=school, employee_number=number, job_role=JobRoleFactory())
    assert queries(one) == queries(three)


# --- Coordinators of teams ----------------------------------------------------------------------------------------


def test_a_coordinator_of_a_team_keeps_those_in_it_and_in_teams_below(school, as_person):
    top = TeamFactory(agency=school, name="Families")
    below = Team.objects.create(agency=school, parent=top, name="Red")
    beside = TeamFactory(agency=school, name="Adults")
    inside, deep, outside = (employed(agency=school, team=team) for team in (top, below, beside))
    spoke = granted(employed(agency=school), AccessRole.COORDINATOR, agency=school, team=top)
    assert set(Person.objects.kept_by(spoke, TODAY)) == {inside, deep}
    assert outside not in Person.objects.visible_to(spoke, TODAY)
    browser = as_person(spoke)
    assert browser.get("/people/import/").context["form"].fields["agency"].choices == [("", "Choose")]
    page = browser.post("/people/add/", ivo(school, team=beside.pk))
    assert page.status_code == 200
    assert browser.post("/people/add/", ivo(school)).status_code == 200, "a team must be named"
    assert browser.post("/people/add/", ivo(school, team=below.pk)).status_code == 302


# --- Finding ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", ["ada", "thorn", "THORN ada", "okaf", "sw12", "0017", "adaeze.th", "Adaéze"])
def test_people_are_found_by_first_letters_former_name_address_and_number(words):
    taken(take_in(a_line(family_name="Okafor", swe_number="SW12", recorded_on="2020-01-01"), a_line()))
    employed()
    assert [person.given_name for person in Person.objects.matching(words)] == ["Adaeze"]


@pytest.mark.parametrize("words", ["adaeze.thornhill@larkshire.example", "adaeze.thornhill@lark", "adaeze.thornhill@"])
def test_people_are_found_by_their_address_as_far_as_it_is_typed(words):
    taken(take_in(a_line(), a_line(employee_number="0018", email="adaeze.thornhill2@larkshire.example")))
    assert [person.email for person in Person.objects.matching(words)] == ["adaeze.thornhill@larkshire.example"]


def test_the_index_is_not_asked_for_what_everybodys_address_ends_in():
    search = str(Person.objects.matching("ada@larkshire.example").query)
    assert "LIKE % ada%" in search
    assert "STRPOS" in search


@pytest.mark.parametrize("words", ["daeze", "hill", "ada xyz", "%", "_", "adaeze.thornhill@elsewhere.example", "@lark"])
def test_nobody_is_found_by_other_letters(words):
    taken(take_in(a_line()))
    assert not Person.objects.matching(words).exists()


def test_a_search_does_not_read_every_record_for_the_letters(coordinator):
    with connection.cursor() as cursor:
        # The plan for many people, whatever the planner knows of the few there are.
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = off")
        plan = Person.objects.visible_to(coordinator, TODAY).matching("ada").explain()
    assert "people_by_beginnings_of_words" in plan


# --- Deputies -----------------------------------------------------------------------------------------------------


@pytest.fixture
def manager(school):
    return employed(agency=school)


def stand_in(manager: Person, deputy: Person, first: date, last: date) -> Deputy:
    return Deputy.objects.create(manager=manager, deputy=deputy, from_date=first, until=last, named_at=NOW)


@pytest.mark.parametrize(
    ("first", "last", "sees"),
    [(TODAY, TODAY, True), (YESTERDAY, TOMORROW, True), (TOMORROW, TOMORROW, False), (YESTERDAY, YESTERDAY, False)],
)
def test_a_deputy_sees_the_managers_people_from_the_first_day_until_the_last(manager, school, first, last, sees):
    below = employed(agency=school, manager=manager)
    deep = employed(agency=school, manager=below)
    deputy = employed(agency=school)
    stand_in(manager, deputy, first, last)
    assert ({below, deep} <= set(Person.objects.visible_to(deputy, TODAY))) == sees


def test_a_deputy_of_a_deputy_is_none(manager, school):
    below = employed(agency=school, manager=manager)
    first, second = employed(agency=school), employed(agency=school)
    stand_in(manager, first, TODAY, TODAY)
    stand_in(first, second, TODAY, TODAY)
    assert below not in Person.objects.visible_to(second, TODAY)


def test_a_deputy_who_has_left_sees_nobody(manager, school):
    below = employed(agency=school, manager=manager)
    gone = employed(agency=school, end_date=YESTERDAY)
    stand_in(manager, gone, TODAY, TODAY)
    assert below not in Person.objects.visible_to(gone, TODAY)


def test_a_manager_names_a_colleague_who_is_told_and_can_end_it(as_person, manager, school):
    employed(agency=school, manager=manager)
    colleague = employed(agency=school)
    browser = as_person(manager)
    said = {"deputy": colleague.email.upper(), "from_date": "2026-12-01", "until": "2026-12-11"}
    assert browser.post("/people/deputies/", said).status_code == 302
    named = Deputy.objects.get()
    assert (named.deputy, named.until) == (colleague, date(2026, 12, 11))
    assert OutboxMessage.objects.get(kind="partners.deputy_named").person == colleague
    browser.post(f"/people/deputies/{named.pk}/end/")
    assert not Deputy.objects.exists()


def test_what_a_deputy_did_begin_ends_yesterday(as_person, manager, school):
    employed(agency=school, manager=manager)
    named = stand_in(manager, employed(agency=school), YESTERDAY, TOMORROW)
    as_person(manager).post(f"/people/deputies/{named.pk}/end/")
    named.refresh_from_db()
    assert named.until == YESTERDAY


def test_nobody_from_another_agency_is_named_and_no_other_managers_deputy_ended(as_person, manager, school):
    employed(agency=school, manager=manager)
    outsider = employed(agency=AgencyFactory())
    said = {"deputy": outsider.email, "from_date": "2026-12-01", "until": "2026-12-11"}
    page = as_person(manager).post("/people/deputies/", said)
    assert "Nobody else who works at your agency" in page.content.decode()
    theirs = stand_in(outsider, employed(), TODAY, TODAY)
    assert as_person(manager).post(f"/people/deputies/{theirs.pk}/end/").status_code == 404


def test_a_spell_says_whom_it_names(school):
    person = actions.add(
        given_name="Ivo",
        family_name="Ash",
        email="",
        agency=school,
        team=None,
        job_role=None,
        employee_number="7",
        start_date=TODAY,
        by=employed(),
        at=NOW,
    )
    assert Employment.objects.get(person=person).employee_number == "7"
    assert not User.objects.filter(person=person).exists(), "nobody without an address has an account"
