"""What the people trained on a run said, 3, 6 and 12 months on."""

from collections import Counter
from dataclasses import dataclass

from django.conf import settings

from academy.lib.figures import Share
from courses.models import Run
from evaluation.models import Answer, FollowUp, Question, Response


@dataclass(frozen=True)
class Finding:
    """One question's share of answers among its two best options. None of `replied` under the threshold is shown."""

    question: str
    top_two: str
    share: Share


@dataclass(frozen=True)
class Wave:
    """Everyone asked so many months after a run."""

    months: int
    replies: Share
    findings: list[Finding]

    @property
    def shown(self) -> bool:
        """Enough answers that nobody can be picked out."""
        return self.replies.part >= settings.FEWEST_ANSWERS_SHOWN


def waves(run: Run) -> list[Wave]:
    """Each wave of a run's follow-ups, with n, response rate and findings. Three queries, however many answers."""
    asked = FollowUp.objects.asked().filter(achievement__run=run)
    invited = Counter(asked.values_list("months", flat=True))
    replied = Counter(asked.filter(state=FollowUp.State.ANSWERED).values_list("months", flat=True))
    given: dict[tuple[int, Question], Counter[str]] = {}
    answers = Answer.objects.filter(response__follow_up__in=asked, question__kind=Question.Kind.CHOICE)
    for answer in answers.select_related("question", "response__follow_up").order_by("question__position"):
        key = answer.response.follow_up.months, answer.question
        given.setdefault(key, Counter())[answer.text] += 1
    return [_wave(months, invited[months], replied[months], given) for months in sorted(invited)]


def _wave(months: int, invited: int, replied: int, given: dict) -> Wave:
    enough = settings.FEWEST_ANSWERS_SHOWN
    findings = [
        _finding(question, counts)
        for (when, question), counts in given.items()
        if when == months and counts.total() >= enough
    ]
    return Wave(months, Share(replied, invited), findings)


def _finding(question: Question, counts: Counter[str]) -> Finding:
    top = sum(counts[option] for option in question.top_two)
    return Finding(
        question=question.text,
        top_two=" or ".join(f"‘{option}’" for option in question.top_two),
        share=Share(top, counts.total()),
    )


def own_words(run: Run) -> list[tuple[str, list[str]]]:
    """What people wrote, by question and without names, once enough of them have answered anything at all."""
    responses = Response.objects.filter(follow_up__achievement__run=run)
    if responses.count() < settings.FEWEST_ANSWERS_SHOWN:
        return []
    answers = Answer.objects.filter(response__in=responses, question__kind=Question.Kind.TEXT)
    said: dict[str, list[str]] = {}
    for question, text in answers.order_by("question__position", "text").values_list("question__text", "text"):
        said.setdefault(question, []).append(text)
    return list(said.items())
