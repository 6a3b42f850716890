"""The measures that evaluation answers for."""

from collections.abc import Callable
from datetime import date

from academy.lib.dates import end_of_day
from academy.lib.figures import Share, half_up
from academy.lib.registry import Figure, Measure, measure
from evaluation.models import FollowUp
from evaluation.stats.retention import CohortRow, retention

RowFigure = Callable[[CohortRow], Share | int]


def _by_cohort(figure: RowFigure) -> Callable[[date, date, str | None], list[Figure]]:
    def compute(as_at: date, known_at: date, by: str | None) -> list[Figure]:
        table = retention(as_at, known_at)
        rows = table.rows if by == "cohort" else [table.overall]
        return [_figure(row.cohort.name if row.cohort else "Overall", figure(row)) for row in rows]

    return compute


def _figure(label: str, value: Share | int) -> Figure:
    if isinstance(value, int):
        return Figure(label, value, None, value, value)
    percent = None if value.value is None else value.value * 100
    rounded = None if percent is None else half_up(percent)
    return Figure(label, value.part if value.whole else None, value.whole or None, rounded, percent)


def _register(key: str, label: str, definition: str, figure: RowFigure) -> None:
    measure(Measure(key, 1, label, definition, _by_cohort(figure), breakdowns=("cohort",)))


_register(
    "cohort_supported",
    "Members supported",
    "Members of a cohort who are no longer on the programme, those who left during it included.",
    lambda row: row.count("supported"),
)
_register(
    "cohort_on_programme",
    "Members on the programme",
    "Members who have neither finished the programme nor left; deferred members stay on it.",
    lambda row: row.count("on_programme"),
)
_register(
    "cohort_in_post_of_intake",
    "In post, of the intake",
    "Members who completed and hold a children’s social work post in their agency on the day ÷ everyone who began. "
    "Not given while anyone is still on the programme.",
    lambda row: row.in_post_of_intake,
)
_register(
    "cohort_in_post_of_completed",
    "In post, of those who completed",
    "Members who completed and hold a children’s social work post in their agency on the day ÷ members who completed.",
    lambda row: row.in_post_of_completed,
)


def _response_rate(as_at: date, known_at: date, by: str | None) -> list[Figure]:
    by_then = end_of_day(min(as_at, known_at))  # sending and answering are known when they happen
    asked = FollowUp.objects.asked().filter(sent_at__lte=by_then)
    answered = asked.filter(response__answered_at__lte=by_then)
    return [_figure("Overall", Share(answered.count(), asked.count()))]


measure(
    Measure(
        "follow_up_response_rate",
        1,
        "Follow-ups answered",
        "Follow-ups answered by the day ÷ follow-ups sent by the day, at 3, 6 and 12 months together.",
        _response_rate,
    )
)
