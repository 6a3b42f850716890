"""One outbox, one sender.

Actions queue a message in the transaction that makes it true. The tick claims what is due, a batch at a time under a
lease, and sends one message per commit. A crash can leave at most the message in flight in doubt: transactional
messages are then sent again under the same Message-ID; surveys are marked doubtful and left to a person.
"""

import hashlib
import smtplib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.template.loader import render_to_string

from partners.models import OutboxMessage, Person

BATCH = 100
LEASE = timedelta(minutes=5)
MOST_ATTEMPTS = 8  # over about four hours, doubling from a minute

State = OutboxMessage.State


@dataclass(frozen=True)
class Mail:
    """What a recipient reads. `text` is plain text."""

    subject: str
    text: str


@dataclass(frozen=True)
class Kind:
    """How messages of one kind are rendered, and whether one is still wanted when its moment comes."""

    render: Callable[[OutboxMessage], Mail]
    unwanted: Callable[[OutboxMessage, datetime], str]
    survey: bool


_kinds: dict[str, Kind] = {}


def kind(
    name: str, *, unwanted: Callable[[OutboxMessage, datetime], str] = lambda message, at: "", survey: bool = False
) -> Callable[[Callable[[OutboxMessage], Mail]], Callable[[OutboxMessage], Mail]]:
    """Register how messages called `name` are rendered. `unwanted` gives a reason to skip one, or ''."""

    def register(render: Callable[[OutboxMessage], Mail]) -> Callable[[OutboxMessage], Mail]:
        _kinds[name] = Kind(render, unwanted, survey)
        return render

    return register


def mail(subject: str, template: str, **context: object) -> Mail:
    """A mail from `templates/emails/<template>.txt`."""
    context |= {"academy_name": settings.ACADEMY_NAME, "site_url": settings.SITE_URL}
    return Mail(" ".join(subject.split()), render_to_string(f"emails/{template}.txt", context).strip() + "\n")


def new(name: str, *, key: str, person: Person | int, at: datetime, due_at: datetime | None = None, **subjects: int):
    """An unsaved message of the kind `name`; `key` is unique per rule, recipient and version."""
    person_id = person.pk if isinstance(person, Person) else person
    return OutboxMessage(
        kind=name, key=f"{name}:{key}", person_id=person_id, subjects=subjects, due_at=due_at or at, created_at=at
    )


def queue(*messages: OutboxMessage) -> None:
    """Write messages; one whose key is there already is left as it is."""
    OutboxMessage.objects.bulk_create(messages, ignore_conflicts=True)


def send_due(at: datetime) -> Counter[str]:
    """Send every message that is due by `at`. Returns counts: messages sent, skipped, retried, failed."""
    done = release_stale(at)
    connection = get_connection()
    while batch := _claim(at):
        for message in batch:
            done[f"messages_{_deliver(message, connection, at)}"] += 1
    connection.close()
    return done


def release_stale(at: datetime) -> Counter[str]:
    """Take back what a dead worker held: unsent messages, and those in doubt."""
    stale = OutboxMessage.objects.filter(lease_until__lt=at)
    stale.filter(state=State.CLAIMED).update(state=State.QUEUED, lease_until=None)
    surveys = [name for name, item in _kinds.items() if item.survey]
    in_doubt = stale.filter(state=State.SENDING)
    doubtful = in_doubt.filter(kind__in=surveys).update(state=State.DOUBTFUL, lease_until=None)
    in_doubt.exclude(kind__in=surveys).update(state=State.QUEUED, lease_until=None)
    return Counter({"messages_doubtful": doubtful} if doubtful else {})


@transaction.atomic
def _claim(at: datetime) -> list[OutboxMessage]:
    due = OutboxMessage.objects.filter(state=State.QUEUED, due_at__lte=at).order_by("due_at", "id")
    batch = list(due.select_for_update(skip_locked=True, of=("self",)).select_related("person")[:BATCH])
    OutboxMessage.objects.filter(pk__in=[message.pk for message in batch]).update(
        state=State.CLAIMED, lease_until=at + LEASE
    )
    return batch


def _deliver(message: OutboxMessage, connection, at: datetime) -> str:
    item = _kinds[message.kind]
    if reason := item.unwanted(message, at) or ("" if _address(message) else "no e-mail address"):
        return _finish(message, State.SKIPPED, note=reason)
    email = _email(message, item.render(message), connection)
    _finish(message, State.SENDING)
    try:
        email.send()
    except smtplib.SMTPRecipientsRefused as refusal:
        codes = {code for code, _ in refusal.recipients.values()}
        permanent = all(code >= 500 for code in codes)
        return _retry(message, at, f"refused: {sorted(codes)}", permanent=permanent)
    except (OSError, smtplib.SMTPException) as problem:
        connection.close()
        return _retry(message, at, type(problem).__name__)
    return _finish(message, State.SENT, sent_at=at, lease_until=None, note="")


def _retry(message: OutboxMessage, at: datetime, note: str, permanent: bool = False) -> str:
    attempts = message.attempts + 1
    if permanent or attempts >= MOST_ATTEMPTS:
        return _finish(message, State.FAILED, attempts=attempts, note=note, lease_until=None)
    due_at = at + timedelta(minutes=2 ** (attempts - 1))
    _finish(message, State.QUEUED, attempts=attempts, due_at=due_at, note=note, lease_until=None)
    return "retried"


def _finish(message: OutboxMessage, state: str, **fields: object) -> str:
    OutboxMessage.objects.filter(pk=message.pk).update(state=state, **fields)
    return state


def _address(message: OutboxMessage) -> str:
    return message.person.email if message.person_id else message.address


def _email(message: OutboxMessage, content: Mail, connection) -> EmailMessage:
    domain = settings.SUPPORT_EMAIL.rpartition("@")[2]
    digest = hashlib.sha256(message.key.encode()).hexdigest()[:32]
    return EmailMessage(
        content.subject,
        content.text,
        to=[_address(message)],
        headers={"Message-ID": f"<{digest}@{domain}>", "Auto-Submitted": "auto-generated"},
        connection=connection,
    )
