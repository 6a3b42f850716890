"""Mail servers at their worst: what is sent again, what is left to a person, and who never notices.

A server that is down, or that refuses a person or a letter, is in `tests/outbox/test_outbox.py`.
"""

from collections import Counter
from datetime import datetime, timedelta

import pytest

from evaluation.actions import follow_ups
from partners import outbox
from partners.models import OutboxMessage
from tests.faults import messages
from tests.outbox.sink import Sink

pytestmark = pytest.mark.django_db
State = OutboxMessage.State
MINUTE = timedelta(minutes=1)


def waiting(at: datetime, letters: int = 0, questions: int = 0) -> None:
    messages.letters(letters, at)
    messages.achievements(questions, at)
    follow_ups.plan(at)
    follow_ups.send_due(at)


def states() -> dict[bool, Counter[str]]:
    """How many messages are in each state: {True: of surveys, False: of all others}."""
    found = {True: Counter(), False: Counter()}
    for kind, state in OutboxMessage.objects.values_list("kind", "state"):
        found[kind in messages.ABOUT_PRACTICE][state] += 1
    return found


def send_until_quiet(sink: Sink, at: datetime) -> Counter[str]:
    """Tick every minute for three hours. Returns how often each letter came."""
    for minutes in range(180):
        outbox.send_due(at + minutes * MINUTE)
    return sink.ids


def test_a_connection_lost_after_the_letter_was_handed_over_sends_letters_again_and_surveys_never(smtp, at):
    """The server has it all and hangs up without a word: nobody can know what became of it."""
    waiting(at, letters=6, questions=6)
    sink = smtp(on_data=lambda number, to: "250 accepted" if number % 3 else "")
    done = outbox.send_due(at)
    assert (done["messages_sent"], done["messages_retried"], done["messages_doubtful"]) == (8, 2, 2)
    assert states() == {False: {State.SENT: 4, State.QUEUED: 2}, True: {State.SENT: 4, State.DOUBTFUL: 2}}
    assert all(OutboxMessage.objects.filter(state=State.DOUBTFUL).values_list("note", flat=True)), "and says why"
    sink.on_data = lambda number, to: "250 accepted"
    came = send_until_quiet(sink, at)
    assert states() == {False: {State.SENT: 6}, True: {State.SENT: 4, State.DOUBTFUL: 2}}
    assert Counter(came.values()) == {1: 10, 2: 2}, "twice under one Message-ID, so that a mailbox shows it once"


def test_a_connection_lost_while_the_letter_is_handed_over_is_in_doubt_too(smtp, at):
    waiting(at, questions=3)
    hanging_up = iter(["354 go on", ""])
    sink = smtp(on_letter=lambda number, to: next(hanging_up, "354 go on"))
    outbox.send_due(at)
    assert states()[True] == {State.SENT: 2, State.DOUBTFUL: 1}
    send_until_quiet(sink, at)
    assert states()[True] == {State.SENT: 2, State.DOUBTFUL: 1}


def test_a_server_that_hangs_up_before_its_greeting_was_handed_nothing(smtp, at):
    waiting(at, letters=3, questions=3)
    sink = smtp(on_greeting=lambda number, to: "220 sink" if number > 4 else "")
    assert outbox.send_due(at) == {"messages_retried": 4, "messages_sent": 2}
    came = send_until_quiet(sink, at)
    assert states() == {False: {State.SENT: 3}, True: {State.SENT: 3}}, "no doubt, not even about a survey"
    assert set(came.values()) == {1}


def test_a_server_with_every_fault_at_once_delivers_to_everyone_in_the_end(smtp, at):
    waiting(at, letters=30, questions=30)
    gone = OutboxMessage.objects.filter(kind="courses.place_booked").first().person.email

    def refuse(number: int, to: str) -> str:
        if to == gone:
            return "550 no such user"
        return "250 ok" if number % 3 else "451 try later"

    sink = smtp(
        on_rcpt=refuse,
        on_data=lambda number, to: "" if number == 20 else "250 accepted",
        on_greeting=lambda number, to: "" if number == 2 else "220 sink",
    )
    came = send_until_quiet(sink, at)
    ended = states()
    assert ended[False] == {State.SENT: 29, State.FAILED: 1}
    assert ended[True][State.SENT] + ended[True][State.DOUBTFUL] == 30
    assert "550" in OutboxMessage.objects.get(state=State.FAILED).note
    in_doubt_or_twice = ended[True][State.DOUBTFUL] + sum(came.values()) - len(came)
    assert (len(came), in_doubt_or_twice) == (59, 1), "all but one letter came; one came twice or is in doubt"
    tries = OutboxMessage.objects.filter(state=State.SENT).values_list("attempts", flat=True)
    assert max(tries) <= 5, "nobody is at the mercy of somebody else's trouble"
