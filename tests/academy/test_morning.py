"""What coordinators and administrators find in the morning of people, and of how the academy runs."""

from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator

from partners.models import Grant, OutboxMessage, Person, Work
from tests.factories import NOW, TODAY, AgencyFactory, booked, employ, employed, granted, holding, planned_run
from tests.morning import owed, said, section

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
PEOPLE = "Your organisation’s people"


@pytest.fixture
def coordinator(db):
    return holding("coordinator", scoped=True)


@pytest.fixture
def trust(coordinator):
    return coordinator.employments.get().agency


def silent(agency) -> Person:
    person = employed(agency=agency)
    Person.objects.filter(pk=person.pk).update(email="")
    return person


def test_a_coordinator_sees_who_is_on_training_hears_nothing_or_leaves_and_each_line_opens_those(
    as_person, coordinator, trust
):
    ann, bob = employed(agency=trust), employed(agency=trust)
    booked(planned_run(starts_at=NOW + 6 * DAY), ann)
    booked(planned_run(starts_at=NOW - DAY, sessions=2), bob)
    booked(planned_run(starts_at=NOW + 7 * DAY), employed(agency=trust))
    mute = silent(trust)
    silent(AgencyFactory())
    leaver = employed(agency=trust, end_date=TODAY + 30 * DAY)
    employed(agency=trust, end_date=TODAY + 31 * DAY)
    found = section(coordinator, PEOPLE)
    assert said(found) == [
        "2 people on training in the next 7 days",
        "1 person without an e-mail address | They hear nothing from the academy",
        "1 person with their last day in the next 30 days",
    ]
    browser = as_person(coordinator)
    opened = [{person for person, _, _ in browser.get(line.url).context["rows"]} for line in found.lines]
    assert opened == [{ann, bob}, {mute}, {leaver}]


def test_a_coordinator_does_not_learn_that_somebody_leaves_a_job_elsewhere(as_person, coordinator, trust):
    employ(employed(agency=trust), end_date=TODAY + DAY)
    assert said(section(coordinator, PEOPLE)) == []
    assert as_person(coordinator).get("/people/?leaving=1").context["rows"] == []


def test_a_coordinator_of_whom_nobody_needs_a_look_is_told_so(coordinator, trust):
    employed(agency=trust)
    found = section(coordinator, PEOPLE)
    assert found.lines == []
    assert found.nothing.startswith("None of your people is on training in the next 7 days")


def test_a_search_among_some_of_the_people_stays_among_them(as_person, coordinator, trust):
    mute, other = silent(trust), employed(agency=trust)
    page = as_person(coordinator).get("/people/?no_address=1&q=example").content.decode()
    assert mute.name in page
    assert other.name not in page
    assert '<input type="hidden" name="no_address" value="1">' in page
    assert "without an e-mail address" in page


# --- Administrators ------------------------------------------------------------------------------------------------


@pytest.fixture
def administrator(db):
    person = holding("administrator")
    Authenticator.objects.create(user=person.user, type="totp", data={})
    return person


def message(key: str, **facts) -> OutboxMessage:
    person = Person.objects.first()
    return OutboxMessage.objects.create(
        kind="courses.place_booked", key=key, person=person, created_at=NOW, **({"due_at": NOW} | facts)
    )


def test_an_administrator_decides_about_messages_that_failed_or_are_in_doubt(as_person, administrator):
    message("sent", state="sent")
    assert owed(administrator) == []
    message("failed", state="failed")
    message("doubtful", state="doubtful")
    [line] = owed(administrator)
    assert line.text == "Decide about 2 messages that failed or may have arrived"
    page = as_person(administrator).get(line.url)
    assert len(page.context["page"].object_list) == 2
    assert 'id="undecided"' in page.content.decode()


def test_an_administrator_looks_at_work_that_ended_with_a_fault(as_person, administrator):
    Work.objects.create(what="Send messages", ran_at=NOW, seconds=1)
    assert owed(administrator) == []
    Work.objects.create(what="Send follow-ups", ran_at=NOW, seconds=1, fault="OperationalError")
    [line] = owed(administrator)
    assert line.text == "Look at 1 thing that runs by itself and ended with a fault"
    assert 'id="work"' in as_person(administrator).get(line.url).content.decode()


def test_an_administrator_starts_what_no_longer_looks_for_work(administrator):
    Work.objects.create(what="Send messages", ran_at=NOW - timedelta(minutes=6), seconds=1)
    assert [line.text for line in owed(administrator)] == ["Start the worker and the scheduler"]
    found = section(administrator, "How the academy is running")
    assert said(found) == ["Last looked for work 6 minutes ago | 0 messages wait to be sent | Late"]


def test_an_administrator_sees_that_work_is_looked_for_and_what_waits(administrator):
    Work.objects.create(what="Send messages", ran_at=NOW - timedelta(seconds=4), seconds=1)
    message("due", due_at=NOW - DAY)
    message("later", due_at=NOW + DAY)
    found = section(administrator, "How the academy is running")
    assert said(found) == ["Last looked for work 4 seconds ago | 1 message waits to be sent"]


def test_an_administrator_is_told_where_nothing_ever_looked_for_work(administrator):
    assert said(section(administrator, "How the academy is running"))[0].startswith("Has never looked for work")


def test_an_administrator_sees_who_holds_an_access_role_without_a_second_factor(as_person, administrator):
    Work.objects.create(what="Send messages", ran_at=NOW, seconds=1)
    Authenticator.objects.create(user=holding("lead").user, type="webauthn", data={})
    only_codes = holding("director")
    Authenticator.objects.create(user=only_codes.user, type="recovery_codes", data={})
    granted(employed(), "director", to_date=TODAY)  # has ended
    line = section(administrator, "How the academy is running").lines[1]
    assert line.text == "1 access role of somebody without a second factor"
    to_come = employed()
    Grant.objects.create(person=to_come, access_role="lead", from_date=TODAY + DAY, reason="a test")
    line = section(administrator, "How the academy is running").lines[1]
    assert line.text == "2 access roles of people without a second factor"
    page = as_person(administrator).get(line.url)
    assert {grant.person for grant, _ in page.context["rows"]} == {only_codes, to_come}
