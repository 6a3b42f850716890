"""The recording of a run, for those who were booked."""

from datetime import datetime

from django.db import transaction

from courses.emails import recordings as emails
from courses.models import Run
from courses.models.states import WrongState
from partners import audit
from partners.models import Person


@audit.sentence("run.recording_added", run=Run)
def _added(told: audit.Told) -> str:
    return f"added the link to the recording of {told.detail('run')}"


@transaction.atomic
def add(*, run: Run, url: str, by: Person, at: datetime) -> None:
    """Keep the link to a run's recording. Those who were booked are told once, whatever is corrected later.

    Raises WrongState before the run has ended, and where it was cancelled.
    """
    run = Run.objects.select_for_update(of=("self",)).select_related("course").get(pk=run.pk)
    if run.state in (Run.State.DRAFT, Run.State.CANCELLED) or not run.has_ended(at):
        raise WrongState("A recording can be added once the run has ended.")
    run.recording_url = url
    run.save(update_fields=["recording_url"])
    emails.recording_added(run, at)
    audit.record("run.recording_added", by=by, at=at, about=run, run=run.pk)
