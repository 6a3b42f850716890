"""The nouns of WHO."""

from partners.models.accounts import Grant, User
from partners.models.agencies import Agency, AgencyKind, Team
from partners.models.ledgers import AuditEvent, OutboxMessage, Work
from partners.models.people import (
    Destination,
    DfeRole,
    Employment,
    EmploymentVersion,
    JobRole,
    LeavingReason,
    Person,
    WorkerType,
)
from partners.models.sign_ins import Limit, Provider, SignIn
from partners.models.versions import Version, VersionQuerySet

__all__ = [
    "Agency",
    "AgencyKind",
    "AuditEvent",
    "Destination",
    "DfeRole",
    "Employment",
    "EmploymentVersion",
    "Grant",
    "JobRole",
    "LeavingReason",
    "Limit",
    "OutboxMessage",
    "Person",
    "Provider",
    "SignIn",
    "Team",
    "User",
    "Version",
    "VersionQuerySet",
    "Work",
    "WorkerType",
]
