"""The nouns of cohorts."""

from cohorts.models.members import Cohort, EntryRoute, Member, MemberVersion, Outcome
from cohorts.models.programmes import Programme, ProgrammeVersion, Stage

__all__ = [
    "Cohort",
    "EntryRoute",
    "Member",
    "MemberVersion",
    "Outcome",
    "Programme",
    "ProgrammeVersion",
    "Stage",
]
