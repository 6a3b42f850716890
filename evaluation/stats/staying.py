"""How long people stay: for how long each member was followed, and the curve of each cohort.

Everyone is followed from their own first day on the programme, to the first break in their employment by the member's
agency, even if they came back, or else to the day of the figures. A break is that of 'in post': the end date is the
last day worked, and spells of which one starts by the day after the other ends are unbroken.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import TextChoices

from academy.lib.survival import MONTH, Curve, Stay, kaplan_meier
from cohorts.models import Cohort, MemberVersion, Outcome
from evaluation.stats.retention import Retention, Standing, spells_of
from partners.models import EmploymentVersion, LeavingReason

DAY = timedelta(days=1)
Spells = list[EmploymentVersion]


class Moved(TextChoices):
    """What someone has done who moved to other work in the same council: both readings are offered."""

    LEFT = "left", "left the job role"
    STAYED = "stayed", "stayed with the council"


@dataclass(frozen=True)
class CohortCurve:
    """One cohort's curve, or everyone's; `unknown` are the members left out, since no job of theirs is known."""

    cohort: Cohort | None
    curve: Curve
    unknown: int

    @property
    def name(self) -> str:
        return self.cohort.name if self.cohort else "All cohorts"


@dataclass(frozen=True)
class Staying:
    """The curves of a day, as known at a day, by one reading of moves within the council."""

    as_at: date
    known_at: date
    moved: Moved
    rows: list[CohortCurve]
    overall: CohortCurve


def staying(found: Retention) -> dict[Moved, Staying]:
    """The curves of everyone in the cohort table, for either reading. One query, however many cohorts."""
    spells = spells_of([standing.version for standing in found.overall.standings], found.known_at)
    return {moved: _staying(found, spells, moved) for moved in Moved}


def _staying(found: Retention, spells: dict[tuple[int, int], Spells], moved: Moved) -> Staying:
    def curve(cohort: Cohort | None, standings: Iterable[Standing]) -> CohortCurve:
        stays = [
            stay(one.version, spells.get((one.member.person_id, one.member.agency_id), []), found.as_at, moved)
            for one in standings
        ]
        known = [one for one in stays if one]
        return CohortCurve(cohort, kaplan_meier(known), unknown=len(stays) - len(known))

    rows = [curve(row.cohort, row.standings) for row in found.rows]
    return Staying(found.as_at, found.known_at, moved, rows, curve(None, found.overall.standings))


def stay(version: MemberVersion, spells: Spells, as_at: date, moved: Moved) -> Stay | None:
    """How long one member was followed, and whether they left; None where no job since their first day is known."""
    since = [spell for spell in spells if _runs_between(spell, version.start_date, as_at)]
    if not since:
        return None
    how_it_went = _in_the_role if moved == Moved.LEFT else _with_the_council
    last_day, left = how_it_went(since, _redeployed_on(version, as_at), as_at)
    return Stay(max(0, (last_day - version.start_date).days) / MONTH, left)


def _runs_between(spell: EmploymentVersion, first: date, as_at: date) -> bool:
    """A spell that starts on the day after `as_at` counts: it follows without a break on one that ended that day."""
    return spell.identity.start_date <= as_at + DAY and (spell.end_date is None or spell.end_date >= first)


def _redeployed_on(version: MemberVersion, as_at: date) -> date | None:
    on = version.outcome_on or version.completed_on or version.start_date
    return on if version.outcome == Outcome.REDEPLOYED and on <= as_at else None


def _in_the_role(spells: Spells, redeployed_on: date | None, as_at: date) -> tuple[date, bool]:
    """Children's social work posts alone, or any job of someone who never had one; being redeployed is leaving."""
    posts = [spell for spell in spells if spell.dfe_role] or spells
    ends = [spell.end_date for spell in _breaks(posts, as_at)]
    if redeployed_on:
        ends.append(redeployed_on)
    return (min(ends), True) if ends else (as_at, False)


def _with_the_council(spells: Spells, redeployed_on: date | None, as_at: date) -> tuple[date, bool]:
    """Any job. Someone who moved within the council has not left; where their next job is not known, the move is the
    last that was seen of them."""
    last_seen = as_at
    for spell in _breaks(spells, as_at):
        moved = spell.leaving_reason == LeavingReason.MOVED_WITHIN or (redeployed_on or date.min) >= spell.end_date
        if not moved:
            return spell.end_date, True
        later = any(other.identity.start_date > spell.end_date for other in spells)
        last_seen = as_at if later else spell.end_date
    return last_seen, False


def _breaks(spells: Spells, as_at: date) -> Iterator[EmploymentVersion]:
    """The spells that ended by the day without another running on the day after, in the order of their ends."""
    ended = [spell for spell in spells if spell.end_date and spell.end_date <= as_at]
    for spell in sorted(ended, key=lambda spell: spell.end_date):
        if not any(_carries_on(other, spell.end_date) for other in spells):
            yield spell


def _carries_on(spell: EmploymentVersion, last_day: date) -> bool:
    return spell.identity.start_date <= last_day + DAY and (spell.end_date is None or spell.end_date > last_day)
