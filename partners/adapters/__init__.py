"""How django-allauth does things here; settings name these."""

from partners.adapters.account import AccountAdapter, ResetTokens
from partners.adapters.factors import FactorAdapter, SecondFactorStage
from partners.adapters.providers import OrganisationProvider
from partners.adapters.work_accounts import WorkAccountAdapter

__all__ = [
    "AccountAdapter",
    "FactorAdapter",
    "OrganisationProvider",
    "ResetTokens",
    "SecondFactorStage",
    "WorkAccountAdapter",
]
