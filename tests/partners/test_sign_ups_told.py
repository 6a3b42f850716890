"""Whoever is to answer people who ask to be added hears of it by e-mail, seldom, and without a name."""

from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from partners import outbox
from partners.actions import sign_ups as actions
from partners.models import Grant, OutboxMessage, Person
from partners.permissions import AccessRole
from tests.factories import NOW, AgencyFactory, TeamFactory, asking, employed, granted, holding

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def school():
    return AgencyFactory(name="Elm Primary", domains=["elm.example"])


@pytest.fixture
def coordinator(school):
    return holding(AccessRole.COORDINATOR, agency=school, scoped=True)


def a_tick(at=NOW) -> list[tuple[str, str]]:
    """(address, subject) of what goes out."""
    mail.outbox.clear()
    actions.tell(at)
    outbox.send_due(at)
    return [(message.to[0], message.subject) for message in mail.outbox]


def test_the_agencys_coordinators_hear_of_it_and_no_others(school, coordinator):
    holding(AccessRole.COORDINATOR, scoped=True)
    holding(AccessRole.LEAD)
    asking(school)
    assert a_tick() == [(coordinator.email, "1 person waits to be added")]


def test_the_mail_says_how_many_and_where_and_nothing_of_who(school, coordinator):
    for n in range(3):
        asking(school, email=f"p{n}@elm.example", job="Caretaker", employee_number="E-77")
    [(_, subject)] = a_tick()
    body = mail.outbox[0].body
    assert subject == "3 people wait to be added"
    assert "3 people wait" in body
    assert "/people/asking/" in body
    for word in ("Ines", "Larch", "elm.example", "Caretaker", "E-77", "Elm Primary"):
        assert word not in subject + body.replace(coordinator.email, "")


def test_however_many_ask_it_is_one_mail_a_day_and_the_others_are_in_the_next(school, coordinator):
    asking(school)
    assert len(a_tick()) == 1
    asking(school, email="bo@elm.example", asked_at=NOW + timedelta(minutes=1))
    assert a_tick(NOW + timedelta(minutes=2)) == []
    assert a_tick(NOW + DAY) == [(coordinator.email, "2 people wait to be added")]
    assert a_tick(NOW + 2 * DAY) == [], "nobody new has asked"


def test_leads_hear_of_it_where_nobody_coordinates_and_of_those_alone(school):
    lead = holding(AccessRole.LEAD)
    other = AgencyFactory(domains=["oak.example"])
    coordinator = holding(AccessRole.COORDINATOR, agency=other, scoped=True)
    asking(school)
    asking(other, email="bo@oak.example")
    assert set(a_tick()) == {
        (lead.email, "1 person waits to be added"),
        (coordinator.email, "1 person waits to be added"),
    }


def test_a_teams_coordinator_hears_of_that_team_alone(school):
    team = TeamFactory(agency=school)
    of_team = granted(employed(agency=school), AccessRole.COORDINATOR, agency=school, team=team)
    asking(school, team=TeamFactory(agency=school))
    assert a_tick() == []
    asking(school, email="bo@elm.example", team=team)
    assert a_tick() == [(of_team.email, "1 person waits to be added")]


def test_nothing_is_sent_where_they_were_answered_meanwhile(school, coordinator):
    ines = asking(school)
    actions.tell(NOW)
    actions.decline(sign_up=ines, reason="Not here", by=coordinator, at=NOW)
    outbox.send_due(NOW)
    assert coordinator.email not in [message.to[0] for message in mail.outbox]
    assert OutboxMessage.objects.get(kind="partners.sign_ups_waiting").note == "nobody waits any more"


def test_nothing_is_sent_to_somebody_who_is_no_coordinator_any_more(school, coordinator):
    asking(school)
    actions.tell(NOW)
    Grant.objects.filter(person=coordinator).update(to_date=NOW.date())
    outbox.send_due(NOW)
    assert mail.outbox == []


def test_a_lead_who_also_coordinates_gets_one_mail(school, coordinator):
    granted(coordinator, AccessRole.LEAD)
    asking(school)
    asking(AgencyFactory(domains=["oak.example"]), email="bo@oak.example")
    assert a_tick() == [(coordinator.email, "2 people wait to be added")]


def test_where_nothing_is_new_a_tick_costs_as_little_for_three_coordinators_as_for_one(school, coordinator):
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert actions.tell(NOW) == {}
        return len(captured)

    asking(school)
    a_tick()
    one = queries()
    for _ in range(2):
        holding(AccessRole.COORDINATOR, agency=school, scoped=True)
    a_tick()
    assert queries() == one <= 4
    Person.objects.filter(pk=coordinator.pk).update(email="")
    assert queries() == one
