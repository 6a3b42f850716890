"""One invented person with a record in every room of the academy, and a search of every table for what names her."""

import json
from dataclasses import dataclass
from datetime import date, timedelta

from allauth.account.models import EmailAddress
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import connection

from academy.tryout.models import Guide, Letter
from cohorts.models import MemberVersion
from courses.models import Attendance, Certificate, Hosting, Reflection, Visit
from evaluation.actions.follow_ups import answer
from evaluation.models import FollowUp, Questionnaire
from partners import audit
from partners.actions.grants import give as grant
from partners.models import EmploymentVersion, OutboxMessage, Person
from tests.factories import LONG_AGO, NOW, achieved, asye_cohort, booked, employed, enrolled, planned_run

GIVEN, FAMILY = "Zephyrine", "Quillfeather-Ó Maoláin"
EMAIL, OLD_EMAIL = "zephyrine.quillfeather@larkshire.example", "z.quillfeather@oldplace.example"
SWE, NUMBER = "SW778899", "ZQ-004711"
NEEDS = "Large print for Zephyrine; no nuts"
OWN_WORDS = "As Zephyrine would say: I ask more, and earlier."
TELLING = [
    GIVEN,
    "Quillfeather",
    "Maoláin",
    "maolain",
    EMAIL,
    OLD_EMAIL,
    SWE,
    NUMBER,
    "no nuts",
    "I ask more, and earlier",
]


@dataclass
class Someone:
    """Her record, and what hangs on it."""

    person: Person
    manager: Person
    certificate: Certificate
    follow_up: FollowUp
    open_follow_up: FollowUp


def zephyrine(*, left: date | None = None) -> Someone:
    """Employed since 2015; with every kind of row that can be about anybody."""
    manager = employed()
    person = employed(start=date(2015, 1, 5), end_date=left, manager=manager, employee_number=NUMBER)
    person.given_name, person.family_name, person.email, person.email_refused = GIVEN, FAMILY, EMAIL, OLD_EMAIL
    person.swe_number, person.access_needs = SWE, NEEDS
    person.save()
    person.user.email = EMAIL
    person.user.last_login = LONG_AGO
    person.user.save()
    EmailAddress.objects.create(user=person.user, email=OLD_EMAIL, primary=True, verified=True)
    _training(person)
    agency = person.employments.get().agency
    enrolled(asye_cohort("Her cohort"), person, agency, start=date(2015, 1, 5), practice_lead=manager)
    MemberVersion.objects.filter(identity__person=person).update(source=f"{FAMILY}.csv")
    EmploymentVersion.objects.filter(identity__person=person).update(source=f"{GIVEN} {FAMILY}.csv")
    answered, still_open = _asked(person)
    grant(person=person, access_role="director", by=manager, at=LONG_AGO, reason=f"{GIVEN} stands in", agency=agency)
    person.grants.update(to_date=date(2016, 1, 1))
    _messages(person)
    _learning_from_colleagues(person)
    audit.record(
        "person.access_needs",
        by=manager,
        at=LONG_AGO,
        about=person,
        person=person,
        reason=f"{GIVEN} rang",
        n=3,
        list=[EMAIL],
    )
    audit.record(
        "person.access_needs",
        by=manager,
        at=LONG_AGO,
        about=manager,
        person=manager,
        words=f"asked {GIVEN.upper()}  {FAMILY}",
    )
    Letter.objects.create(
        to=EMAIL, sender="a@b.example", subject=f"Dear {GIVEN}", text=FAMILY, message_id="1", received_at=NOW
    )
    Guide.objects.create(person=person, position=1, what="Someone", see=f"{GIVEN}'s list")
    _sessions(person)
    return Someone(person, manager, Certificate.objects.get(achievement__person=person), answered, still_open)


def _training(person: Person) -> None:
    run = planned_run(starts_at=NOW - timedelta(days=4000), trainers=[person])
    booking = booked(run, person)
    Attendance.objects.create(
        booking=booking, session=run.sessions.get(), mark="present", marked_by=person, marked_at=NOW
    )
    made = achieved(person, on=run.last_day, run=run)
    made.booking = booking
    made.save()
    Certificate.objects.create(
        achievement=made, number="LCW-ZEPH-0001", name=f"{GIVEN} {FAMILY}", course="Neglect", cpd_hours=6, issued_at=NOW
    )


def _learning_from_colleagues(person: Person) -> None:
    """She hosts and is a guest, and writes about it; the other one writes of her."""
    other = employed()
    agencies = {one: one.employments.get().agency for one in (person, other)}
    facts = {"kind": "shadowing", "hours": 7, "made_at": LONG_AGO}
    for host, guest in ((person, other), (other, person)):
        said = {"title": f"A day with {GIVEN} {FAMILY}", "about": f"{GIVEN} {FAMILY} works here", "when": "Often"}
        hosting = Hosting.objects.create(host=host, agency=agencies[host], **said, **facts)
        words = {"hopes": f"{GIVEN}: {OWN_WORDS}", "times": EMAIL, "arrangements": f"Ask for {GIVEN}", "reason": NUMBER}
        asked = {"hours": 7, "asked_at": LONG_AGO, "state": "called_off"}
        visit = Visit.objects.create(hosting=hosting, guest=guest, agency=agencies[guest], **words, **asked)
        written = {"visit": visit, "written_at": LONG_AGO}
        Reflection.objects.create(by=person, learnt=OWN_WORDS, will_do=NEEDS, **written)
        Reflection.objects.create(by=other, learnt=f"{GIVEN} {FAMILY} knows a lot", **written)


def _asked(person: Person) -> tuple[FollowUp, FollowUp]:
    made, asked = person.achievements.get(), Questionnaire.objects.get()
    facts = {"achievement": made, "person": person, "questionnaire": asked, "state": "sent"}
    days = {"due_at": LONG_AGO, "sent_at": LONG_AGO, "closes_at": NOW + timedelta(days=900)}
    first = FollowUp.objects.create(**facts, **days, months=3)
    answer(
        follow_up=first,
        answers={q: OWN_WORDS if q.kind == "text" else q.options[0] for q in asked.questions.all()},
        at=LONG_AGO,
    )
    first.refresh_from_db()
    return first, FollowUp.objects.create(**facts, **days, months=6)


def _messages(person: Person) -> None:
    times = {"due_at": LONG_AGO, "created_at": LONG_AGO}
    OutboxMessage.objects.create(kind="courses.place_booked", key="z1", person=person, note=EMAIL, **times)
    OutboxMessage.objects.create(kind="courses.place_booked", key="z2", address=OLD_EMAIL, **times)


def _sessions(person: Person) -> None:
    for data in ({"_auth_user_id": str(person.user.pk)}, {"account_login": {"email": EMAIL}}, {"_auth_user_id": "0"}):
        store = SessionStore()
        store.update(data)
        store.save()


def found_in_the_database(words: list[str]) -> dict[str, list[str]]:
    """Every table in which one of these words stands in any column of any row; sessions and binary columns decoded."""
    found: dict[str, list[str]] = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT t::text FROM "{table}" t')
            text = "\n".join(row for (row,) in cursor.fetchall()).casefold()
            if here := [word for word in words if word.casefold() in text or word.casefold().encode().hex() in text]:
                found[table] = here
    decoded = json.dumps([session.get_decoded() for session in Session.objects.all()], ensure_ascii=False).casefold()
    if here := [word for word in words if word.casefold() in decoded]:
        found["sessions, decoded"] = here
    return found
