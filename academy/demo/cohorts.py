"""Six invented cohorts that add up to a published table: Durham County Council, 18 November 2019, table 1.

Their dates are those of the table's time, moved so that today plays 7 October 2019. The people are invented; only the
totals are real.
"""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from academy.demo.people import Roll
from academy.demo.world import AGENCIES
from cohorts.importers.cohorts import COLUMNS

TABLE_DAY = date(2019, 10, 7)
RESIGNED = 1
AUTHORITY, AGENCY_WORK, LEFT_PROFESSION = 1, 3, 6
ROUTES = ["university", "university", "university", "step_up", "frontline", "apprenticeship"]
TEAMS = [team for team in AGENCIES[0].teams if team.social_work]


@dataclass(frozen=True)
class Fate:
    """What became of one member, in the table's own time."""

    start: date
    completed: date | None = None
    left: date | None = None
    destination: int | None = None
    redeployed: date | None = None


def fates() -> dict[str, list[Fate]]:
    """Every member of every cohort."""
    return {
        "Cohort 1": list(_cohort_1()),
        "Cohort 2": list(_cohort_2()),
        "Cohort 3": list(_cohort_3()),
        "Cohort 4": [
            Fate(date(2018, 9, 3), completed=date(2019, 9, 20)),
            *(Fate(date(2018, 10, 15) + timedelta(weeks=place % 8)) for place in range(25)),
        ],
        "Cohort 5": [Fate(date(2019, 3, 4) + timedelta(weeks=place % 5)) for place in range(14)],
        "Cohort 6": [Fate(date(2019, 10, 7)) for _ in range(10)],
    }


def _cohort_1() -> Iterator[Fate]:
    start, completed = date(2016, 9, 5), date(2017, 9, 29)
    yield from (Fate(start, completed) for _ in range(7))
    for left in (date(2018, 2, 28), date(2018, 6, 30), date(2018, 11, 16), date(2019, 3, 31), date(2019, 8, 30)):
        yield Fate(start, completed, left, AGENCY_WORK)


def _cohort_2() -> Iterator[Fate]:
    start = date(2017, 3, 6)
    yield from (Fate(start, date(2018, 3, 30)) for _ in range(6))
    yield from (Fate(date(2017, 9, 11), date(2019, 2, 15)) for _ in range(2))
    after = [(date(2018, 7, 13), LEFT_PROFESSION), (date(2018, 9, 28), AUTHORITY), (date(2018, 12, 21), AUTHORITY)]
    after += [(date(2019, 4, 26), AUTHORITY), (date(2019, 7, 31), LEFT_PROFESSION)]
    yield from (Fate(start, date(2018, 3, 30), left, where) for left, where in after)
    during = [(date(2017, 6, 30), LEFT_PROFESSION), (date(2017, 9, 29), AUTHORITY), (date(2017, 12, 15), AUTHORITY)]
    during += [(date(2018, 1, 31), AUTHORITY), (date(2018, 2, 16), LEFT_PROFESSION)]
    yield from (Fate(start, None, left, where) for left, where in during)
    yield Fate(start, redeployed=date(2017, 11, 30))


def _cohort_3() -> Iterator[Fate]:
    start = date(2017, 10, 2)
    yield from (Fate(start, date(2018, 10, 19)) for _ in range(7))
    yield from (Fate(start, date(2019, 1, 25)) for _ in range(2))
    yield Fate(start, date(2018, 10, 19), date(2019, 3, 15), LEFT_PROFESSION)
    yield Fate(start, date(2018, 10, 19), date(2019, 6, 28), AUTHORITY)
    yield Fate(start, None, date(2018, 5, 25), LEFT_PROFESSION)


@dataclass(frozen=True)
class Intake:
    """The cohorts' file, and the employee numbers of who is who."""

    csv: bytes
    practice_leads: list[str]
    mentors: list[str]
    newest_member: str


def intake(roll: Roll) -> Intake:
    """Put every member and their assessors on the roll, and write the cohorts' file."""
    council = AGENCIES[0]
    leads = [_assessor(roll, "ASYE practice lead", place) for place in range(4)]
    mentors = [_assessor(roll, "Enhanced practitioner", place) for place in range(11)]
    shift = roll.today - TABLE_DAY
    lines = []
    for name, members in fates().items():
        for place, fate in enumerate(members):
            number = _member(roll, council, fate, shift, place)
            lines.append(_line(name, number, fate, shift, leads[place % 4], mentors[place % 11], roll))
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS)
    writer.writeheader()
    writer.writerows(lines)
    newest = next(line["employee_number"] for line in lines if line["cohort"] == "Cohort 5")
    return Intake(out.getvalue().encode(), leads, mentors, newest)


def _assessor(roll: Roll, job: str, place: int) -> str:
    team = TEAMS[place % len(TEAMS)].path
    manager = roll.managers[team]
    swe = f"SW{roll.count + 200_001}"
    return roll.add(
        AGENCIES[0],
        team,
        job,
        dfe_role=4,
        swe_number=swe,
        manager_employee_number=manager,
        start_date=roll.past(1200, 4000),
    )


def _member(roll: Roll, council, fate: Fate, shift: timedelta, place: int) -> str:
    team = TEAMS[place % len(TEAMS)].path
    ended = fate.left or fate.redeployed
    facts = {
        "dfe_role": 5,
        "fte": "1",
        "swe_number": f"SW{roll.count + 200_001}",
        "manager_employee_number": roll.managers[team],
        "start_date": fate.start + shift,
        "end_date": ended + shift if ended else "",
        "leaving_reason": (RESIGNED if fate.left else 7) if ended else "",
        "destination": fate.destination or "",
    }
    number = roll.add(council, team, "Social worker", **facts)
    if fate.redeployed:
        given, family = roll.lines[-1]["given_name"], roll.lines[-1]["family_name"]
        hub = "Children and families > Early help > Family hubs"
        start = fate.redeployed + shift + timedelta(days=1)
        roll.add(council, hub, "Family support worker", name=(given, family), number=number, start_date=start)
    return number


def _line(cohort: str, number: str, fate: Fate, shift: timedelta, lead: str, mentor: str, roll: Roll) -> dict:
    outcome, on = ("pass", fate.completed) if fate.completed else ("redeployed", fate.redeployed)
    return {
        "programme": "ASYE",
        "cohort": cohort,
        "agency": AGENCIES[0].name,
        "employee_number": number,
        "start_date": fate.start + shift,
        "entry_route": roll.chance.choice(ROUTES),
        "practice_lead_employee_number": lead,
        "mentor_employee_number": mentor,
        "completed_on": fate.completed + shift if fate.completed else "",
        "outcome": outcome if on else "",
        "outcome_on": on + shift if on else "",
    }
