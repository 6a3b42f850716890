"""Answering a follow-up: from the letter, without a password, and once."""

import json
import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from academy.lib import clock, registry
from evaluation.actions import follow_ups as actions
from evaluation.models import Answer, FollowUp, Response
from partners.models import AuditEvent, OutboxMessage
from tests.courses.test_races import together
from tests.evaluation.asking import GOOD, answer, sent
from tests.factories import NOW, CourseFactory, achieved, crowd

pytestmark = pytest.mark.django_db
State = FollowUp.State
DAY = timedelta(days=1)


def address(follow_up: FollowUp) -> str:
    return f"/follow-ups/{follow_up.token}/"


def everything() -> list[object]:
    """What a visit could have changed."""
    rows = [list(model.objects.order_by("pk").values()) for model in (FollowUp, Response, Answer, OutboxMessage)]
    return [*rows, AuditEvent.objects.count()]


def test_opening_the_link_changes_nothing(client):
    follow_up = sent()
    before = everything()
    for method in (client.get, client.head, client.get):
        assert method(address(follow_up)).status_code == 200
    assert everything() == before


def test_the_link_opens_the_questions_without_signing_in_and_says_what_happens_to_the_answers(client):
    follow_up = sent()
    page = client.get(address(follow_up)).content.decode()
    assert f"Hello {follow_up.person.given_name}." in page
    assert "What has changed, 3 months on?" in page
    assert "Your answers are kept with your name" in page
    assert page.count("<textarea") == 2


@pytest.mark.parametrize("how", ["changed", "cut", "another", "plain", "text"])
def test_a_forged_link_finds_nothing(client, how):
    follow_up = sent()
    number, _, signature = follow_up.token.partition(".")
    token = {
        "changed": f"{number}.{signature[:-1]}{'A' if signature[-1] != 'A' else 'B'}",
        "cut": signature,
        "another": f"{int(number) + 1}.{signature}",
        "plain": number,
        "text": "robots.txt",
    }[how]
    assert client.get(f"/follow-ups/{token}/").status_code == 404
    assert client.post(f"/follow-ups/{token}/", GOOD).status_code == 404
    assert not Response.objects.exists()


def test_answers_are_kept_and_the_page_says_thank_you(client):
    follow_up = sent()
    page = client.post(address(follow_up), GOOD | {"example": "I asked the school."}, follow=True)
    assert "We have your answers" in page.content.decode()
    kept = {answer.question.key: answer.text for answer in Answer.objects.select_related("question")}
    assert kept == GOOD | {"example": "I asked the school."}
    follow_up.refresh_from_db()
    assert follow_up.state == State.ANSWERED
    assert Response.objects.get().answered_at == NOW


def test_answering_twice_keeps_the_first_answers_and_says_thank_you_again(client):
    follow_up = sent()
    client.post(address(follow_up), GOOD)
    page = client.post(address(follow_up), GOOD | {"used": "Not yet"}, follow=True)
    assert (page.status_code, Response.objects.count()) == (200, 1)
    assert "We have your answers" in page.content.decode()
    assert Answer.objects.get(question__key="used").text == GOOD["used"]


def test_the_second_of_two_answers_at_once_is_refused():
    follow_up = sent()
    answer(follow_up)
    with pytest.raises(actions.NotOpen):
        answer(follow_up, used="Not yet")
    assert Response.objects.count() == 1


@pytest.mark.parametrize("closed_by_the_tick", [True, False])
def test_an_expired_link_says_so_kindly_and_keeps_nothing(client, closed_by_the_tick):
    follow_up = sent()
    clock.use(lambda: NOW + 60 * DAY)
    if closed_by_the_tick:
        registry.run_due(NOW + 60 * DAY)
    for page in (client.get(address(follow_up)), client.post(address(follow_up), GOOD)):
        assert page.status_code == 200
        assert "The time to answer them has passed. There is nothing you need to do." in page.content.decode()
    assert not Response.objects.exists()


def test_the_last_wave_does_not_promise_another(client):
    achieved(on=date(2025, 11, 24))
    registry.run_due(datetime(2026, 11, 24, 9, tzinfo=UTC))
    follow_up = FollowUp.objects.get(months=12)
    page = client.post(address(follow_up), GOOD, follow=True).content.decode()
    assert "Thank you" in page
    assert "We will ask you again" not in page


def test_missing_answers_are_named_and_what_was_typed_is_kept(client):
    follow_up = sent()
    page = client.post(address(follow_up), {"used": "A little", "example": "I asked the school."}).content.decode()
    assert "<title>Error: " in page
    assert "There is a problem" in page
    assert page.count("Choose an answer: How confident are you now in this area of practice?") == 2
    assert 'href="#id_confidence_1"' in page
    assert "I asked the school." in page
    assert re.search(r'value="A little"[^>]*checked', page)
    assert not Response.objects.exists()
    follow_up.refresh_from_db()
    assert follow_up.state == State.SENT


def test_an_answer_that_was_not_offered_is_refused(client):
    follow_up = sent()
    page = client.post(address(follow_up), GOOD | {"used": "Drop table"})
    assert "There is a problem" in page.content.decode()
    assert not Response.objects.exists()


def test_answers_from_another_site_are_refused():
    strict = Client(enforce_csrf_checks=True)
    follow_up = sent()
    assert strict.post(address(follow_up), GOOD).status_code == 403
    assert not Response.objects.exists()
    strict.get(address(follow_up))
    token = strict.cookies["csrftoken"].value
    assert strict.post(address(follow_up), GOOD | {"csrfmiddlewaretoken": token}).status_code == 302


def test_an_answer_is_written_down_as_an_event_without_its_words():
    answer(sent(), example="I asked the school.")
    event = AuditEvent.objects.get(kind="follow_up.answered")
    assert "school" not in json.dumps(event.details)


# --- Two schedulers at once --------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("reseed")
def test_two_schedulers_at_once_plan_and_ask_everyone_once(mailoutbox):
    course = CourseFactory()
    people = crowd(60)
    for person in people:
        achieved(person, on=date(2026, 8, 23), course=course)
    done = together(*[lambda: registry.run_due(NOW)] * 4)
    assert [result for result in done if isinstance(result, Exception)] == []
    assert sum(counts["follow_ups_planned"] for counts in done) == 3 * len(people)
    assert sum(counts["follow_ups_sent"] for counts in done) == len(people)
    registry.run_due(NOW)
    assert OutboxMessage.objects.count() == len(people)
    assert sorted(mail.to[0] for mail in mailoutbox) == sorted(person.email for person in people)
    later = timezone.now() + timedelta(days=1000)
    assert FollowUp.objects.due(later).count() == 2 * len(people)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("reseed")
def test_answers_sent_twice_at_once_are_kept_once():
    follow_up = sent(crowd(1)[0])
    results = together(*[lambda: answer(follow_up)] * 4)
    assert [type(result) for result in results].count(actions.NotOpen) == 3
    assert Response.objects.count() == 1
