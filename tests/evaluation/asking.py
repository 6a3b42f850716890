"""Follow-ups that were sent, and their answers, for every test that needs some."""

from datetime import date

from academy.lib import clock, registry
from evaluation.actions import follow_ups as actions
from evaluation.models import FollowUp, Response
from tests.factories import NOW, achieved, employed

GOOD = {"used": "A great deal", "confidence": "Good", "difference": "Some difference"}


def sent(person=None, *, months: int = 3) -> FollowUp:
    """A follow-up that went out this morning."""
    achieved(person or employed(), on=date(2026, 8, 23) if months == 3 else date(2026, 5, 23))
    registry.run_due(NOW)
    return FollowUp.objects.filter(state=FollowUp.State.SENT).latest("pk")


def answer(follow_up: FollowUp, **answers: str) -> Response:
    questions = {question.key: question for question in follow_up.questionnaire.questions.all()}
    given = {questions[key]: text for key, text in (GOOD | answers).items()}
    return actions.answer(follow_up=follow_up, answers=given, at=clock.now())
