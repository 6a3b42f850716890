"""Where a member stands on a day, and what a cohort's row counts."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from cohorts.models import Member, Outcome
from evaluation.stats.retention import FIGURES, CohortRow, Status, retention
from partners.models import Destination, LeavingReason, WorkerType
from tests.factories import AgencyFactory, PersonFactory, asye_cohort, employ, enrolled

pytestmark = pytest.mark.django_db
BEGAN = date(2018, 9, 3)
COMPLETED = date(2019, 9, 6)
AS_AT = date(2019, 10, 7)
DAY = timedelta(days=1)
POST = {"dfe_role": 5}
LEFT = {"leaving_reason": LeavingReason.RESIGNATION, "destination": Destination.AGENCY}


@pytest.fixture
def agency():
    return AgencyFactory()


def a_member(agency, *spells: dict, cohort=None, start: date = BEGAN, **facts) -> Member:
    """A member with these spells at the agency, each a start and what is said of it; one that runs if none is told."""
    person = PersonFactory()
    for spell in spells or ({"start": BEGAN},):
        employ(person, **{"agency": agency, **POST, **spell})
    return enrolled(cohort or asye_cohort(), person, agency, start=start, **facts)


def standing(member: Member, as_at: date = AS_AT, known_at: date = AS_AT):
    rows = retention(as_at, known_at).rows
    return next((s for row in rows for s in row.standings if s.member == member), None)


def row(as_at: date = AS_AT) -> CohortRow:
    return retention(as_at, as_at).overall


# --- Status -------------------------------------------------------------------------------------------------------

CASES = [
    ("still learning", {}, Status.ON_PROGRAMME),
    ("completed", {"completed_on": COMPLETED}, Status.COMPLETED),
    ("completed today", {"completed_on": AS_AT}, Status.COMPLETED),
    ("completes tomorrow", {"completed_on": AS_AT + DAY, "outcome": Outcome.PASS}, Status.ON_PROGRAMME),
    ("passed by the panel's day alone", {"outcome": Outcome.PASS, "outcome_on": COMPLETED}, Status.COMPLETED),
    ("panel tomorrow", {"outcome": Outcome.PASS, "outcome_on": AS_AT + DAY}, Status.ON_PROGRAMME),
    ("deferred", {"outcome": Outcome.DEFERRED, "outcome_on": COMPLETED}, Status.ON_PROGRAMME),
    ("failed", {"outcome": Outcome.FAIL, "outcome_on": COMPLETED}, Status.FAILED),
    ("fails tomorrow", {"outcome": Outcome.FAIL, "outcome_on": AS_AT + DAY}, Status.ON_PROGRAMME),
    ("withdrawn", {"outcome": Outcome.WITHDRAWN, "outcome_on": COMPLETED}, Status.LEFT_DURING),
    ("redeployed", {"outcome": Outcome.REDEPLOYED, "outcome_on": COMPLETED}, Status.REDEPLOYED),
    ("redeployed tomorrow", {"outcome": Outcome.REDEPLOYED, "outcome_on": AS_AT + DAY}, Status.ON_PROGRAMME),
    (
        "redeployed after completing",
        {"completed_on": COMPLETED, "outcome": Outcome.REDEPLOYED, "outcome_on": AS_AT},
        Status.COMPLETED,
    ),
]


@pytest.mark.parametrize(("facts", "status"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_member_stands_where_the_facts_of_the_day_put_them(agency, facts, status):
    assert standing(a_member(agency, **facts)).status == status


def test_someone_who_has_not_begun_is_not_counted(agency):
    member = a_member(agency, start=AS_AT + DAY)
    assert standing(member) is None
    assert standing(member, as_at=AS_AT + DAY).status == Status.ON_PROGRAMME


def test_someone_who_leaves_before_completing_left_during(agency):
    found = standing(a_member(agency, {"start": BEGAN, "end_date": COMPLETED, **LEFT}))
    assert (found.status, found.has_left) == (Status.LEFT_DURING, True)
    assert (found.reason, found.destination) == (LeavingReason.RESIGNATION, Destination.AGENCY)


def test_someone_who_leaves_after_completing_left_after(agency):
    found = standing(a_member(agency, {"start": BEGAN, "end_date": AS_AT, **LEFT}, completed_on=COMPLETED))
    assert (found.status, found.in_post, found.has_left) == (Status.COMPLETED, False, True)


def test_a_deferred_member_who_leaves_has_left_during(agency):
    spell = {"start": BEGAN, "end_date": COMPLETED}
    member = a_member(agency, spell, outcome=Outcome.DEFERRED, outcome_on=BEGAN + DAY)
    assert standing(member).status == Status.LEFT_DURING


def test_a_post_that_ended_before_the_programme_began_is_no_departure_from_it(agency):
    """Someone who was there before, and whose new post starts a week after the programme."""
    before = {"start": date(2016, 1, 4), "end_date": date(2016, 12, 30), **LEFT}
    member = a_member(agency, before, {"start": BEGAN + 7 * DAY})
    assert standing(member, as_at=BEGAN).status == Status.ON_PROGRAMME


# --- In post ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("end", "in_post"), [(AS_AT - DAY, False), (AS_AT, False), (AS_AT + DAY, True), (None, True)])
def test_the_last_day_worked_is_not_in_post(agency, end, in_post):
    assert standing(a_member(agency, {"start": BEGAN, "end_date": end}, completed_on=COMPLETED)).in_post == in_post


@pytest.mark.parametrize(("gap", "in_post"), [(0, True), (1, True), (2, False)])
def test_spells_are_unbroken_when_one_starts_by_the_day_after_the_other_ends(agency, gap, in_post):
    spells = {"start": BEGAN, "end_date": AS_AT}, {"start": AS_AT + gap * DAY, "employee_number": "next"}
    member = a_member(agency, *spells, completed_on=COMPLETED)
    assert standing(member).in_post == in_post
    assert standing(member, as_at=AS_AT + 2 * DAY, known_at=AS_AT + 2 * DAY).in_post


def test_unbroken_spells_in_two_agencies_are_a_departure(agency):
    member = a_member(agency, {"start": BEGAN, "end_date": AS_AT}, completed_on=COMPLETED)
    employ(member.person, agency=AgencyFactory(), start=AS_AT + DAY, **POST)
    assert not standing(member).in_post


def test_someone_who_came_back_is_in_post_and_no_leaver(agency):
    gone, back = COMPLETED + DAY, AS_AT - 5 * DAY
    member = a_member(agency, {"start": BEGAN, "end_date": gone, **LEFT}, {"start": back}, completed_on=COMPLETED)
    assert standing(member, as_at=back - DAY).has_left
    assert standing(member).in_post
    assert not standing(member).has_left


def test_someone_who_came_back_during_the_programme_is_on_it_again(agency):
    member = a_member(agency, {"start": BEGAN, "end_date": BEGAN + 30 * DAY}, {"start": BEGAN + 60 * DAY})
    assert standing(member, as_at=BEGAN + 45 * DAY).status == Status.LEFT_DURING
    assert standing(member).status == Status.ON_PROGRAMME


def test_the_reason_is_that_of_the_last_departure(agency):
    first = {"start": BEGAN, "end_date": COMPLETED + DAY, "leaving_reason": LeavingReason.DISMISSED}
    second = {"start": COMPLETED + 9 * DAY, "end_date": AS_AT, **LEFT}
    assert standing(a_member(agency, second, first, completed_on=COMPLETED)).reason == LeavingReason.RESIGNATION


def test_a_post_in_another_agency_is_not_in_post_here(agency):
    member = a_member(agency, {"start": BEGAN, "end_date": COMPLETED + DAY}, completed_on=COMPLETED)
    employ(member.person, agency=AgencyFactory(), start=COMPLETED + DAY, **POST)
    assert not standing(member).in_post


@pytest.mark.parametrize("facts", [{"dfe_role": None}, {"worker_type": WorkerType.AGENCY}])
def test_other_posts_and_agency_work_are_not_in_post(agency, facts):
    spells = {"start": BEGAN, "end_date": COMPLETED + DAY}, {"start": COMPLETED + 2 * DAY, **facts}
    assert not standing(a_member(agency, *spells, completed_on=COMPLETED)).in_post


def test_two_posts_at_once_are_one_head_and_leaving_one_is_not_leaving(agency):
    spells = {"start": BEGAN, "end_date": COMPLETED + DAY}, {"start": BEGAN, "employee_number": "second"}
    a_member(agency, *spells, completed_on=COMPLETED)
    assert row().count("in_post") == row().count("intake") == 1


def test_a_leaver_of_whom_nothing_was_said_left_for_reasons_not_known(agency):
    a_member(agency, {"start": BEGAN, "end_date": AS_AT}, completed_on=COMPLETED)
    assert row().reasons == {LeavingReason.NOT_KNOWN: 1}
    assert row().destinations == {Destination.NOT_KNOWN: 1}


def test_a_withdrawn_spell_and_a_withdrawn_membership_count_for_nothing(agency):
    member = a_member(agency, {"start": BEGAN, "retracted": True}, completed_on=COMPLETED)
    assert not standing(member).in_post
    assert standing(a_member(agency, retracted=True, cohort=member.cohort)) is None


def test_what_is_recorded_after_the_known_day_is_not_counted(agency):
    told = datetime(2019, 11, 18, tzinfo=UTC)
    member = a_member(agency, completed_on=COMPLETED, recorded_at=told)
    assert standing(member, known_at=told.date() - DAY) is None
    assert standing(member, known_at=told.date()).status == Status.COMPLETED


# --- Rows ---------------------------------------------------------------------------------------------------------


def test_nobody_is_an_empty_table_with_nothing_to_divide(db):
    found = retention(AS_AT, AS_AT)
    assert found.rows == []
    assert set(found.overall.counts.values()) == {0}
    assert found.overall.in_post_of_completed.percent is None


def test_a_share_of_the_intake_waits_until_nobody_is_on_the_programme(agency):
    cohort = asye_cohort()
    a_member(agency, cohort=cohort, completed_on=COMPLETED)
    a_member(agency, cohort=cohort, completed_on=AS_AT + DAY)
    assert row().in_post_of_intake.percent is None
    assert row().in_post_of_completed.percent == 100
    assert row(AS_AT + DAY).in_post_of_intake.percent == 100


def test_overall_shares_are_of_everyone_and_not_a_mean_of_cohorts(agency):
    small, large = asye_cohort("Small"), asye_cohort("Large")
    a_member(agency, cohort=small, completed_on=COMPLETED)
    for _ in range(3):
        a_member(agency, {"start": BEGAN, "end_date": AS_AT}, cohort=large, completed_on=COMPLETED)
    share = retention(AS_AT, AS_AT).overall.in_post_of_completed
    assert (share.part, share.whole, share.percent) == (1, 4, 25)


def test_supported_are_all_who_are_no_longer_on_the_programme(agency):
    cohort = asye_cohort()
    for _, facts, _ in CASES:
        a_member(agency, cohort=cohort, **facts)
    a_member(agency, {"start": BEGAN, "end_date": COMPLETED}, cohort=cohort)
    counts = row().counts
    ends = ("completed", "left_during", "redeployed", "failed")
    assert counts["supported"] == sum(counts[end] for end in ends) == counts["intake"] - counts["on_programme"]
    assert counts["left_during"] == sum(status == Status.LEFT_DURING for *_, status in CASES) + 1


@pytest.mark.parametrize(
    ("start", "end", "period"),
    [
        (date(2016, 9, 5), date(2017, 9, 8), "2016–17"),
        (date(2017, 9, 4), date(2019, 1, 18), "2017–19"),
        (date(2017, 1, 9), date(2017, 12, 22), "2017"),
        (date(2017, 9, 4), None, "2017–18"),
    ],
)
def test_a_period_runs_from_the_first_start_to_the_last_completion_real_or_expected(agency, start, end, period):
    cohort = asye_cohort()
    a_member(agency, {"start": start}, cohort=cohort, start=start, completed_on=end)
    a_member(agency, {"start": start, "end_date": start + DAY}, cohort=cohort, start=start)
    assert row().period == period


def test_rows_stand_in_the_order_in_which_cohorts_began(agency):
    for name, start in [("A", BEGAN + 30 * DAY), ("B", BEGAN)]:
        a_member(agency, cohort=asye_cohort(name), start=start)
    assert [found.cohort.name for found in retention(AS_AT, AS_AT).rows] == ["B", "A"]


def test_a_table_of_three_cohorts_asks_as_many_questions_as_one_of_one(agency):
    asked = []
    for n in range(3):
        a_member(agency, cohort=asye_cohort(f"Cohort {n}"))
        with CaptureQueriesContext(connection) as queries:
            assert all(found.period and found.counts for found in retention(AS_AT, AS_AT).rows)
        asked.append(len(queries))
    assert len(set(asked)) == 1


OFFSETS = st.one_of(st.none(), st.integers(0, 500))


@st.composite
def lives(draw) -> dict:
    end, completed, outcome_on = draw(OFFSETS), draw(OFFSETS), draw(OFFSETS)
    day = lambda offset: None if offset is None else BEGAN + offset * DAY  # noqa: E731
    outcome = draw(st.sampled_from(["", *Outcome.values])) if outcome_on is not None else ""
    facts = {"completed_on": day(completed), "outcome": outcome, "outcome_on": day(outcome_on) if outcome else None}
    return {"spell": {"start": BEGAN, "end_date": day(end)}, "facts": facts}


class AnyCohort(TestCase):
    @settings(max_examples=30, deadline=None)
    @given(st.lists(lives(), max_size=5), st.integers(0, 600))
    def test_adds_up_on_any_day(self, members, days):
        """Each member stands in exactly one place, and the sums of the published table hold."""
        agency, cohort = AgencyFactory(), asye_cohort()
        for life in members:
            a_member(agency, life["spell"], cohort=cohort, **life["facts"])
        counts = row(BEGAN + days * DAY).counts
        parts = ("on_programme", "completed", "left_during", "redeployed", "failed")
        assert counts["intake"] == len(members) == sum(counts[part] for part in parts)
        assert counts["completed"] == counts["in_post"] + counts["left_after"]
        assert counts["left"] == counts["left_during"] + counts["left_after"]
        assert set(counts) == set(FIGURES)


# --- Someone whose post was never a children's social work post ---------------------------------------------------


def test_someone_with_no_social_work_post_has_left_when_their_only_job_ended(agency):
    member = a_member(agency, {"start": BEGAN, "dfe_role": None, "end_date": date(2019, 6, 28), **LEFT})
    found = standing(member)
    assert (found.status, found.reason, found.destination) == (
        Status.LEFT_DURING,
        LeavingReason.RESIGNATION,
        Destination.AGENCY,
    )


def test_someone_with_no_social_work_post_stays_on_the_programme_while_they_have_a_job(agency):
    earlier = {"start": date(2017, 1, 2), "dfe_role": None, "end_date": date(2018, 10, 1)}
    member = a_member(agency, earlier, {"start": date(2018, 10, 2), "dfe_role": None})
    assert standing(member).status == Status.ON_PROGRAMME
