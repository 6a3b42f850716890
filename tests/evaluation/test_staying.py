"""How long members stay: for how long each was followed, whether they left, and the curves of cohorts."""

import csv
import io
import json
from datetime import UTC, date, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from academy.lib.figures import wilson
from academy.lib.survival import MONTH
from cohorts.models import Outcome
from evaluation.stats.retention import retention
from evaluation.stats.staying import CohortCurve, Moved, staying
from partners.models import LeavingReason, WorkerType
from tests.evaluation import durham
from tests.evaluation.test_retention import AS_AT, BEGAN, DAY, a_member
from tests.factories import AgencyFactory, asye_cohort, employ
from tests.partners.files import take_in, take_in_cohorts, taken

pytestmark = pytest.mark.django_db
LEFT_ON = BEGAN + 100 * DAY
MOVED = {"end_date": LEFT_ON, "leaving_reason": LeavingReason.MOVED_WITHIN}


@pytest.fixture
def agency():
    return AgencyFactory()


def overall(moved: Moved = Moved.LEFT, as_at: date = AS_AT, known_at: date = AS_AT) -> CohortCurve:
    return staying(retention(as_at, known_at))[moved].overall


def how_it_went(moved: Moved = Moved.LEFT, as_at: date = AS_AT, known_at: date = AS_AT) -> tuple[int, bool]:
    """The days for which the only member was followed, and whether they left then."""
    curve = overall(moved, as_at, known_at).curve
    return round(curve.end * MONTH), bool(curve.left)


# --- Leaving ------------------------------------------------------------------------------------------------------


def test_someone_in_post_was_followed_to_the_day_and_has_not_left(agency):
    a_member(agency)
    assert how_it_went() == ((AS_AT - BEGAN).days, False)


def test_a_leaver_was_followed_from_their_own_start_to_the_last_day_worked(agency):
    started = BEGAN + 20 * DAY
    a_member(agency, {"start": date(2016, 1, 4), "end_date": LEFT_ON}, start=started)
    assert how_it_went() == ((LEFT_ON - started).days, True)


@pytest.mark.parametrize(("as_at", "left"), [(LEFT_ON - DAY, False), (LEFT_ON, True), (LEFT_ON + DAY, True)])
def test_on_the_last_day_worked_one_has_left(agency, as_at, left):
    a_member(agency, {"start": BEGAN, "end_date": LEFT_ON})
    assert how_it_went(as_at=as_at) == ((min(as_at, LEFT_ON) - BEGAN).days, left)


@pytest.mark.parametrize(("gap", "left"), [(0, False), (1, False), (2, True)])
def test_a_break_is_a_day_without_a_job_and_counts_even_if_they_return(agency, gap, left):
    a_member(agency, {"start": BEGAN, "end_date": LEFT_ON}, {"start": LEFT_ON + gap * DAY, "employee_number": "next"})
    assert how_it_went() == (((LEFT_ON if left else AS_AT) - BEGAN).days, left)


def test_on_the_day_between_two_unbroken_spells_nobody_has_left(agency):
    a_member(agency, {"start": BEGAN, "end_date": LEFT_ON}, {"start": LEFT_ON + DAY, "employee_number": "next"})
    assert how_it_went(as_at=LEFT_ON) == (100, False)


def test_leaving_one_of_two_posts_is_not_leaving(agency):
    a_member(agency, {"start": BEGAN, "end_date": LEFT_ON}, {"start": BEGAN + DAY, "employee_number": "second"})
    assert how_it_went()[1] is False


def test_a_post_that_ended_before_their_first_day_is_no_departure(agency):
    a_member(agency, {"start": date(2016, 1, 4), "end_date": BEGAN - 9 * DAY}, {"start": BEGAN + 7 * DAY})
    assert how_it_went() == ((AS_AT - BEGAN).days, False)


def test_a_post_in_another_agency_or_as_an_agency_worker_is_a_departure(agency):
    member = a_member(
        agency, {"start": BEGAN, "end_date": LEFT_ON}, {"start": LEFT_ON, "worker_type": WorkerType.AGENCY}
    )
    employ(member.person, agency=AgencyFactory(), start=LEFT_ON, dfe_role=5)
    assert how_it_went(Moved.LEFT) == how_it_went(Moved.STAYED) == (100, True)


def test_withdrawing_from_the_programme_is_not_leaving_the_job(agency):
    a_member(agency, outcome=Outcome.WITHDRAWN, outcome_on=LEFT_ON)
    assert how_it_went()[1] is False


# --- Moving within the council ------------------------------------------------------------------------------------


def test_other_work_in_the_council_is_leaving_the_job_role_or_staying_by_the_reading(agency):
    a_member(agency, {"start": BEGAN, **MOVED}, {"start": LEFT_ON + DAY, "dfe_role": None, "employee_number": "next"})
    assert how_it_went(Moved.LEFT) == (100, True)
    assert how_it_went(Moved.STAYED) == ((AS_AT - BEGAN).days, False)


def test_the_redeployed_have_left_the_job_role_on_that_day_whatever_their_post(agency):
    a_member(agency, outcome=Outcome.REDEPLOYED, outcome_on=LEFT_ON)
    assert how_it_went(Moved.LEFT) == (100, True)
    assert how_it_went(Moved.STAYED) == ((AS_AT - BEGAN).days, False)
    assert how_it_went(Moved.LEFT, as_at=LEFT_ON - DAY) == (99, False)


def test_someone_who_moved_to_a_job_that_nobody_recorded_is_followed_until_the_move(agency):
    a_member(agency, {"start": BEGAN, **MOVED})
    assert how_it_went(Moved.LEFT) == (100, True)
    assert how_it_went(Moved.STAYED) == (100, False)


def test_someone_who_moved_within_the_council_and_left_later_has_left_then(agency):
    next_job = {"start": LEFT_ON + 3 * DAY, "dfe_role": None, "end_date": LEFT_ON + 50 * DAY, "employee_number": "next"}
    a_member(agency, {"start": BEGAN, **MOVED}, next_job, outcome=Outcome.REDEPLOYED, outcome_on=LEFT_ON)
    assert how_it_went(Moved.STAYED) == (150, True)


def test_someone_who_never_had_a_social_work_post_has_left_when_their_job_ended(agency):
    a_member(agency, {"start": BEGAN, "dfe_role": None, "end_date": LEFT_ON})
    assert how_it_went(Moved.LEFT) == how_it_went(Moved.STAYED) == (100, True)


# --- What is known ------------------------------------------------------------------------------------------------


def test_what_is_recorded_after_the_known_day_is_not_counted(agency):
    told = datetime(2019, 3, 1, tzinfo=UTC)
    a_member(agency, {"start": BEGAN, "end_date": LEFT_ON, "recorded_at": told})
    assert overall(known_at=told.date() - DAY).unknown == 1
    assert how_it_went(known_at=told.date()) == (100, True)


def test_a_member_without_a_known_job_is_left_out_and_counted(agency):
    a_member(agency, {"start": BEGAN, "retracted": True})
    found = overall()
    assert (found.unknown, found.curve.people) == (1, 0)


@pytest.mark.parametrize("cohorts", [1, 3])
def test_one_more_question_than_the_cohort_table_however_many_cohorts(agency, cohorts):
    for n in range(cohorts):
        a_member(agency, cohort=asye_cohort(f"Cohort {n}"))
    found = retention(AS_AT, AS_AT)
    with CaptureQueriesContext(connection) as queries:
        assert len(staying(found)[Moved.LEFT].rows) == cohorts
    assert len(queries) == 1


# --- Published figures --------------------------------------------------------------------------------------------


@pytest.fixture
def first_loads() -> None:
    taken(take_in(*durham.people()))
    taken(take_in_cohorts(*durham.members()))


def test_where_a_whole_cohort_has_been_followed_its_curve_ends_at_the_published_share_of_the_intake(first_loads):
    """Durham: 58, 42 and 75% of the intake in post; of cohort 2 one more was redeployed and is with the council."""
    found = staying(retention(durham.AS_AT, durham.AS_AT))
    ends = {moved: [row.curve.steps[-1].share for row in found[moved].rows[:3]] for moved in Moved}
    assert ends[Moved.LEFT] == pytest.approx([7 / 12, 8 / 19, 9 / 12])
    assert ends[Moved.STAYED] == pytest.approx([7 / 12, 9 / 19, 9 / 12])


def test_two_who_came_back_had_left_all_the_same(first_loads):
    """The curve asks for the first break, so the correction that put two of cohort 1 back in post leaves it alone."""
    taken(take_in(*durham.returned()))
    first = staying(retention(durham.AS_AT, durham.CORRECTED_ON))[Moved.LEFT].rows[0]
    assert first.curve.steps[-1].share == pytest.approx(7 / 12)


def test_an_intake_that_has_all_gone_falls_to_nought_with_a_drop_at_two_years(agency):
    """Surrey's paper of 7 September 2018: 23 began in 2013 and all had gone by 2016. The days are invented."""
    began = date(2013, 9, 2)
    months = [8, 11, 13, 15, 17, 19, 20, *[24] * 11, 26, 27, 28, 30, 31]
    cohort = asye_cohort()
    for n in months:
        spell = {"start": began, "end_date": began + timedelta(days=round(n * MONTH) + 5)}
        a_member(agency, spell, cohort=cohort, start=began)
    curve = overall(as_at=date(2018, 9, 7), known_at=date(2018, 9, 7)).curve
    assert curve.at(24).share == pytest.approx(16 / 23)
    assert curve.at(25).share == pytest.approx(5 / 23)
    gone = curve.at(48)
    assert (gone.share, gone.low, gone.high) == (0, *wilson(0, 23))


# --- The report ---------------------------------------------------------------------------------------------------


def reported(file_format: str) -> str:
    out = StringIO()
    call_command("report", "retention-curve", as_at=durham.AS_AT, format=file_format, stdout=out)
    return out.getvalue()


def test_the_report_has_a_line_for_every_month_and_ends_with_the_last_observation(first_loads):
    lines = [line for line in csv.DictReader(StringIO(reported("csv"), newline="")) if line["Cohort"] == "Cohort 1"]
    by_reading = [line for line in lines if line["A move in the council counts as"] == Moved.LEFT.label]
    end = round((durham.AS_AT - date(2016, 9, 5)).days / MONTH, 2)
    assert [line["Months"] for line in by_reading] == [*(str(month) for month in range(38)), str(end)]
    assert len(lines) == 2 * len(by_reading)
    first, last = by_reading[0], by_reading[-1]
    assert (first["At risk"], first["Left so far"], first["Still there, %"]) == ("12", "0", "100")
    assert (last["At risk"], last["Left so far"], last["Still there, %"]) == ("7", "5", "58")
    assert last["Still there, unrounded"] == "0.583333"
    assert {line["As at"] for line in lines} == {durham.AS_AT.isoformat()}


def test_its_data_are_the_steps_themselves_unrounded(first_loads):
    curves = json.loads(reported("json"))["curves"]
    assert [curve["cohort"] for curve in curves] == [*(intake.name for intake in durham.INTAKES), "All cohorts"] * 2
    first = curves[0]
    assert (first["moved"], first["members"], first["left"]) == ("left", 12, 5)
    assert first["steps"][-1]["share"] == pytest.approx(7 / 12, abs=1e-15)
    assert sum(step["left"] for step in first["steps"]) == 5


def test_an_empty_academy_has_columns_and_no_rows():
    assert len(list(csv.reader(io.StringIO(reported("csv"), newline="")))) == 1
    assert json.loads(reported("json"))["curves"] == []
