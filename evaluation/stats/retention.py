"""Who stays: the cohort table, by where each member stands on a day as known at a day.

Definitions as in docs/glossary.md; tests rebuild the table that Durham County Council's children's overview and
scrutiny committee was given on 18 November 2019.
"""

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from academy.lib.dates import add_months
from academy.lib.figures import Share
from cohorts.models import Cohort, Member, MemberVersion, Outcome
from partners.models import Destination, EmploymentVersion, LeavingReason, WorkerType


class Status(StrEnum):
    """Where a member stands with the programme; every member stands in exactly one."""

    ON_PROGRAMME = "on the programme"
    COMPLETED = "completed"
    LEFT_DURING = "left during"
    REDEPLOYED = "redeployed"
    FAILED = "failed"


@dataclass(frozen=True)
class Standing:
    """One member on the day. `last_spell` is the newest that has ended since they began, if any."""

    member: Member
    version: MemberVersion
    status: Status
    in_post: bool
    last_spell: EmploymentVersion | None

    @property
    def has_left(self) -> bool:
        """A leaver of the table: during the programme, or after completing it."""
        return self.status == Status.LEFT_DURING or (self.status == Status.COMPLETED and not self.in_post)

    @property
    def reason(self) -> int:
        """Census code of the reason for leaving; 'not known' where nobody said."""
        return (self.last_spell and self.last_spell.leaving_reason) or LeavingReason.NOT_KNOWN

    @property
    def destination(self) -> int:
        """Census code of the destination; 'not known' where nobody said."""
        return (self.last_spell and self.last_spell.destination) or Destination.NOT_KNOWN


FIGURES: dict[str, Callable[[Standing], bool]] = {
    "intake": lambda s: True,
    "on_programme": lambda s: s.status == Status.ON_PROGRAMME,
    "completed": lambda s: s.status == Status.COMPLETED,
    "in_post": lambda s: s.status == Status.COMPLETED and s.in_post,
    "left_after": lambda s: s.status == Status.COMPLETED and not s.in_post,
    "left_during": lambda s: s.status == Status.LEFT_DURING,
    "redeployed": lambda s: s.status == Status.REDEPLOYED,
    "failed": lambda s: s.status == Status.FAILED,
    "left": lambda s: s.has_left,
    "supported": lambda s: s.status != Status.ON_PROGRAMME,
}


@dataclass(frozen=True)
class CohortRow:
    """One line of the table. Every count is the number of `people(figure)`, so rows and figures agree."""

    cohort: Cohort | None
    standings: list[Standing]

    def people(self, figure: str) -> list[Standing]:
        return [standing for standing in self.standings if FIGURES[figure](standing)]

    def count(self, figure: str) -> int:
        return len(self.people(figure))

    @property
    def counts(self) -> dict[str, int]:
        return {figure: self.count(figure) for figure in FIGURES}

    @property
    def in_post_of_intake(self) -> Share:
        """Not yet observable while anyone is still on the programme."""
        return Share(self.count("in_post"), 0 if self.count("on_programme") else self.count("intake"))

    @property
    def in_post_of_completed(self) -> Share:
        return Share(self.count("in_post"), self.count("completed"))

    @property
    def reasons(self) -> Counter[int]:
        return Counter(standing.reason for standing in self.people("left"))

    @property
    def destinations(self) -> Counter[int]:
        return Counter(standing.destination for standing in self.people("left"))

    @property
    def period(self) -> str:
        """'2017–19': from the first start to the last completion, expected or real; leavers do not count."""
        first = min(standing.version.start_date for standing in self.standings)
        last = max(
            (_end(s) for s in self.standings if s.status in (Status.COMPLETED, Status.ON_PROGRAMME)), default=first
        )
        return str(first.year) if first.year >= last.year else f"{first.year}–{last.year % 100:02}"


@dataclass(frozen=True)
class Retention:
    """The whole table."""

    as_at: date
    known_at: date
    rows: list[CohortRow]

    @property
    def overall(self) -> CohortRow:
        return CohortRow(None, [standing for row in self.rows for standing in row.standings])


def retention(as_at: date, known_at: date, programme: str = "asye") -> Retention:
    """Where every member stood on `as_at`, by what was known at the end of `known_at`. Four queries."""
    versions = (
        MemberVersion.objects.known_at(known_at)
        .filter(start_date__lte=as_at, identity__cohort__version__programme__name_key=programme)
        .select_related("identity__person", "identity__cohort__version", "identity__agency")
        .order_by("start_date", "identity__cohort__name_key", "identity__person__name_key", "identity_id")
    )
    members = list(versions)
    spells = spells_of(members, known_at)
    by_cohort: dict[Cohort, list[Standing]] = defaultdict(list)
    for version in members:
        member = version.identity
        own = spells[member.person_id, member.agency_id]
        by_cohort[member.cohort].append(_standing(version, own, as_at))
    return Retention(as_at, known_at, [CohortRow(cohort, standings) for cohort, standings in by_cohort.items()])


def spells_of(versions: list[MemberVersion], known_at: date) -> dict[tuple[int, int], list[EmploymentVersion]]:
    """All spells by person and agency. Agency workers are in no post."""
    spells = defaultdict(list)
    known = EmploymentVersion.objects.known_at(known_at).filter(
        identity__person__in={version.identity.person_id for version in versions},
        worker_type=WorkerType.EMPLOYEE,
    )
    for spell in known.select_related("identity"):
        spells[spell.identity.person_id, spell.identity.agency_id].append(spell)
    return spells


def _standing(version: MemberVersion, spells: list[EmploymentVersion], as_at: date) -> Standing:
    """'In post' is a children's social work post; one has left when that ended, or the only job one had."""
    posts = [spell for spell in spells if spell.dfe_role]
    in_post = _at_work(posts, as_at)
    left = _last_ended(posts, version, as_at)
    if not posts and not _at_work(spells, as_at):
        left = _last_ended(spells, version, as_at)
    status = _status(version, as_at, gone=left is not None and not in_post)
    return Standing(version.identity, version, status, in_post, left)


def _last_ended(spells: list[EmploymentVersion], version: MemberVersion, as_at: date) -> EmploymentVersion | None:
    """The newest of these that ended by the day, since the member began."""
    ended = [spell for spell in spells if spell.end_date and version.start_date <= spell.end_date <= as_at]
    return max(ended, key=lambda spell: spell.end_date, default=None)


def _at_work(spells: list[EmploymentVersion], day: date) -> bool:
    """The end date is the last day worked, not a day in post; unless the next spell starts the day after."""
    if any(s.identity.start_date <= day and (s.end_date is None or s.end_date > day) for s in spells):
        return True
    follows = any(s.identity.start_date == day + timedelta(days=1) for s in spells)
    return follows and any(s.end_date == day for s in spells)


def _status(version: MemberVersion, as_at: date, *, gone: bool) -> Status:
    outcome_on = version.outcome_on or version.completed_on or version.start_date
    outcome = version.outcome if outcome_on <= as_at else ""
    completed_on = version.completed_on or (version.outcome_on if version.outcome == Outcome.PASS else None)
    completed = completed_on is not None and completed_on <= as_at
    if outcome == Outcome.FAIL:
        return Status.FAILED
    if completed and outcome in ("", Outcome.PASS):
        return Status.COMPLETED
    if outcome == Outcome.REDEPLOYED:
        return Status.COMPLETED if completed and completed_on < outcome_on else Status.REDEPLOYED
    if outcome == Outcome.WITHDRAWN or gone:
        return Status.LEFT_DURING
    return Status.ON_PROGRAMME


def _end(standing: Standing) -> date:
    version = standing.version
    if standing.status == Status.COMPLETED:
        return version.completed_on or version.outcome_on
    return add_months(version.start_date, version.identity.cohort.version.months)
