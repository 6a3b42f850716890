"""One outbox, one sender.

Actions queue a message in the transaction that makes it true. The tick claims what is due, a batch at a time under a
lease, and sends one message per commit, which also says that the one before was sent. A crash can leave at most the
message in flight in doubt: transactional messages are then sent again under the same Message-ID; surveys are marked
doubtful and left to a person.
"""

import functools
import hashlib
import logging
import smtplib
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parseaddr
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives, SafeMIMEMultipart, SafeMIMEText, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.message import sanitize_address
from django.db import connection, transaction
from django.template.loader import render_to_string

from academy.lib.calendar import Calendar
from partners.models import OutboxMessage, Person

log = logging.getLogger(__name__)

BATCH = 100
LEASE = timedelta(minutes=5)
MOST_ATTEMPTS = 8  # over about two hours, doubling from a minute

State = OutboxMessage.State


@dataclass(frozen=True)
class Mail:
    """What a recipient reads. `text` is plain text; `calendar`, what their calendar is to enter or take out."""

    subject: str
    text: str
    calendar: Calendar | None = None


@dataclass(frozen=True)
class Kind:
    """How messages of one kind are rendered, and whether one is still wanted when its moment comes.

    `load` fetches what a batch of them is about, as {id: subject}, when the batch is about to be sent; by pairs of
    ids where `subject` names two.
    """

    subject: str | tuple[str, ...]
    load: Callable[[set[Any], datetime], Mapping[Any, Any]]
    render: Callable[[Any], Mail]
    unwanted: Callable[[Any, datetime], str]
    survey: bool


_kinds: dict[str, Kind] = {}


def kind(
    name: str,
    *,
    subject: str | tuple[str, ...],
    load: Callable[[set[Any], datetime], Mapping[Any, Any]],
    unwanted: Callable[[Any, datetime], str] = lambda about, at: "",
    survey: bool = False,
) -> Callable[[Callable[[Any], Mail]], Callable[[Any], Mail]]:
    """Register how messages called `name` are rendered from what they are about.

    `subject` is the key of its id in the message; `load` fetches a batch; `unwanted` gives a reason to skip one.
    """

    def register(render: Callable[[Any], Mail]) -> Callable[[Any], Mail]:
        _kinds[name] = Kind(subject, load, render, unwanted, survey)
        return render

    return register


def mail(subject: str, template: str, *, calendar: Calendar | None = None, **context: object) -> Mail:
    """A mail from `templates/emails/<template>.txt`."""
    context |= {"academy_name": settings.ACADEMY_NAME, "site_url": settings.SITE_URL}
    text = render_to_string(f"emails/{template}.txt", context).strip() + "\n"
    return Mail(" ".join(subject.split()), text, calendar)


def new(
    name: str,
    *,
    key: str,
    person: Person | int | None = None,
    address: str = "",
    at: datetime,
    due_at: datetime | None = None,
    **subjects: int,
) -> OutboxMessage:
    """An unsaved message of the kind `name` to a person, or else to an address; `key` is unique per rule, recipient
    and version."""
    person_id = person.pk if isinstance(person, Person) else person
    return OutboxMessage(
        kind=name,
        key=f"{name}:{key}",
        person_id=person_id,
        address=address,
        subjects=subjects,
        due_at=due_at or at,
        created_at=at,
    )


def queue(*messages: OutboxMessage) -> None:
    """Write messages; one whose key is there already is left as it is."""
    OutboxMessage.objects.bulk_create(messages, ignore_conflicts=True)


def send_due(at: datetime) -> Counter[str]:
    """Send every message that is due by `at`. Returns counts: messages sent, skipped, retried, failed, doubtful."""
    done = release_stale(at)
    talk = _Talk(get_connection(), at)
    begun = time.monotonic()
    while batch := _claim(at, lease_until=at + timedelta(seconds=time.monotonic() - begun) + LEASE):
        about = _load(batch, at)
        try:
            for message in batch:
                done[f"messages_{_deliver(message, about.get(message.pk), talk)}"] += 1
        finally:
            _write_down(talk)
    talk.server.close()
    return done


@dataclass
class _Talk:
    """The connection to the mail server, and the last message that it took, until that is written down."""

    server: BaseEmailBackend
    at: datetime
    taken: OutboxMessage | None = None


def _load(batch: list[OutboxMessage], at: datetime) -> dict[int, Any]:
    """What each message of a batch is about, by message id: one query for each kind."""
    by_kind = defaultdict(list)
    for message in batch:
        by_kind[message.kind].append(message)
    about = {}
    for name in by_kind.keys() & _kinds.keys():
        item = _kinds[name]
        ids = {message.pk: _subject(message, item.subject) for message in by_kind[name]}
        found = item.load(set(ids.values()), at)
        about |= {pk: found.get(subject) for pk, subject in ids.items()}
    return about


def _subject(message: OutboxMessage, names: str | tuple[str, ...]) -> Any:
    """The id of what a message is about; of both things where it is about two."""
    if isinstance(names, str):
        return message.subjects.get(names)
    return tuple(message.subjects.get(name) for name in names)


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
def _claim(at: datetime, lease_until: datetime) -> list[OutboxMessage]:
    due = OutboxMessage.objects.filter(state=State.QUEUED, due_at__lte=at).order_by("due_at", "id")
    batch = list(due.select_for_update(skip_locked=True, of=("self",)).select_related("person")[:BATCH])
    OutboxMessage.objects.filter(pk__in=[message.pk for message in batch]).update(
        state=State.CLAIMED, lease_until=lease_until
    )
    return batch


def _deliver(message: OutboxMessage, about: Any, talk: _Talk) -> str:
    """Send one message and write down what came of it. A fault in one never keeps the others from going out."""
    try:
        item = _kinds[message.kind]
        if reason := _why_skip(item, message, about, talk.at):
            return _finish(message, State.SKIPPED, note=reason)
        email = _email(message, item.render(about), talk.server)
        email.message()  # an address or a subject that cannot be mailed is found here
    except SoftTimeLimitExceeded:  # the tick's time is up, which says nothing about this message
        raise
    except Exception as fault:
        # The type alone: a fault's own words may hold what the message says.
        log.error("Message %s (%s) cannot be rendered: %s", message.pk, message.kind, type(fault).__name__)
        return _retry(message, talk.at, f"cannot be rendered: {type(fault).__name__}", permanent=True)
    if not _take(message, talk):
        return "left_to_another_sender"
    return _send(message, email, talk)


def _why_skip(item: Kind, message: OutboxMessage, about: Any, at: datetime) -> str:
    if about is None:
        return "what it was about is gone"
    return item.unwanted(about, at) or ("" if _address(message) else "no e-mail address")


# SQL for the one write that each message takes: updates of the ORM's cost three times as much, and to write down that
# one was sent in a commit of its own took as long again.
_SENT = "UPDATE partners_outboxmessage SET state = 'sent', sent_at = %s, lease_until = NULL, note = '' WHERE id = %s"
_TAKE = f"""
WITH before AS ({_SENT}) UPDATE partners_outboxmessage SET state = 'sending' WHERE id = %s AND state = 'claimed'
"""  # noqa: S608  (only our own fragment is pasted in)


def _take(message: OutboxMessage, talk: _Talk) -> bool:
    """Write down that the one before was sent, and move this one from claimed to sending, in one commit.

    False where the claim had lapsed and another sender has it.
    """
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, [talk.at, talk.taken and talk.taken.pk, message.pk])
        talk.taken = None
        return bool(cursor.rowcount)


def _write_down(talk: _Talk) -> None:
    """Write down that the last message was sent, where no other was taken after it."""
    if talk.taken:
        with connection.cursor() as cursor:
            cursor.execute(_SENT, [talk.at, talk.taken.pk])
    talk.taken = None


def _send(message: OutboxMessage, email: EmailMessage, talk: _Talk) -> str:
    server, at = talk.server, talk.at
    try:
        server.open()  # stays open for the messages after this one
    except (OSError, smtplib.SMTPException) as problem:
        server.close()
        return _retry(message, at, type(problem).__name__)
    handed_over = _watched(server)
    try:
        email.send()
    except smtplib.SMTPRecipientsRefused as refusal:
        return _refused(message, {code for code, _ in refusal.recipients.values()}, at)
    except smtplib.SMTPResponseException as refusal:
        server.close()  # most servers end the talk after a refusal of the sender or the text
        # A refused sender is a fault of ours that will be mended; a refused text will be refused again.
        permanent = isinstance(refusal, smtplib.SMTPDataError) and refusal.smtp_code >= 500
        return _retry(message, at, f"refused: {refusal.smtp_code}", permanent=permanent)
    except (OSError, smtplib.SMTPException) as problem:
        server.close()
        lost = _in_doubt if handed_over else _retry
        return lost(message, at, type(problem).__name__)
    if message.person_id and message.person.email_refused:
        Person.objects.filter(pk=message.person_id).update(email_refused="")
    talk.taken = message
    return State.SENT


def _watched(server: BaseEmailBackend) -> list[bool]:
    """A list that is empty until the text of the next message is handed over. Where that cannot be seen, it is not."""
    smtp = getattr(server, "connection", None)
    if not isinstance(smtp, smtplib.SMTP):
        return [True]
    handed_over: list[bool] = []

    def data(text: bytes) -> tuple[int, bytes]:
        handed_over.append(True)
        return type(smtp).data(smtp, text)

    smtp.data = data
    return handed_over


def _refused(message: OutboxMessage, codes: set[int], at: datetime) -> str:
    """The server does not know the recipient. A permanent refusal is kept with the person, for their coordinator."""
    permanent = all(code >= 500 for code in codes)
    if permanent and message.person_id:
        Person.objects.filter(pk=message.person_id).update(email_refused=message.person.email)
    return _retry(message, at, f"refused: {', '.join(map(str, sorted(codes)))}", permanent=permanent)


def _in_doubt(message: OutboxMessage, at: datetime, note: str) -> str:
    """The connection was lost while the server had the message: nobody knows whether it took it.

    A second copy of what someone needs to know does little harm, and bears the same Message-ID; a survey is left
    to a person.
    """
    if _kinds[message.kind].survey:
        return _finish(message, State.DOUBTFUL, note=f"in doubt: {note}", lease_until=None)
    return _retry(message, at, f"in doubt: {note}")


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


class _Email(EmailMessage):
    """Put together once: it is looked at before it is sent."""

    _built = None

    def message(self) -> SafeMIMEText:
        self._built = self._built or super().message()
        return self._built


class _Invitation(EmailMultiAlternatives):
    """The same with a calendar beside its words."""

    _built = None

    def message(self) -> SafeMIMEMultipart:
        if self._built is None:
            self._built = super().message()
            _name_charset(self._built.get_payload(1), self.alternatives[0].content)
        return self._built


def _name_charset(part: SafeMIMEText, text: str) -> None:
    """Calendars are UTF-8 unless a message says otherwise, and some programs stumble over being told: so it is named
    only where there is a letter that mail's own rule, which is ASCII, would get wrong."""
    if text.isascii():
        part.del_param("charset")


@functools.cache
def _as_header(address: str) -> str:
    """An address with its name as a header has it: worked out once, since every message has the same sender."""
    return sanitize_address(address, "utf-8")


def _class(calendar: Calendar | None) -> Callable[..., EmailMessage]:
    """Of all messages, few have a calendar: the others are put together the quick way."""
    if calendar is None:
        return _Email
    return functools.partial(_Invitation, alternatives=[(calendar.text, f"text/calendar; method={calendar.method}")])


def _email(message: OutboxMessage, content: Mail, server: BaseEmailBackend) -> EmailMessage:
    domain = settings.SUPPORT_EMAIL.rpartition("@")[2]
    digest = hashlib.sha256(message.key.encode()).hexdigest()[:32]
    return _class(content.calendar)(
        content.subject,
        content.text,
        from_email=parseaddr(settings.DEFAULT_FROM_EMAIL)[1],
        to=[_address(message)],
        headers={
            "From": _as_header(settings.DEFAULT_FROM_EMAIL),
            "Message-ID": f"<{digest}@{domain}>",
            "Auto-Submitted": "auto-generated",
        },
        connection=server,
    )
