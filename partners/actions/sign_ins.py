"""Where people are signed in: beginning, being seen, ending."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils import timezone

from academy.lib.text import plural
from partners import audit
from partners.models import Limit, SignIn, User

MARK = "signed_in"  # in the session: which row is its own, under which key, and when it was last written


@audit.sentence("sign_in.ended")
def _signed_out(told: audit.Told) -> str:
    return f"signed {told.person} out of {plural(told.event.details.get('browsers', 1), 'browser')}"


def begin(session: SessionBase, *, user: User, browser: str, at: datetime) -> None:
    """Write down that `user` has signed in with this session, which ends a day's work later whatever is done in it."""
    session.set_expiry(timezone.now() + timedelta(seconds=settings.SESSION_COOKIE_AGE))
    if not session.session_key:  # somebody else was signed in here until now
        session.save()
    made = SignIn.objects.create(
        user=user, session_key=session.session_key, browser=browser, signed_in_at=at, last_seen_at=at
    )
    session[MARK] = {"id": made.pk, "key": session.session_key, "seen": at.timestamp()}


def seen(session: SessionBase, at: datetime) -> None:
    """Bring the row of this session up to date, where it is some minutes old or the session has changed its key."""
    mark = session.get(MARK)
    if not mark or not session.session_key:
        return
    stale = abs(at.timestamp() - mark["seen"]) >= settings.SEEN_EVERY_MINUTES * 60
    if stale or mark["key"] != session.session_key:
        SignIn.objects.filter(pk=mark["id"]).update(session_key=session.session_key, last_seen_at=at)
        session[MARK] = {**mark, "key": session.session_key, "seen": at.timestamp()}


def forget(session: SessionBase) -> None:
    """Somebody signs out here."""
    if mark := session.get(MARK):
        SignIn.objects.filter(pk=mark["id"]).delete()


@transaction.atomic
def end(sign_ins: Iterable[SignIn], *, user: User, by: User | None, at: datetime) -> int:
    """Sign `user` out in these browsers, at once. Returns how many. Audited."""
    ended = list(sign_ins)
    Session.objects.filter(session_key__in=[item.session_key for item in ended]).delete()
    SignIn.objects.filter(pk__in=[item.pk for item in ended]).delete()
    who = by and by.person
    audit.record("sign_in.ended", by=who, at=at, about=user, person=user.person, browsers=len(ended))
    return len(ended)


def forget_ended(at: datetime) -> dict[str, int]:
    """Delete sessions that have run out, what was written down about them, and counts of tries that have lapsed.

    Those know only the machine's own time, whatever the tick's `at`.
    """
    now = timezone.now()
    Limit.objects.filter(expires__lt=now).delete()
    Session.objects.filter(expire_date__lt=now).delete()
    gone, _ = SignIn.objects.exclude(session_key__in=Session.objects.values("session_key")).delete()
    return {"sign_ins_forgotten": gone} if gone else {}
