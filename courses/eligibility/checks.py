"""Why someone may not book a run: named checks, each a sentence fit to show."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.conf import settings

from academy.lib.dates import end_of_day, london_day, start_of_day
from academy.lib.text import clock_time, day, in_words
from courses.models import Booking, Run, sight
from partners.models import Person
from partners.models.people import MAIN_AGENCY, SPELLS_THAT_RUN


@dataclass(frozen=True)
class Terms:
    """What is agreed about a booking as it is made: pounds, and working days before the run."""

    fee: Decimal
    free_until_days: int
    late_charge: Decimal
    no_show_charge: Decimal
    late_is_absent: bool


@dataclass(frozen=True)
class Asking:
    """Someone asks for a place on a run, for themselves or, where `own` is not so, for `person`: what is known of them
    and of the run as they ask. None of it depends on who else asks.

    `agency` is the id of the one that then employs them (None without a job); `missing` are titles of courses to
    complete first; `clash` is what they hold a place on at the same time, `twice` when their other date of this course
    begins; `waits` counts the dates of it for which they queue; `keeps` says whether places are kept for anybody.
    """

    run: Run
    person: Person
    own: bool
    at: datetime
    agency: int | None
    agency_kind: str
    teaches: bool
    is_open: bool
    for_other_jobs: bool
    missing: list[str]
    clash: str
    twice: datetime | None
    waits: int
    keeps: bool
    needs_approval: bool
    terms: Terms


Check = Callable[[Asking], str]


def not_open(asking: Asking) -> str:
    if asking.run.state == Run.State.CANCELLED:
        return "This run was cancelled."
    return "" if asking.run.state == Run.State.PUBLISHED else "This run is not open for booking."


def not_held(asking: Asking) -> str:
    held = asking.run.state in (Run.State.PUBLISHED, Run.State.COMPLETED)
    return "" if held else "This run is not held, so nobody can be added to it."


def started(asking: Asking) -> str:
    return "This run has already started." if asking.run.has_started(asking.at) else ""


def not_yet(asking: Asking) -> str:
    opens = asking.run.books_from
    return f"Booking opens on {_moment(opens)}." if opens and asking.at < opens else ""


def no_longer(asking: Asking) -> str:
    closed = asking.run.books_until
    over = closed and closed <= asking.at and not asking.run.has_started(asking.at)
    return f"Booking closed on {_moment(closed)}." if over else ""


def not_employed(asking: Asking) -> str:
    if asking.agency:
        return ""
    if asking.own:
        return "We have no current job for you in our records. Ask your agency’s coordinator to add it, then book."
    return f"We have no current job for {asking.person.name} in our records. Their agency’s coordinator can add it."


def other_agencies(asking: Asking) -> str:
    whose = "your" if asking.own else "their"
    return "" if asking.is_open else f"This course is not open to people of {whose} agency."


def other_jobs(asking: Asking) -> str:
    whose = "yours" if asking.own else "theirs"
    return f"This course is for people in other job roles than {whose}." if asking.for_other_jobs else ""


def needs_more_first(asking: Asking) -> str:
    titles = in_words([f"‘{title}’" for title in asking.missing])
    if not titles:
        return ""
    if asking.own:
        return f"Complete {titles} first: this course builds on it."
    return f"{asking.person.name} has not completed {titles}, on which this course builds."


def teaches_it(asking: Asking) -> str:
    who = "You teach" if asking.own else f"{asking.person.name} teaches"
    return f"{who} this run." if asking.teaches else ""


def clashes(asking: Asking) -> str:
    if not asking.clash:
        return ""
    if asking.own:
        return f"You have a place on ‘{asking.clash}’ at the same time. Give that up first, or choose another date."
    return f"{asking.person.name} has a place on other training at the same time."  # which one is theirs to tell


def has_another_date(asking: Asking) -> str:
    if not asking.twice:
        return ""
    when = day(london_day(asking.twice))
    if asking.own:
        return f"You have a place on another date of this course, {when}. Swap it for this one."
    return f"{asking.person.name} has a place on another date of this course, {when}."


def waits_for_many(asking: Asking) -> str:
    most = settings.MOST_QUEUES_OF_A_COURSE
    if asking.waits < most:
        return ""
    if asking.own:
        return f"You wait for {most} dates of this course already. Leave one queue first."
    return f"{asking.person.name} waits for {most} dates of this course already."


CHECKS: list[Check] = [
    not_open,
    started,
    not_yet,
    no_longer,
    not_employed,
    other_agencies,
    other_jobs,
    needs_more_first,
    teaches_it,
    clashes,
    has_another_date,
    waits_for_many,
]
HANDED_ON: list[Check] = [check for check in CHECKS if check not in (not_yet, no_longer, waits_for_many)]
AT_THE_DOOR: list[Check] = [not_held, teaches_it]  # who stands there is let in where that can be


def _moment(at: datetime) -> str:
    """The day; with the hour, unless it is where the day begins or ends."""
    on = london_day(at)
    return day(on) if at in (start_of_day(on), end_of_day(on)) else f"{day(on)} at {clock_time(at)}"


# One statement, since everyone else waits for the lock that it takes: PostgreSQL works out the rest before it waits.
_DATES = "courses_booking b JOIN courses_run other ON other.id = b.run_id"
_MINE = "WHERE b.person_id = %s AND b.id IS DISTINCT FROM %s AND other.id <> run.id AND other.ends_at > %s"
_ASKING = f"""
SELECT run.*, main.agency_id AS asked_for_agency, agency.kind AS asked_for_kind,
    course.needs_approval AS asked_approval, course.fee AS asked_fee,
    policy.free_until_days AS asked_free, policy.late_charge AS asked_late, policy.late_is_absent AS asked_strict,
    CASE WHEN (SELECT sum(s.ends_at - s.starts_at) FROM courses_session s WHERE s.run_id = run.id)
        > interval '4 hours' THEN policy.no_show_full_day ELSE policy.no_show_half_day END AS asked_no_show,
    EXISTS (SELECT FROM courses_run_trainers t WHERE t.run_id = run.id AND t.person_id = %s) AS asked_by_trainer,
    {{is_open}} AS asked_open,
    EXISTS (SELECT FROM courses_course_job_roles j WHERE j.course_id = course.id) AND NOT EXISTS (
        SELECT FROM courses_course_job_roles j JOIN ({SPELLS_THAT_RUN}) mine ON mine.job_role_id = j.jobrole_id
        WHERE j.course_id = course.id
    ) AS asked_other_jobs,
    ARRAY(
        SELECT first.title FROM courses_course_requires q JOIN courses_course first ON first.id = q.to_course_id
        WHERE q.from_course_id = course.id AND NOT EXISTS (
            SELECT FROM courses_achievement a
            WHERE a.person_id = %s AND a.course_id = first.id AND a.revoked_at IS NULL
        ) ORDER BY first.title
    ) AS asked_missing,
    (
        SELECT what.title FROM {_DATES} JOIN courses_course what ON what.id = other.course_id {_MINE}
            AND b.state IN ('booked', 'offered') AND other.course_id <> run.course_id
            AND other.starts_at < run.ends_at AND other.ends_at > run.starts_at AND EXISTS (
                SELECT FROM courses_session s JOIN courses_session o
                    ON s.run_id = run.id AND o.run_id = other.id
                    AND s.starts_at < o.ends_at AND o.starts_at < s.ends_at
            ) LIMIT 1
    ) AS asked_clash,
    (
        SELECT min(other.starts_at) FROM {_DATES} {_MINE}
            AND b.state IN ('booked', 'offered') AND other.course_id = run.course_id
    ) AS asked_twice,
    (
        SELECT count(*) FROM {_DATES} {_MINE} AND b.state = 'queued' AND other.course_id = run.course_id
    ) AS asked_waits,
    EXISTS (SELECT FROM courses_keptplaces k WHERE k.run_id = run.id AND k.until > %s) AS asked_keeps
FROM courses_run run JOIN courses_course course ON course.id = run.course_id
LEFT JOIN LATERAL ({MAIN_AGENCY}) main ON true
LEFT JOIN partners_agency agency ON agency.id = main.agency_id
LEFT JOIN courses_policy policy ON policy.agency_kind = agency.kind
WHERE run.id = %s
"""  # noqa: S608  (only our own fragments are pasted in; every value is a parameter)


def asking(
    run: Run,
    person: Person,
    at: datetime,
    *,
    by: Person | None = None,
    hold: bool = False,
    instead_of: Booking | None = None,
) -> Asking:
    """`person` asks for a place on `run`, read anew, at that moment, in the job they then have, or `by` does for them;
    perhaps `instead_of` a booking that they have.

    With `hold` the run's row stays locked until the transaction ends. Raises Run.DoesNotExist.
    """
    who, on = person.pk, london_day(at)
    open_sql, open_values = sight.is_open("course", person, on)
    mine = [who, instead_of and instead_of.pk, at]
    values = [who, *open_values, who, on, on, who, *mine, *mine, *mine, at, who, on, on, run.pk]
    sql = _ASKING.format(is_open=open_sql)
    for found in Run.objects.raw(f"{sql} FOR NO KEY UPDATE OF run" if hold else sql, values):
        return _asking(found, person, by in (None, person), at)
    raise Run.DoesNotExist


def _asking(found: Run, person: Person, own: bool, at: datetime) -> Asking:
    return Asking(
        run=found,
        person=person,
        own=own,
        at=at,
        agency=found.asked_for_agency,
        agency_kind=found.asked_for_kind or "",
        teaches=found.asked_by_trainer,
        is_open=found.asked_open,
        for_other_jobs=found.asked_other_jobs,
        missing=found.asked_missing,
        clash=found.asked_clash or "",
        twice=found.asked_twice,
        waits=found.asked_waits,
        keeps=found.asked_keeps,
        needs_approval=found.asked_approval,
        terms=Terms(
            fee=found.asked_fee,
            free_until_days=found.asked_free or 0,
            late_charge=found.asked_late or Decimal(0),
            no_show_charge=found.asked_no_show or Decimal(0),
            late_is_absent=bool(found.asked_strict),
        ),
    )


def why_not(asking: Asking, checks: Iterable[Check] = tuple(CHECKS)) -> list[str]:
    """Every reason why someone may not have what they ask for; none means they may."""
    return [reason for reason in (check(asking) for check in checks) if reason]
