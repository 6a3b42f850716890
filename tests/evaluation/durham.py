"""Invented people whose records add up to a published cohort table.

Durham County Council, children and young people's overview and scrutiny committee, 18 November 2019, table 1: the
ASYE academy's six cohorts as at 7 October 2019, and what the minutes of that meeting corrected. The paper has counts
only; every name, number and day here is made up so that the counts come out.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import product

from partners.models import Destination

AGENCY = "Larkshire"
AS_AT = date(2019, 10, 7)
CORRECTED_ON = date(2019, 11, 18)

GIVEN = ["Amara", "Bryn", "Chiara", "Devinder", "Eilidh", "Farouk", "Gwenllian", "Hyun-woo", "Ifeoma", "Jasper"]
FAMILY = ["Abernethy-Osei", "Birdwhistle", "Czajka", "Dunmore", "Eklund", "Fairweather", "Gallowhill", "Haverstock"]
FAMILY += ["Ivanchenko", "Jolliffe"]

Record = dict[str, str]


@dataclass(frozen=True)
class Intake:
    """One cohort: when it began, when it finished, and what became of how many."""

    name: str
    began: date
    finished: date | None = None
    in_post: int = 0
    left_after: int = 0
    left_during: int = 0
    redeployed: int = 0
    on_programme: int = 0
    destinations: dict[Destination, int] = field(default_factory=dict)

    def fates(self) -> list[str]:
        """What became of each member, one word a member."""
        words = ("in_post", "left_after", "left_during", "redeployed", "on_programme")
        return [word for word in words for _ in range(getattr(self, word))]


INTAKES = [
    Intake(
        "Cohort 1",
        began=date(2016, 9, 5),
        finished=date(2017, 9, 8),
        in_post=7,
        left_after=5,
        destinations={Destination.AGENCY: 5},
    ),
    Intake(
        "Cohort 2",
        began=date(2017, 9, 4),
        finished=date(2019, 1, 18),
        in_post=8,
        left_after=5,
        left_during=5,
        redeployed=1,
        destinations={Destination.LEFT_PROFESSION: 4, Destination.ENGLISH_AUTHORITY: 6},
    ),
    Intake(
        "Cohort 3",
        began=date(2017, 11, 6),
        finished=date(2019, 2, 1),
        in_post=9,
        left_after=2,
        left_during=1,
        destinations={Destination.LEFT_PROFESSION: 2, Destination.ENGLISH_AUTHORITY: 1},
    ),
    Intake("Cohort 4", date(2018, 10, 15), date(2019, 9, 27), in_post=1, on_programme=25),
    Intake("Cohort 5", date(2019, 4, 1), on_programme=14),
    Intake("Cohort 6", date(2019, 9, 9), on_programme=10),
]


@dataclass(frozen=True)
class Someone:
    """One invented member: a line for each of the two files, by way of `person` and `membership`."""

    number: int
    name: tuple[str, str]
    intake: Intake
    fate: str
    destination: Destination | None

    @property
    def person(self) -> Record:
        given, family = self.name
        return {
            "agency": AGENCY,
            "agency_kind": "council",
            "team": f"Children and families > Team {self.number % 14 + 1}",
            "employee_number": f"{self.number:05}",
            "given_name": given,
            "family_name": family,
            "email": f"asye.{self.number}@larkshire.example",
            "job_role": "Newly qualified social worker",
            "dfe_role": "5",
            "swe_number": f"SW{90_000 + self.number}",
            "start_date": self.intake.began.isoformat(),
        } | self._leaving

    @property
    def _leaving(self) -> Record:
        if not self.destination:
            return {}
        anchor = self.intake.finished if self.fate == "left_after" else self.intake.began
        day = anchor + timedelta(days=60 + self.number)
        return {"end_date": day.isoformat(), "leaving_reason": "1", "destination": str(self.destination)}

    @property
    def membership(self) -> Record:
        line = {
            "programme": "ASYE",
            "cohort": self.intake.name,
            "agency": AGENCY,
            "employee_number": f"{self.number:05}",
            "start_date": self.intake.began.isoformat(),
        }
        if self.fate in ("in_post", "left_after"):
            return line | {"completed_on": self.intake.finished.isoformat(), "outcome": "pass"}
        if self.fate == "redeployed":
            day = self.intake.began + timedelta(days=200)
            return line | {"outcome": "redeployed", "outcome_on": day.isoformat()}
        return line


def everyone() -> list[Someone]:
    """Every member of every cohort, the same each time."""
    names = product(FAMILY, GIVEN)
    members, number = [], 1
    for intake in INTAKES:
        leaving = _destinations(intake)
        for fate in intake.fates():
            family, given = next(names)
            left = next(leaving) if fate.startswith("left") else None
            members.append(Someone(number, (given, family), intake, fate, left))
            number += 1
    return members


def _destinations(intake: Intake) -> Iterator[Destination]:
    return (code for code, count in intake.destinations.items() for _ in range(count))


def people() -> list[Record]:
    """The lines of people.csv as the agency first sent it."""
    return [someone.person for someone in everyone()]


def members() -> list[Record]:
    """The lines of cohorts.csv as the academy first had it."""
    return [someone.membership for someone in everyone()]


def returned() -> list[Record]:
    """Two of cohort 1's leavers had come back: one under the old employee number, one under a new one."""
    leavers = [one for one in everyone() if one.intake.name == "Cohort 1" and one.fate == "left_after"]
    running = {"start_date": "2019-07-01", "end_date": "", "leaving_reason": "", "destination": ""}
    back = [one.person | running | {"recorded_on": CORRECTED_ON.isoformat()} for one in leavers[:2]]
    return [back[0], back[1] | {"employee_number": "10001"}]


def completed() -> list[Record]:
    """47 supported, not 44. Which three more is not printed: here three of cohort 4, before the day of the table."""
    on_programme = [one for one in everyone() if one.intake.name == "Cohort 4" and one.fate == "on_programme"]
    passed = {"completed_on": "2019-09-30", "outcome": "pass", "recorded_on": CORRECTED_ON.isoformat()}
    return [someone.membership | passed for someone in on_programme[:3]]
