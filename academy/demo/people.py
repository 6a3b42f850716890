"""Everyone in Larkshire, as the file that HR would send."""

import csv
import io
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from academy.demo.names import invented
from academy.demo.world import AGENCIES, COUNCIL, AgencyPlan, TeamPlan
from partners.importers.columns import KEYS as COLUMNS


@dataclass
class Roll:
    """The lines of the file so far, and who was picked for what."""

    chance: Random
    today: date
    names: Iterator[tuple[str, str]] = field(init=False)
    lines: list[dict[str, object]] = field(default_factory=list)
    managers: dict[str, str] = field(default_factory=dict)
    count: int = 0

    def __post_init__(self) -> None:
        self.names = invented(self.chance)

    def add(self, agency: AgencyPlan, team: str, job: str, **facts: object) -> str:
        """One more person; returns their employee number."""
        self.count += 1
        given, family = facts.pop("name", None) or next(self.names)
        number = facts.pop("number", f"{self.count:05}")
        self.lines.append(
            {
                "agency": agency.name,
                "agency_kind": agency.kind,
                "team": team,
                "employee_number": number,
                "given_name": given,
                "family_name": family,
                "email": f"{_plain(given)}.{_plain(family)}@{agency.domain}",
                "job_role": job,
                "fte": self.chance.choice(["1", "1", "1", "0.8", "0.6"]),
                "start_date": self.past(90, 4000),
                "worker_type": "employee",
                **facts,
            }
        )
        return number

    def past(self, least: int, most: int) -> date:
        """A day between `least` and `most` days ago."""
        return self.today - timedelta(days=self.chance.randint(least, most))

    def csv(self) -> bytes:
        """The file."""
        out = io.StringIO()
        writer = csv.DictWriter(out, COLUMNS)
        writer.writeheader()
        writer.writerows(self.lines)
        return out.getvalue().encode()


def _plain(name: str) -> str:
    decomposed = unicodedata.normalize("NFKD", name.replace("Ż", "Z").replace("ż", "z").replace("ł", "l"))
    return "".join(char for char in decomposed if char.isascii() and (char.isalpha() or char == "-")).lower()


def everyone(roll: Roll) -> None:
    """Fill the roll: managers first, then their teams, then some who have left."""
    council = AGENCIES[0]
    director = roll.add(council, "Children and families", "Director of children’s services", dfe_role=1, fte="1")
    roll.managers[COUNCIL] = director
    for agency in AGENCIES:
        head = director if agency is council else roll.add(agency, "", "Head of service", fte="1")
        for team in agency.teams:
            _team(roll, agency, team, head)


def _team(roll: Roll, agency: AgencyPlan, team: TeamPlan, head: str) -> None:
    title = "Team manager" if team.social_work else "Manager"
    facts = {"dfe_role": 3, "swe_number": _swe(roll)} if team.social_work else {}
    manager = roll.add(agency, team.path, title, manager_employee_number=head, fte="1", **facts)
    roll.managers[team.path] = manager
    for place in range(team.size - 1):
        facts = _social_worker(roll, place) if team.social_work else {}
        if roll.chance.random() < 0.06:
            facts |= _left(roll)
        job = facts.pop("job", team.job)
        roll.add(agency, team.path, job, manager_employee_number=manager, **facts)


def _social_worker(roll: Roll, place: int) -> dict[str, object]:
    senior = place % 8 == 0
    facts = {"dfe_role": 4 if senior else 5, "swe_number": _swe(roll)}
    if senior:
        facts["job"] = "Senior social worker"
    if place % 17 == 5:
        facts["worker_type"] = "agency"
    return facts


def _swe(roll: Roll) -> str:
    return f"SW{roll.count + 200_001}"


def _left(roll: Roll) -> dict[str, object]:
    start = roll.past(800, 3500)
    return {
        "start_date": start,
        "end_date": roll.past(20, 700),
        "leaving_reason": roll.chance.choice([1, 1, 1, 1, 5, 8]),
        "destination": roll.chance.choice([1, 3, 5, 6, 8]),
    }
