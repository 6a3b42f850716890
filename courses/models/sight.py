"""Who finds what is offered, in SQL: every page of the catalogue and every booking asks."""

from datetime import date

from partners.models import Person
from partners.models.people import EMPLOYERS

_OPEN = f"""(
    {{course}}.open_to = 'everyone'
    OR {{course}}.owner_id IN ({EMPLOYERS})
    OR {{course}}.open_to = 'chosen' AND (
        EXISTS (SELECT FROM partners_agency a WHERE a.id IN ({EMPLOYERS}) AND a.kind = ANY({{course}}.open_to_kinds))
        OR EXISTS (
            SELECT FROM courses_course_open_to_agencies o
            WHERE o.course_id = {{course}}.id AND o.agency_id IN ({EMPLOYERS})
        )
    )
)"""  # noqa: S608  (only our own fragments are pasted in; every value is a parameter)

_GRANTED = """SELECT {what} FROM partners_grant g WHERE g.person_id = %s AND g.access_role = '{role}'
    AND g.team_id IS NULL AND g.from_date <= %s AND (g.to_date IS NULL OR g.to_date > %s)"""
_KEPT = f"""(
    EXISTS ({_GRANTED.format(what="", role="lead")} AND g.agency_id IS NULL)
    OR {{course}}.owner_id IN ({_GRANTED.format(what="g.agency_id", role="coordinator")})
)"""

Sql = tuple[str, list[object]]


def is_open(course: str, person: Person, on: date) -> Sql:
    """Whether a course is for the agencies where `person` works that day. `course` is its name in the statement."""
    return _OPEN.format(course=course), [person.pk, on, on] * 3


def is_kept(course: str, person: Person, on: date) -> Sql:
    """Whether `person` keeps a course: a lead keeps all, a coordinator those that the own agency offers."""
    return _KEPT.format(course=course), [person.pk, on, on] * 2


def is_seen(course: str, person: Person, on: date) -> Sql:
    """Whether `person` finds a course: it is offered to them, or they keep it."""
    (open_sql, open_values), (kept_sql, kept_values) = is_open(course, person, on), is_kept(course, person, on)
    return f"({course}.published AND {open_sql} OR {kept_sql})", [*open_values, *kept_values]
