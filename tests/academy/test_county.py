"""A county in small: what the database makes keeps every invariant, and is the same from the same numbers."""

from collections import Counter

import pytest
from django.db import transaction

from academy.demo import county, training
from academy.demo.world import AGENCIES
from academy.lib import registry
from courses.models import Achievement, Attendance, Booking, Charge, Course, Interest, Run
from courses.stats.attendance import Asked, attendance
from evaluation.models import FollowUp
from partners.models import Agency, Employment, Person, Team, User
from tests.factories import NOW, TODAY

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def small(monkeypatch) -> None:
    for name, number in {"PEOPLE": 3_000, "RUNS": 100, "INTERESTS": 50, "TRAINERS": 12}.items():
        monkeypatch.setattr(county, name, number)
    monkeypatch.setattr(county, "WORDS", county.WORDS[:3])
    for plan in AGENCIES:
        Agency.objects.create(name=plan.name, kind=plan.kind)
    training.courses()


def test_it_keeps_every_invariant():
    county.grow(NOW)
    assert registry.broken_invariants() == []


def test_there_is_something_of_everything():
    made = county.grow(NOW)
    assert made["bookings"] == Booking.objects.count() > 4_000
    states = set(Booking.objects.values_list("state", flat=True))
    assert states >= {"booked", "given_up", "no_place", "cancelled", "queued"}
    assert set(Run.objects.values_list("state", flat=True)) == {"completed", "published", "cancelled"}
    for model in (Achievement, Attendance, Charge, Interest, FollowUp, Employment, User, Team):
        assert model.objects.exists(), model
    assert Course.objects.exclude(next_start=None).exists()


def test_every_key_that_was_not_looked_up_points_at_a_row():
    county.grow(NOW)
    for model in (Booking, Attendance, Achievement, Charge, Interest, FollowUp, Employment, User):
        for field in model._meta.concrete_fields:
            if field.is_relation:
                there = field.remote_field.model.objects.values("pk")
                pointing = model.objects.exclude(**{field.name: None})
                assert not pointing.exclude(**{f"{field.attname}__in": there}).exists(), field


def test_nothing_is_left_for_the_tick_to_ask_of_years_past():
    county.grow(NOW)
    assert not FollowUp.objects.due(NOW).exists()
    assert not Achievement.objects.filter(follow_ups=None).exists()
    assert not Achievement.objects.filter(certificate=None).exists()


def test_its_people_are_found_by_name_and_can_be_signed_in():
    county.grow(NOW)
    someone = Person.objects.filter(email__endswith="@county.example").latest("pk")
    assert someone in Person.objects.matching(f"{someone.given_name} {someone.family_name}")
    assert not someone.user.has_usable_password()


def test_the_same_numbers_give_the_same_county():
    told = []
    for _ in range(2):
        with transaction.atomic():
            county.grow(NOW)
            names = list(Person.objects.order_by("pk").values_list("given_name", "family_name", "email"))
            runs = list(Run.objects.order_by("pk").values_list("starts_at", "capacity", "state"))
            bookings = Counter(Booking.objects.values_list("reference", "state"))
            told.append((names, runs, bookings))
            transaction.set_rollback(True)
    assert told[0] == told[1]


def test_its_report_adds_up():
    county.grow(NOW)
    row = attendance(Asked(None, TODAY, NOW)).total
    away = sum(map(row.count, ("in_time", "late", "no_show", "not_marked")))
    assert row.count("attended") == row.count("booked") - away + row.count("walk_in") > 3_000
    assert row.count("not_marked") == 0
