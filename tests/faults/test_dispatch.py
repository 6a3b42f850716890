"""The real processes are killed, doubled and robbed of their queue while they send."""

import http.client
import os
import sys
import threading
import time
from collections import Counter, deque
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from academy.lib import registry
from courses.models import Booking
from evaluation.models import FollowUp
from partners.models import OutboxMessage
from tests.factories import crowd, planned_run
from tests.faults import ground, messages
from tests.faults.people import Answer, Browser, signed_in

pytestmark = [
    pytest.mark.usefixtures("own_database"),
    pytest.mark.skipif(sys.platform != "linux", reason="finds a worker's children in /proc"),
]
MESSAGES = int(os.environ.get("FAULT_MESSAGES", "900"))  # 6000 for a long look
LEASE_OVER = timedelta(minutes=6)
State = OutboxMessage.State

# What is killed, and what is on its way at that moment. Those that send leave one message each in doubt, at most.
KILLS = [
    ("pool process", "survey"),
    ("web server", "letter"),
    ("PostgreSQL", "letter"),
    ("broker", "letter"),
    ("worker", "survey"),
    ("scheduler", "letter"),
    ("pool process", "letter"),
]
SENDERS = {"pool process", "worker", "PostgreSQL"}


def new_run(capacity: int):
    return planned_run(starts_at=timezone.now() + timedelta(days=30), capacity=capacity)


def ask_until_answered(browser: Browser, path: str) -> Answer:
    """What a person does when a page does not come: the same again."""
    deadline = time.monotonic() + ground.SECONDS
    while time.monotonic() < deadline:
        try:
            if (answer := browser.post(path, seconds=10)).status < 500:
                return answer
        except (OSError, http.client.HTTPException):
            pass
        time.sleep(0.1)
    raise AssertionError("nobody answered")


class Asking(threading.Thread):
    """People who ask for places one after the other, each until they have an answer."""

    def __init__(self, browsers: list[Browser], path: str) -> None:
        super().__init__(daemon=True)
        self.browsers, self.path = browsers, path
        self.answers: list[Answer] = []

    def run(self) -> None:
        for browser in self.browsers:
            self.answers.append(ask_until_answered(browser, self.path))
            time.sleep(0.2)


def test_a_queue_that_is_emptied_in_the_middle_costs_time_and_no_message(academy, at, chance):
    """The job that was under way is lost with its queue and its process; the database knows what is due."""
    lost = []

    def empty_the_queue(number: int, to: str) -> str:
        if number == 150 and not lost:
            lost.append(academy.redis().flushall())
            academy.kill("pool process")
        return "250 accepted"

    post = messages.begin(academy.sink, empty_the_queue)
    messages.shuffled(450, at, chance)
    assert academy.wait_for(lambda: lost and academy.has_sent(post)), "the next ticks send what nobody had taken"
    messages.letters(5, timezone.now())
    assert academy.wait_for(lambda: academy.has_sent(post)), "and what comes up later"
    assert post.states()[State.SENT] >= 350 + 5, "all but what the killed process had taken"
    ground.run_due(timezone.now() + LEASE_OVER)
    assert academy.wait_for(lambda: academy.has_sent(post)), "the worker helped"
    assert set(post.states()) <= {State.SENT, State.DOUBTFUL}
    assert all(post.came(surveys=False).values()), "nobody is missing"


def test_places_are_booked_while_the_broker_is_down_and_letters_follow(academy):
    run, (browser,) = new_run(1), signed_in(crowd(1), academy.port)
    post = messages.begin(academy.sink)
    academy.kill("broker")
    answer = browser.post(f"/runs/{run.pk}/book/", seconds=10)
    assert answer.status == 302
    assert Booking.objects.get(run=run).state == Booking.State.BOOKED
    assert post.states() == {State.QUEUED: 1}, "nobody can send it yet"
    assert academy.wait_for(lambda: post.states() == {State.SENT: 1})
    assert [mail["To"] for mail in academy.sink.mail] == [browser.person.email]


def test_two_schedulers_and_three_workers_do_everything_once(academy, at):
    academy.add("scheduler", "second scheduler")
    for name in ("second", "third"):
        academy.add("worker", f"{name} worker", f"--hostname={name}@%h")
    assert academy.wait_for(lambda: academy.workers_ready() == 3)
    post = messages.begin(academy.sink, seconds=0.01)
    before = FollowUp.objects.count()
    with transaction.atomic():
        messages.letters(250, at)
        messages.achievements(200, at)
    assert academy.wait_for(lambda: post.states() == {State.SENT: 450})
    assert academy.sink.most_at_once == 3, "all three sent, or nothing was raced"
    assert set(Counter(mail["Message-ID"] for mail in academy.sink.mail).values()) == {1}
    assert {len(ids) for surveys in (True, False) for ids in post.came(surveys=surveys).values()} == {1}
    assert FollowUp.objects.count() - before == 3 * 200
    academy.remove("second scheduler", "second worker", "third worker")


def test_nobody_is_told_twice_or_not_at_all_when_all_that_can_be_killed_is_killed(academy, at, chance):
    doomed = deque(zip(sorted(chance.sample(range(MESSAGES // 20, MESSAGES // 2), len(KILLS))), KILLS, strict=True))

    def strike(number: int, to: str) -> str:
        """Kill at a chosen moment, with a message in flight: accepted, and its sender cannot know."""
        if doomed and number >= doomed[0][0] and (to in asked) == (doomed[0][1][1] == "survey"):
            academy.kill(doomed.popleft()[1][0])
        return "250 accepted"

    post = messages.begin(academy.sink)
    run, browsers = new_run(10), signed_in(crowd(20), academy.port)
    asked: set[str] = set()
    academy.sink.on_data = strike
    messages.shuffled(MESSAGES, at, chance)
    asked.update(post.messages.filter(kind="evaluation.follow_up").values_list("person__email", flat=True))
    people = Asking(browsers, f"/runs/{run.pk}/book/")
    people.start()
    everything_tried = academy.wait_for(
        lambda: not doomed and not people.is_alive() and academy.has_sent(post), ground.SECONDS + MESSAGES / 25
    )
    assert everything_tried, (doomed, post.states())

    done = ground.run_due(timezone.now() + LEASE_OVER)
    assert academy.wait_for(lambda: academy.has_sent(post)), "the worker helped"
    in_doubt = sum(name in SENDERS for name, _ in KILLS)
    states = post.states()
    assert set(states) <= {State.SENT, State.DOUBTFUL}, "nothing is stuck, nothing has failed"
    assert 1 <= states[State.DOUBTFUL] <= in_doubt
    assert done["messages_doubtful"] == states[State.DOUBTFUL], "and it is said how many"
    surveys, others = post.came(surveys=True), post.came(surveys=False)
    assert max(map(len, surveys.values())) == 1, "no survey came twice"
    assert sum(not ids for ids in surveys.values()) <= states[State.DOUBTFUL], "none is missing that is not in doubt"
    assert {len(set(ids)) for ids in others.values()} == {1}, "everyone was told, under one Message-ID"
    assert 1 <= sum(len(ids) - 1 for ids in others.values()) <= in_doubt, "at most what was in flight came twice"
    assert (run.bookings.booked().count(), run.bookings.waiting_in_queue().count()) == (10, 10)
    assert registry.broken_invariants() == []
