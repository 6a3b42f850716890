"""A world in which every access role meets what is its own, what is its agency's or duty's, and what is another's."""

from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta

from allauth.mfa.models import Authenticator
from django.db import connection, transaction
from django.test import Client

from academy.lib import sealed
from academy.privacy import holds
from academy.tryout.models import Letter
from courses.actions import calendars, certificates, records
from courses.models import Approval, Booking, Charge, Course, Hosting, Newcomer, Room, Run, Visit
from evaluation.actions import follow_ups
from evaluation.models import FollowUp, Paper
from partners.actions import merges
from partners.models import Agency, Deputy, Grant, Import, OutboxMessage, Person, Provider, SignIn
from partners.permissions import AccessRole
from tests.factories import (
    NOW,
    AgencyFactory,
    TeamFactory,
    achieved,
    asking,
    asye_cohort,
    booked,
    employed,
    enrolled,
    holding,
    planned_run,
)
from tests.signing_in import signed_in

RELATIONS = ("own", "same", "other")
OUT, ACTING = "out", "acting"
WHO = (OUT, *AccessRole, ACTING)
DAY = timedelta(days=1)


@dataclass
class World:
    """People by access role, their browsers, and by relation what stands in addresses."""

    agency: Agency
    elsewhere: Agency
    people: dict[str, Person] = field(default_factory=dict)
    browsers: dict[str, Client] = field(default_factory=dict)
    own: dict[str, dict[str, object]] = field(default_factory=dict)
    same: dict[str, object] = field(default_factory=dict)
    other: dict[str, object] = field(default_factory=dict)
    facts: dict[str, object] = field(default_factory=dict)

    def things(self, who: str, relation: str) -> dict[str, object]:
        """What stands in addresses and forms, as seen by `who`. An administrator acts as the learner here."""
        if relation != "own":
            return self.facts | getattr(self, relation)
        return self.facts | self.own["learner" if who in (OUT, ACTING) else who]


def build() -> World:
    """It plays at NOW."""
    world = World(AgencyFactory(name="Elm Primary"), AgencyFactory(name="Oak Secondary"))
    for role in AccessRole:
        granted = role in dict(Grant.GRANTABLE)
        scoped = role == AccessRole.COORDINATOR
        person = holding(role, agency=world.agency, scoped=scoped) if granted else employed(agency=world.agency)
        world.people[role] = person
    colleague = employed(agency=world.agency, manager=world.people["manager"])
    stranger = employed(agency=world.elsewhere, manager=employed(agency=world.elsewhere))
    for person in (colleague, stranger):  # who may lose it
        Authenticator.objects.create(user=person.user, type="totp", data={})
    duty = {"practice_lead": world.people["practice_lead"], "mentor": world.people["mentor"]}
    shared = asye_cohort("Own")
    open_run = planned_run()
    for role, person in world.people.items():
        world.own[role] = _things(person, world.agency, cohort=shared, run=open_run)
    world.same = _things(colleague, world.agency, duty=duty, trainer=world.people["trainer"])
    world.other = _things(stranger, world.elsewhere, trainer=stranger)
    Run.objects.filter(pk=world.other["run"]).update(state=Run.State.DRAFT)
    Course.objects.filter(runs=world.same["run"]).update(owner=world.agency)
    world.facts = _facts()
    certificates.issue_missing(NOW)
    for things in (*world.own.values(), world.same, world.other):
        achievement = things.pop("achievement")
        things |= {
            "certificate": achievement.certificate.number,
            "token": FollowUp.objects.get(achievement=achievement, months=3).token,
        }
    _browsers(world)
    return world


def _things(person: Person, agency: Agency, *, cohort=None, run=None, duty=None, trainer=None) -> dict[str, object]:
    """What there is of one person; the run is one that `trainer` teaches."""
    taught = run or planned_run(starts_at=NOW - 2 * DAY, trainers=[trainer])
    if run:
        booking = booked(run, person)
    else:
        booked(taught, person)
        booking = booked(planned_run(trainers=[trainer]), person)
    cohort = cohort or asye_cohort(f"Cohort of {person.pk}")
    enrolled(cohort, person, agency, start=date(2026, 9, 7), **(duty or {}))
    grant = person.grants.first() or Grant.objects.create(
        person=person, access_role="director", agency=agency, from_date=date(2030, 1, 1), reason="a test"
    )
    achievement = achieved(person, on=(NOW - 92 * DAY).date())
    Booking.objects.filter(pk=booking.pk).update(agency=agency)
    approval = Approval.objects.create(booking=booking, step="manager", asked_at=NOW, due_at=NOW + DAY)
    charge = Charge.objects.create(booking=booking, agency=agency, kind="late", amount=20, made_at=NOW)
    return {
        **_learning_from_colleagues(person, agency),
        "approval": approval.pk,
        "date": planned_run(course=booking.run.course, starts_at=NOW + 60 * DAY).pk,
        "charge": charge.pk,
        "person": person.pk,
        "booking": booking.reference,
        "run": taught.pk,
        "session": taught.sessions.first().pk,
        "cohort": cohort.pk,
        "grant": grant.pk,
        "spell": person.employments.get().pk,
        "load": Import.objects.create(
            agency=agency, by=person, at=NOW, file_name="a.csv", file=b"", state="refused"
        ).pk,
        "deputy": Deputy.objects.create(
            manager=person, deputy=employed(), from_date=NOW.date(), until=NOW.date(), named_at=NOW
        ).pk,
        "twin": (twin := employed(agency=agency)).pk,
        "address": twin.email,
        "sign_in": _sign_in(person),
        "asking": asking(agency, email=f"asks.{person.pk}@elm.example").pk,
        "agency": agency.pk,
        "team": TeamFactory(agency=agency).pk,
        "kept_course": taught.course_id,
        "mark": f"mark-{(place := taught.bookings.get(person=person).pk)}",
        "place": place,
        "newcomer": Newcomer.objects.create(
            session=taught.sessions.first(), name="Ivo Ashdown", agency_name="A nursery", written_at=NOW
        ).pk,
        "learning": _learning(person),
        "feed": calendars.make(person=person, at=NOW).token,
        "achievement": achievement,
    }


def _learning_from_colleagues(person: Person, agency: Agency) -> dict[str, int]:
    """What they offer people of other agencies, who asked them, and what they asked a stranger for."""
    facts = {"open_to": "others", "kind": "shadowing", "hours": 7, "made_at": NOW}
    own = Hosting.objects.create(host=person, agency=agency, **facts)
    stranger = employed()
    where = stranger.employments.get().agency
    strangers = [Hosting.objects.create(host=stranger, agency=where, **facts) for _ in range(2)]
    asked = {"hours": 7, "asked_at": NOW}
    agreed = {"state": "agreed", "on": NOW.date() - DAY, "host_agreed_at": NOW, "manager_agreed_at": NOW}
    return {
        "hosting": own.pk,
        "hosted": Visit.objects.create(hosting=own, guest=stranger, agency=where, **asked).pk,
        "visit": Visit.objects.create(hosting=strangers[0], guest=person, agency=agency, **asked).pk,
        "over": Visit.objects.create(hosting=strangers[1], guest=person, agency=agency, **asked, **agreed).pk,
    }


def _learning(person: Person) -> int:
    """Own learning with evidence."""
    facts = {"kind": "reading", "title": "A paper", "learnt_on": NOW.date(), "hours": 1}
    return records.add(person=person, facts=facts, file=records.File("a.pdf", "pdf", b"%PDF-1.7"), at=NOW).pk


def _sign_in(person: Person) -> int:
    """Another browser in which they are signed in."""
    key = f"of-{person.pk}"
    return SignIn.objects.create(user=person.user, session_key=key, browser="B", signed_in_at=NOW, last_seen_at=NOW).pk


def _provider() -> int:
    return Provider.objects.create(
        agency=AgencyFactory(),
        key="p",
        name="P",
        issuer="https://p.example",
        client_id="c",
        sealed_secret=sealed.seal("a secret"),
        domains=["p.example"],
        is_on=False,
    ).pk


def _facts() -> dict[str, object]:
    """What is nobody's own."""
    follow_ups.plan(NOW)
    follow_ups.send_due(NOW)
    failed = {"kind": "courses.place_booked", "state": "failed", "due_at": NOW, "created_at": NOW}
    message = OutboxMessage.objects.create(key="failed", address="a@b.example", **failed)
    paper = Paper.objects.create(
        name="retention", period=date(2026, 10, 1), as_at=date(2026, 10, 31), made_at=NOW, pdf=b"%PDF-1.7"
    )
    letter = Letter.objects.create(to="a@b.example", sender="A", subject="B", text="C", message_id="1", received_at=NOW)
    return {
        "message": message.pk,
        "paper": paper.pk,
        "letter": letter.pk,
        "merge": merges.merge(kept=employed(), absorbed=employed(), by=employed(), at=NOW, reason="a test").pk,
        "hold": holds.place(
            on=AgencyFactory(), by=employed(), at=NOW, reason="a test", review_on=date(2026, 12, 24)
        ).pk,
        "provider": _provider(),
        "course": planned_run().course_id,
        "room": Room.objects.create(name="Weir room", seats=12).pk,
    }


def _browsers(world: World) -> None:
    world.browsers[OUT] = Client()
    for who in (*AccessRole, ACTING):
        world.browsers[who] = signed_in(world.people["administrator" if who == ACTING else who].user)
    learner = world.people["learner"].pk
    answer = world.browsers[ACTING].post(f"/acting/as/{learner}/", {"reason": "They rang us"})
    assert answer.status_code == 302


def written() -> dict[str, int]:
    """How many rows were written in this transaction, taken back or not, by table; sessions aside."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_xact_user_tables"
            " WHERE n_tup_ins + n_tup_upd + n_tup_del > 0 AND relname NOT IN ('django_session', 'partners_limit')"
        )
        return dict(cursor.fetchall())


@contextmanager
def taken_back():
    """Whatever is done within it was not."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
