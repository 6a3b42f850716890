"""What trainers write to those who hold a place on their run."""

from collections.abc import Iterable
from datetime import datetime

from courses.models import RunMessage
from partners import outbox
from partners.outbox import Mail


def _load(ids: set[int], at: datetime) -> dict[int, RunMessage]:
    found = RunMessage.objects.select_related("run__course", "sent_by").prefetch_related("run__sessions")
    return found.in_bulk(ids)


@outbox.kind("courses.run_message", subject="message", load=_load)
def _to_delegates(message: RunMessage) -> Mail:
    run = message.run
    context = {"message": message, "run": run, "course": run.course, "sessions": run.sessions.all()}
    return outbox.mail(f"About {run.course.title}", "courses/run_message", **context)


def to_delegates(message: RunMessage, people: Iterable[int], at: datetime) -> None:
    """'Your trainer writes: …', to each of these people once."""
    outbox.queue(
        *(
            outbox.new("courses.run_message", key=f"{message.pk}:{person}", person=person, at=at, message=message.pk)
            for person in people
        )
    )
