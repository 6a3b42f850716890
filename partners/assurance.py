"""How sure this session is of who it is: what was shown in it, and when. Read from the session alone, without a query.

django-allauth writes a record into the session for each thing that was shown: a code from a mail, a password, a work
account ('socialaccount'), a second factor ('mfa').
"""

import time
from typing import Any

from allauth.account.internal.flows.login import get_authentication_records, record_authentication
from django.conf import settings
from django.http import HttpRequest

TRY_OUT_MARK = "try_out"
WORK_ACCOUNT = "provider"  # the kind of a second factor that was shown elsewhere: the organisation asks for it


def _records(request: HttpRequest) -> list[dict[str, Any]]:
    return get_authentication_records(request, request.user)


def _shown(request: HttpRequest) -> list[dict[str, Any]]:
    """Second factors that were shown. A passkey by itself is both: the device asked for a finger, a face or a PIN."""
    return [record for record in _records(request) if record["method"] == "mfa"]


def is_try_out(request: HttpRequest) -> bool:
    """Whether somebody chose to be this person, which only a try-out allows."""
    return settings.TRY_OUT and bool(request.session.get(TRY_OUT_MARK))


def has_shown_second_factor(request: HttpRequest) -> bool:
    """Whether a second factor was shown in this session."""
    return bool(_shown(request)) or is_try_out(request)


def is_recent(request: HttpRequest, *, second_factor: bool, within_minutes: int) -> bool:
    """Whether anything was shown in the last so many minutes; with `second_factor`, whether such a one was."""
    records = _shown(request) if second_factor else _records(request)
    newest = max((record["at"] for record in records), default=0)
    return is_try_out(request) or time.time() - newest < within_minutes * 60


def record(request: HttpRequest, user: Any, method: str, **facts: Any) -> None:
    """Write down that `method` was shown in this session."""
    record_authentication(request, user, method, **facts)


def work_account_used(request: HttpRequest, user: Any) -> str:
    """The key of the organisation through which `user` is signing in just now; else nothing."""
    records = get_authentication_records(request, user)
    return records[-1].get("provider", "") if records and records[-1]["method"] == "socialaccount" else ""
