"""Upgrades, and going back from one: with rows in the tables, as on the day when it matters."""

import pytest
from django.core.management import call_command

from academy.lib import registry
from cohorts.models import Cohort, Member, Programme
from courses.models import Achievement, Booking
from evaluation.models import Answer, FollowUp, Question
from partners.models import EmploymentVersion, Person
from tests.evaluation.asking import answer, sent
from tests.factories import TODAY, AgencyFactory, asye_cohort, booked, employed, enrolled, planned_run

FIRST = {"evaluation": "0001", "cohorts": "0001", "courses": "0001", "partners": "0001"}
KEPT = (Person, EmploymentVersion, Booking, Achievement, FollowUp, Answer, Question, Programme, Cohort, Member)


def rows() -> dict[str, list]:
    return {model.__name__: list(model.objects.order_by("pk").values_list("pk", flat=True)) for model in KEPT}


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("reseed")
def test_every_migration_can_be_taken_back_and_made_again_without_losing_a_row_of_what_people_did():
    agency = AgencyFactory()
    enrolled(asye_cohort(), employed(agency=agency), agency, start=TODAY)
    booked(planned_run())
    answer(sent())
    before = rows()
    assert all(before.values())
    for app, name in FIRST.items():
        call_command("migrate", app, name, verbosity=0)
    call_command("migrate", verbosity=0)
    assert rows() == before
    assert registry.broken_invariants() == []
