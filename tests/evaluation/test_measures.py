"""Measures by key: the same figures as the report, each with what it was worked out from."""

import json
from datetime import datetime, timedelta
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from academy.lib import registry
from academy.lib.figures import half_up
from evaluation.models import FollowUp, Questionnaire, Response
from tests.evaluation import durham
from tests.evaluation.durham import AS_AT, CORRECTED_ON
from tests.factories import NOW, achieved
from tests.partners.files import take_in, take_in_cohorts, taken

pytestmark = pytest.mark.django_db
KEYS = ["key", "version", "value", "unrounded", "numerator", "denominator", "as_at", "known_at", "definition", "label"]
COHORT_MEASURES = sorted(key for key, measure in registry.measures.items() if "cohort" in measure.breakdowns)


def measured(key: str, **options):
    out = StringIO()
    call_command("measure", key, format="json", stdout=out, **{"as_at": AS_AT, **options})
    return json.loads(out.getvalue())


def reported(**options) -> dict:
    out = StringIO()
    call_command("report", "retention", format="json", stdout=out, **{"as_at": AS_AT, **options})
    return json.loads(out.getvalue())


@pytest.fixture
def records() -> None:
    taken(take_in(*durham.people()))
    taken(take_in_cohorts(*durham.members()))
    taken(take_in(*durham.returned()))
    taken(take_in_cohorts(*durham.completed()))


@pytest.mark.parametrize("key", sorted(registry.measures))
def test_every_measure_gives_one_object_with_exactly_the_promised_keys(key, records):
    found = measured(key)
    assert list(found) == KEYS
    assert (found["key"], found["as_at"]) == (key, AS_AT.isoformat())
    assert found["definition"]


@pytest.mark.parametrize("key", COHORT_MEASURES)
def test_by_cohort_is_a_list_of_the_same_with_the_cohorts_as_labels(key, records):
    found = measured(key, by="cohort")
    assert [item["label"] for item in found] == [row["cohort"] for row in reported()["cohorts"]]
    assert all(list(item) == KEYS for item in found)


@pytest.mark.parametrize("known_at", [CORRECTED_ON - timedelta(days=1), CORRECTED_ON])
def test_measures_and_report_give_the_same_figures(records, known_at):
    report, options = reported(known_at=known_at), {"known_at": known_at}
    overall = report["overall"]
    assert measured("cohort_supported", **options)["value"] == overall["supported"]
    assert measured("cohort_on_programme", **options)["value"] == overall["on_programme"]
    share = measured("cohort_in_post_of_completed", **options)
    assert (share["value"], share["numerator"], share["denominator"]) == (
        overall["in_post_of_completed_pct"],
        overall["in_post"],
        overall["completed"],
    )
    for key, name in [
        ("cohort_in_post_of_intake", "in_post_of_intake_pct"),
        ("cohort_in_post_of_completed", "in_post_of_completed_pct"),
        ("cohort_on_programme", "on_programme"),
    ]:
        by_cohort = [item["value"] for item in measured(key, by="cohort", **options)]
        assert by_cohort == [row[name] for row in report["cohorts"]]


def test_the_unrounded_value_is_the_exact_share_that_the_value_rounds(records):
    found = measured("cohort_in_post_of_completed")
    exact = Decimal(100 * found["numerator"]) / found["denominator"]
    assert found["unrounded"] == pytest.approx(float(exact))
    assert found["value"] == half_up(exact)


def test_a_share_not_yet_observable_is_null_and_so_is_what_it_would_divide(records):
    found = measured("cohort_in_post_of_intake")
    assert [found[key] for key in ("value", "unrounded", "numerator", "denominator")] == [None] * 4


def test_a_measure_of_an_empty_academy_is_nought_or_null(db):
    assert measured("cohort_supported")["value"] == 0
    assert measured("cohort_in_post_of_completed")["value"] is None
    assert measured("follow_up_response_rate")["value"] is None
    assert measured("cohort_supported", by="cohort") == []


def sent(at: datetime, state: str, answered_at: datetime | None = None) -> None:
    """A follow-up sent at that moment, and answered at another if one is given."""
    one = achieved(on=at.date() - timedelta(days=92))
    follow_up = FollowUp.objects.create(
        achievement=one,
        person=one.person,
        months=3,
        questionnaire=Questionnaire.objects.first(),
        state=state,
        due_at=at,
        sent_at=at,
        closes_at=at + timedelta(days=60),
    )
    if answered_at:
        Response.objects.create(follow_up=follow_up, answered_at=answered_at)


def test_the_response_rate_is_of_follow_ups_sent_by_the_day_and_answered_by_the_day(db):
    day = timedelta(days=1)
    sent(NOW - 9 * day, "answered", NOW - 8 * day)
    sent(NOW - 9 * day, "answered", NOW - 1 * day)
    sent(NOW - 9 * day, "closed")
    sent(NOW, "sent")
    sent(NOW - 9 * day, "sent")
    on = [measured("follow_up_response_rate", as_at=NOW.date() - n * day) for n in (10, 9, 8, 1, 0)]
    assert [found["denominator"] for found in on] == [None, 4, 4, 4, 5]
    assert [found["numerator"] for found in on] == [None, 0, 1, 2, 2]
    assert [found["value"] for found in on] == [None, 0, 25, 50, 40]


def test_it_cannot_be_broken_down_by_what_it_has_no_answer_for(db):
    with pytest.raises(CommandError, match="by nothing, not by cohort"):
        measured("follow_up_response_rate", by="cohort")
    with pytest.raises(CommandError, match="by cohort, not by team"):
        measured("cohort_supported", by="team")


def test_an_unknown_key_or_breakdown_is_refused_with_those_there_are():
    with pytest.raises(CommandError, match="cohort_supported"):
        call_command("measure", "happiness")
    with pytest.raises(CommandError, match="cohort"):
        call_command("measure", "cohort_supported", "--by", "shoe_size")


def test_without_days_it_is_today_as_known_today(records):
    found = measured("cohort_supported", as_at=None)
    assert found["as_at"] == found["known_at"] == NOW.date().isoformat()
