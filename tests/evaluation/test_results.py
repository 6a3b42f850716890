"""What the people trained on a run said, and who may see it."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from academy.lib import registry
from academy.lib.figures import Share
from courses.models import Run
from evaluation.models import FollowUp, Question
from evaluation.stats.results import waves
from tests.evaluation.asking import answer
from tests.factories import NOW, achieved, crowd, employed, holding, planned_run

pytestmark = pytest.mark.django_db


@pytest.fixture
def trainer():
    return employed()


@pytest.fixture
def run(trainer) -> Run:
    return planned_run(starts_at=NOW - timedelta(days=92), trainers=[trainer], title="Thresholds")


def asked(run: Run, count: int) -> list[FollowUp]:
    for person in crowd(count):
        achieved(person, on=run.last_day, run=run)
    registry.run_due(NOW)
    return list(FollowUp.objects.filter(achievement__run=run, state="sent").order_by("pk"))


def results(browser, run: Run) -> str:
    return browser.get(f"/runs/{run.pk}/").content.decode()


def test_the_page_shows_how_many_were_asked_and_answered(run, trainer, as_person):
    for follow_up in asked(run, 8)[:6]:
        answer(follow_up)
    assert "6 of 8 asked have answered (75%)." in results(as_person(trainer), run)


def test_those_who_were_never_asked_do_not_count_as_silent(run):
    achieved(employed(end_date=date(2026, 9, 1)), on=run.last_day, run=run)
    asked(run, 2)
    (wave,) = waves(run)
    assert (wave.months, wave.replies) == (3, Share(0, 2))


def test_a_share_is_of_the_two_best_answers_with_its_interval(run, trainer, as_person):
    given = ["A great deal", "Quite a lot", "Quite a lot", "A little", "Not yet", "A great deal"]
    for follow_up, used in zip(asked(run, 6), given, strict=True):
        answer(follow_up, used=used)
    (wave,) = waves(run)
    assert [finding.share for finding in wave.findings] == [Share(4, 6), Share(6, 6), Share(6, 6)]
    low, high = Share(4, 6).interval_percent
    page = results(as_person(trainer), run)
    row = page.partition("How much have you used what you learnt? ‘A great deal’ or ‘Quite a lot’")[2].partition(
        "</tr>"
    )[0]
    assert [cell in row for cell in (">67%<", ">6<", f">{low}% to {high}%<")] == [True] * 3
    assert "A little" not in page  # shares of the two best only: one person's answer is never told apart


def test_nothing_of_what_was_said_is_shown_under_five_answers(run, trainer, as_person):
    follow_ups = asked(run, 6)
    for follow_up in follow_ups[:4]:
        answer(follow_up, example="I asked the school.")
    browser = as_person(trainer)
    page = results(browser, run)
    assert "4 of 6 asked have answered" in page
    assert "Answers are shown once five people have answered." in page
    assert "<svg" not in page.partition("What changed in practice")[2]
    assert "A great deal" not in page
    answer(follow_ups[4])
    assert "‘A great deal’ or ‘Quite a lot’" in results(browser, run)


def test_a_question_with_fewer_than_five_answers_is_left_out_of_a_wave_that_is_shown(run):
    follow_ups = asked(run, 6)
    rare = Question.objects.create(
        questionnaire=follow_ups[0].questionnaire,
        position=9,
        key="rare",
        text="Rarely answered",
        kind="choice",
        options=["Yes", "Rather", "No"],
        required=False,
    )
    for number, follow_up in enumerate(follow_ups):
        answer(follow_up, **({rare.key: "Yes"} if number < 4 else {}))
    (wave,) = waves(run)
    assert "Rarely answered" not in [finding.question for finding in wave.findings]
    assert len(wave.findings) == 3


def test_academy_leads_read_own_words_without_names_once_five_have_answered(run, as_person):
    follow_ups = asked(run, 5)
    for follow_up in follow_ups[:4]:
        answer(follow_up, example="I asked the school.")
    lead = as_person(holding("lead"))
    assert "I asked the school." not in results(lead, run)
    answer(follow_ups[4], example="I rang first.")
    page = results(lead, run)
    assert "I asked the school." in page
    assert "I rang first." in page
    assert not [item.person.name for item in follow_ups if item.person.name in page]


def test_own_words_are_not_on_the_page(run, trainer, as_person):
    for follow_up in asked(run, 5):
        answer(follow_up, example="I asked the school.")
    assert "I asked the school." not in results(as_person(trainer), run)


def test_each_wave_is_shown_by_itself(run):
    follow_ups = asked(run, 5)
    for follow_up in follow_ups:
        answer(follow_up)
    registry.run_due(NOW + timedelta(days=92))
    assert [(wave.months, wave.replies) for wave in waves(run)] == [(3, Share(5, 5)), (6, Share(0, 5))]


def test_another_runs_answers_are_not_counted(run, trainer):
    other = planned_run(starts_at=NOW - timedelta(days=92), trainers=[trainer], course=run.course)
    asked(other, 5)
    assert waves(run) == []


@pytest.mark.parametrize("who", ["trainer", "lead", "director"])
def test_the_trainer_leads_and_directors_see_results(run, trainer, as_person, who):
    asked(run, 5)
    person = trainer if who == "trainer" else holding(who)
    assert "0 of 5 asked have answered" in results(as_person(person), run)


@pytest.mark.parametrize("who", ["learner", "trainer of another", "coordinator", "administrator"])
def test_others_do_not(run, as_person, who):
    asked(run, 5)
    if who == "trainer of another":
        planned_run(starts_at=NOW - timedelta(days=92), trainers=[person := employed()])
    elif who == "learner":
        person = run.achievements.first().person
        person.user = type(employed().user).objects.create_user(person.email, person)
    else:
        person = holding(who, scoped=who == "coordinator")
    assert "What changed in practice" not in results(as_person(person), run)


def test_before_anyone_was_asked_the_page_says_when(run, trainer, as_person):
    assert "Nobody has been asked yet." in results(as_person(trainer), run)


def test_a_crowd_of_answers_costs_no_more_queries_than_one(run, trainer, as_person):
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            results(as_person(trainer), run)
        return len(seen)

    follow_ups = asked(run, 8)
    for follow_up in follow_ups[:5]:
        answer(follow_up)
    five = queries()
    for follow_up in follow_ups[5:]:
        answer(follow_up)
    assert queries() == five
