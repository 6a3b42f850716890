"""The demo academy: what a newcomer finds, and that it is made by the rules."""

from collections import Counter
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone

from academy.demo.load import load
from academy.lib import clock, registry
from academy.lib.dates import london_day
from academy.tryout import clock as movable_clock
from academy.tryout.models import Guide, Letter
from courses.models import Booking, BookingQuestion, Course, Run
from evaluation.models import Answer, FollowUp
from evaluation.stats.retention import retention
from partners.importers import loads
from partners.models import Agency, Import, OutboxMessage, Person, Team
from partners.models.merges import possible_duplicates
from tests.factories import NOW, employed

pytestmark = pytest.mark.django_db

PUBLISHED = {
    # Durham County Council, 18 November 2019, table 1, in the order of COLUMNS
    "Cohort 1": (12, 0, 7, 5, 0, 0),
    "Cohort 2": (19, 0, 8, 5, 5, 1),
    "Cohort 3": (12, 0, 9, 2, 1, 0),
    "Cohort 4": (26, 25, 1, 0, 0, 0),
    "Cohort 5": (14, 14, 0, 0, 0, 0),
    "Cohort 6": (10, 10, 0, 0, 0, 0),
}
COLUMNS = ("intake", "on_programme", "in_post", "left_after", "left_during", "redeployed")


@pytest.fixture
def away(tmp_path, settings):
    """The try-out's clock file of this test alone."""
    settings.VAR_DIR = tmp_path


def contents() -> list:
    """What is in the academy, down to the answers."""
    return [
        list(Person.objects.order_by("name_key", "email").values_list("given_name", "family_name", "email")),
        list(Booking.objects.order_by("reference").values_list("reference", "state", "asked_at", "person__email")),
        sorted(Answer.objects.values_list("response__follow_up__person__email", "question__key", "text")),
        sorted(Letter.objects.values_list("to", "subject", "received_at")),
    ]


def loads_of(role: str) -> dict[str, int]:
    """How many files there are to see of whoever holds that access role, by how far they are."""
    return dict(Counter(Import.objects.filter(by__grants__access_role=role).values_list("state", flat=True)))


def test_the_demo_academy_is_a_whole_county_and_the_same_from_the_same_seed(away):
    with transaction.atomic():
        load(seed=7, at=NOW)
        first = contents()
        transaction.set_rollback(True)
    load(seed=7, at=NOW + timedelta(hours=3))
    assert contents() == first

    assert 1400 < Person.objects.count() < 1600
    assert Agency.objects.count() == 12
    assert Team.objects.filter(children=None).count() >= 38
    assert Course.objects.count() == 31
    assert 0 < Run.objects.filter(state="completed", cost=None).count() < Run.objects.filter(cost__gt=0).count()
    assert set(BookingQuestion.objects.values_list("kind", flat=True)) == set(BookingQuestion.Kind.values)
    assert set(Run.objects.values_list("state", flat=True)) == set(Run.State.values)
    came_of = {"booked", "queued", "given_up", "left_queue", "no_place", "cancelled"}
    assert set(Booking.objects.values_list("state", flat=True)) >= came_of
    assert set(FollowUp.objects.values_list("state", flat=True)) >= set(FollowUp.State.values)
    assert not OutboxMessage.objects.exclude(state__in=["sent", "skipped"]).exists()
    assert registry.broken_invariants() == []

    assert loads_of("coordinator") == {"imported": 1, "checked": 1}
    assert loads_of("lead") == {"matching": 1}
    assert len(possible_duplicates(50)) == 3

    today = london_day(NOW)
    table = retention(today, today)
    assert {row.cohort.name: tuple(row.count(name) for name in COLUMNS) for row in table.rows} == PUBLISHED
    assert table.overall.in_post_of_completed.percent == 68

    done, waiting = (Import.objects.get(state=state) for state in ("imported", "checked"))
    assert (done.counts["people_new"], loads.why_not_undone(done, NOW)) == (2, "")
    assert loads.undecided(waiting) == ["wrong"]
    assert set(waiting.lines.values_list("verdict", flat=True)) == {"new", "wrong", "missing"}

    learner, trainer = (Guide.objects.get(what=what).person for what in ("Learner", "Trainer"))
    assert FollowUp.objects.open_to(learner).exists()
    assert Booking.objects.waiting_in_queue().filter(person=learner).exists()
    todos = registry.todos(trainer, registry.roles_of(trainer, today), today)
    assert next(line.text for line in todos).startswith("Take the register and close")


def test_the_demo_academy_is_never_put_on_top_of_real_people():
    employed()
    with pytest.raises(CommandError, match="already"):
        call_command("demo")
    call_command("demo", if_empty=True)
    assert Person.objects.count() == 1


def test_the_demo_academy_is_for_the_try_out_alone(settings):
    settings.TRY_OUT = False
    with pytest.raises(CommandError, match="try-out alone"):
        call_command("demo")


def test_the_demo_academy_plays_today_even_where_an_earlier_one_was_moved_on(away, settings, monkeypatch):
    (settings.VAR_DIR / "clock").write_text(str(90 * 24 * 3600))
    played = []
    monkeypatch.setattr("academy.demo.load.load", lambda *, seed, at: played.append(at))
    clock.use(movable_clock.moved_on)
    call_command("demo")
    assert abs(played[0] - timezone.now()) < timedelta(minutes=5)
