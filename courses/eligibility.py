"""Why someone may not book a run: named checks, each a sentence fit to show."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from academy.lib.dates import london_day
from courses.models import Run
from partners.models import Person
from partners.models.people import MAIN_AGENCY


@dataclass(frozen=True)
class Asking:
    """Someone asks for a place: the id of the agency that then employs them (None without a job), and whether they
    teach the run. Neither depends on who else asks."""

    run: Run
    person: Person
    agency: int | None
    teaches: bool
    at: datetime


def not_open(asking: Asking) -> str:
    if asking.run.state == Run.State.CANCELLED:
        return "This run was cancelled."
    return "" if asking.run.state == Run.State.PUBLISHED else "This run is not open for booking."


def started(asking: Asking) -> str:
    return "This run has already started." if asking.run.has_started(asking.at) else ""


def not_employed(asking: Asking) -> str:
    if asking.agency:
        return ""
    return "We have no current job for you in our records. Ask your agency’s coordinator to add it, then book."


def teaches_it(asking: Asking) -> str:
    return "You teach this run." if asking.teaches else ""


CHECKS: list[Callable[[Asking], str]] = [not_open, started, not_employed, teaches_it]


_ASKING = f"""
SELECT run.*, ({MAIN_AGENCY}) AS asked_for_agency,
    EXISTS (SELECT FROM courses_run_trainers t WHERE t.run_id = run.id AND t.person_id = %s) AS asked_by_trainer
FROM courses_run run WHERE run.id = %s
"""  # noqa: S608  (only our own fragment is pasted in; every value is a parameter)


def asking(run: Run, person: Person, at: datetime, *, hold: bool = False) -> Asking:
    """`person` asks for a place on `run`, read anew, at that moment, in the job they then have.

    With `hold` the run's row stays locked until the transaction ends. One statement, since everyone else waits for
    that lock: PostgreSQL works out the rest before it waits. Raises Run.DoesNotExist.
    """
    day = london_day(at)
    sql = f"{_ASKING} FOR NO KEY UPDATE OF run" if hold else _ASKING
    for found in Run.objects.raw(sql, [person.pk, day, day, person.pk, run.pk]):
        return Asking(found, person, found.asked_for_agency, found.asked_by_trainer, at)
    raise Run.DoesNotExist


def why_not(asking: Asking) -> list[str]:
    """Every reason why someone may not have what they ask for; none means they may."""
    return [reason for reason in (check(asking) for check in CHECKS) if reason]
