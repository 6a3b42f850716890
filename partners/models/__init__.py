"""The nouns of WHO."""

from partners.models.accounts import Grant, User
from partners.models.agencies import Agency, AgencyKind, Team
from partners.models.characteristics import Characteristics
from partners.models.deputies import Deputy
from partners.models.imports import Import, ImportLine
from partners.models.ledgers import AuditEvent, OutboxMessage, Work
from partners.models.merges import Merge, NotDuplicates
from partners.models.people import (
    Destination,
    DfeRole,
    Employment,
    EmploymentVersion,
    JobRole,
    LeavingReason,
    Person,
    PersonVersion,
    WorkerType,
)
from partners.models.posts import Post, PostVersion
from partners.models.sign_ins import Limit, Provider, SignIn
from partners.models.sign_ups import SignUp
from partners.models.versions import Version, VersionQuerySet

__all__ = [
    "Agency",
    "AgencyKind",
    "AuditEvent",
    "Characteristics",
    "Deputy",
    "Destination",
    "DfeRole",
    "Employment",
    "EmploymentVersion",
    "Grant",
    "Import",
    "ImportLine",
    "JobRole",
    "LeavingReason",
    "Limit",
    "Merge",
    "NotDuplicates",
    "OutboxMessage",
    "Person",
    "PersonVersion",
    "Post",
    "PostVersion",
    "Provider",
    "SignIn",
    "SignUp",
    "Team",
    "User",
    "Version",
    "VersionQuerySet",
    "Work",
    "WorkerType",
]
