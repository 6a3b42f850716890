"""Opening many drafts for booking at once."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from academy.lib.dates import london_day
from academy.lib.text import day
from courses.actions.runs import RunRefused, publish_run
from courses.models import Run
from courses.models.states import WrongState
from partners.models import Person


@dataclass
class Published:
    """What came of it: the runs that are open now, and a sentence for each that is not."""

    runs: list[Run] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


def publish_runs(*, runs: Iterable[Run], by: Person, at: datetime) -> Published:
    """Open each of these for booking, by itself: what keeps one a draft keeps no other back."""
    came = Published()
    for run in runs:
        try:
            came.runs.append(publish_run(run=run, by=by, at=at))
        except (RunRefused, WrongState) as refusal:
            came.refused.append(f"{run.course.title}, {day(london_day(run.starts_at))}: {refusal}")
    return came
