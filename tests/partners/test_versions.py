"""Facts dated twice: what is known later never changes what was known before."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from academy.lib.dates import LONDON
from partners.models import Employment, EmploymentVersion
from partners.models.versions import mark_current
from tests.factories import PersonFactory, employ

pytestmark = pytest.mark.django_db
SOME = settings(max_examples=50, deadline=None)
FIRST = date(2026, 6, 1)


@dataclass(frozen=True)
class Said:
    """One statement of a random history."""

    spell: int
    recorded_at: datetime
    end_date: date | None
    retracted: bool


@st.composite
def said(draw) -> Said:
    """Moments fall on few days and near midnight, so that ties and day's ends are common."""
    day = FIRST + timedelta(days=draw(st.integers(0, 5)))
    at = draw(st.sampled_from([time(0), time(0, 0, 1), time(9), time(22, 59), time(23, 0), time(23, 59, 59, 999999)]))
    return Said(
        spell=draw(st.integers(0, 2)),
        recorded_at=datetime.combine(day, at, UTC),
        end_date=draw(st.sampled_from([None, FIRST, FIRST + timedelta(days=90)])),
        retracted=draw(st.integers(0, 3)) == 0,
    )


HISTORIES = st.lists(said(), max_size=10)


def written(history: list[Said], spells: list[Employment]) -> None:
    for item in history:
        EmploymentVersion.objects.create(
            identity=spells[item.spell],
            recorded_at=item.recorded_at,
            end_date=item.end_date,
            retracted=item.retracted,
            source="a test",
            is_current=False,
        )
    mark_current(EmploymentVersion, [spell.pk for spell in spells])


def naively_known(history: list[Said], day: date) -> dict[int, date | None]:
    """What someone would know at the end of that London day who wrote each statement over the one before."""
    known: dict[int, Said] = {}
    for item in sorted(history, key=lambda item: item.recorded_at):
        if item.recorded_at.astimezone(LONDON).date() <= day:
            known[item.spell] = item
    return {spell: item.end_date for spell, item in known.items() if not item.retracted}


def known(spells: list[Employment], day: date) -> dict[int, date | None]:
    place = {spell.pk: index for index, spell in enumerate(spells)}
    return {place[v.identity_id]: v.end_date for v in EmploymentVersion.objects.known_at(day)}


def three_spells() -> list[Employment]:
    spells = [employ(PersonFactory()) for _ in range(3)]
    EmploymentVersion.objects.all().delete()
    return spells


DAYS = [FIRST + timedelta(days=n) for n in range(-1, 8)]


class Histories(TestCase):
    @SOME
    @given(HISTORIES)
    def test_what_was_known_at_each_day_is_what_a_naive_reader_knew(self, history):
        spells = three_spells()
        written(history, spells)
        for day in DAYS:
            assert known(spells, day) == naively_known(history, day)

    @SOME
    @given(HISTORIES)
    def test_what_is_known_now_is_what_is_known_at_the_end(self, history):
        spells = three_spells()
        written(history, spells)
        now = {version.pk for version in EmploymentVersion.objects.current()}
        assert now == {version.pk for version in EmploymentVersion.objects.known_at(DAYS[-1])}

    @SOME
    @given(HISTORIES, said())
    def test_a_correction_changes_nothing_of_what_was_known_the_day_before(self, history, correction):
        spells = three_spells()
        written(history, spells)
        earlier = [day for day in DAYS if day < correction.recorded_at.astimezone(LONDON).date()]
        before = [known(spells, day) for day in earlier]
        written([correction], spells)
        assert [known(spells, day) for day in earlier] == before


def test_a_statement_of_the_last_minute_of_a_summer_day_is_known_that_day():
    """23:30 in London is 22:30 in UTC; half an hour into the next London day is still the same day in UTC."""
    spell = employ(PersonFactory(), recorded_at=datetime(2026, 7, 1, 22, 30, tzinfo=UTC))
    other = employ(PersonFactory(), recorded_at=datetime(2026, 7, 1, 23, 30, tzinfo=UTC))
    assert {v.identity for v in EmploymentVersion.objects.known_at(date(2026, 7, 1))} == {spell}
    assert {v.identity for v in EmploymentVersion.objects.known_at(date(2026, 7, 2))} == {spell, other}
