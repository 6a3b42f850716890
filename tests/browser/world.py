"""A small academy in which every page has something to show, and one person for each access role."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.core import mail
from django.db.models import F
from django.test import Client

from academy.lib import clock
from academy.tryout.models import Guide, Letter
from cohorts.models import Cohort
from courses.actions import bookings, certificates
from courses.models import Achievement, Booking, Course, PracticeTheme, Run
from evaluation.actions import follow_ups
from evaluation.models import FollowUp, Paper
from partners.actions import grants
from partners.models import Agency, Grant, OutboxMessage, Person, Work
from partners.permissions import AccessRole
from tests.browser.scenes import ACTING, ASKED, NEWCOMER, SCENES, Scene
from tests.conftest import put_back_what_migrations_made
from tests.factories import (
    NOW,
    TODAY,
    AgencyFactory,
    CourseFactory,
    JobRoleFactory,
    TeamFactory,
    achieved,
    asye_cohort,
    booked,
    crowd,
    employed,
    enrolled,
    holding,
    planned_run,
)

DAY = timedelta(days=1)
GOOD = {"used": "A great deal", "confidence": "Good", "difference": "Some difference"}
LONG_NAME = ("Maximiliana-Theodora", "Featherstonehaugh-Imaginary")
MORE_THAN_A_PAGE = 26


@dataclass
class World:
    """What `build` made: the people by access role, their sessions, and what scenes put into addresses."""

    people: dict[str, Person] = field(default_factory=dict)
    facts: dict[str, object] = field(default_factory=dict)
    own: dict[str, dict[str, object]] = field(default_factory=dict)
    sessions: dict[str, str] = field(default_factory=dict)

    def address(self, scene: Scene, who: str) -> str:
        return scene.address.format(**self.facts | self.own.get(who, {}))

    def scenes_for(self, who: str) -> Iterator[Scene]:
        """Every scene that this person may see."""
        return (scene for scene in SCENES if who in scene.seen_by)

    def content(self, html: str, who: str) -> str:
        """A page's own part, without what only says whose it is: the same for people who see the same."""
        main = re.sub(r'value="\w{64}"', "", html.partition("<main")[2].partition("</main>")[0])
        for fact in map(str, self.own.get(who, {}).values()):
            main = main.replace(fact, "…")
        return main


# --- What there is ------------------------------------------------------------------------------------------------


def build() -> World:
    """The world, committed; it plays at NOW."""
    put_back_what_migrations_made()
    world = World()
    council, trust = AgencyFactory(name="Larkshire County Council"), AgencyFactory(name="Larkshire Imaginary NHS Trust")
    with clock.standing_at(NOW):
        _people(world, council)
        _training(world)
        _own_training(world)
        _follow_ups(world)
        _cohorts(world, council, trust)
        _behind_the_scenes(world)
        _access(world)
        _sessions(world)
    return world


def _people(world: World, council: Agency) -> None:
    """One person for each access role, who holds no other; those of assignments get theirs later."""
    team, job = TeamFactory(agency=council, name="Assessment team east"), JobRoleFactory(name="Social worker")
    for role in (*AccessRole, NEWCOMER):
        granted = role in dict(Grant.GRANTABLE)
        person = holding(role, agency=council, scoped=role in ("coordinator", "director")) if granted else None
        world.people[role] = person or employed(agency=council, team=team, job_role=job)
        person = world.people[role]
        person.given_name, person.family_name = role.replace("_", " ").capitalize(), "Example"
        person.save()
        world.own[role] = {"name": person.name, "email": person.email}
    employee = employed(agency=council, manager=world.people["manager"], employee_number="e-1")
    employee.given_name, employee.family_name = LONG_NAME
    employee.access_needs = "A hearing loop, please.\nStep-free access."
    employee.save()
    Person.objects.filter(pk=employee.pk).update(email_refused=F("email"))
    world.people["employee"] = employee
    crowd(MORE_THAN_A_PAGE)


def _training(world: World) -> None:
    """A course with dates, and runs at every point of a run's life; the trainer teaches those with a register."""
    trainer, employee = world.people["trainer"], world.people["employee"]
    owner = AgencyFactory(name="Larkshire Invented Training Partnership")
    theme = PracticeTheme.objects.create(name="Neglect", slug="neglect")
    course = CourseFactory(
        title="Noticing neglect: seeing it early and acting on it",
        summary="Recognise neglect early, name it with colleagues, and agree what to do next.",
        aims="Name the signs of neglect\nUse the graded care profile\nChallenge drift",
        audience="Anyone who visits families at home",
        owner=owner,
    )
    course.themes.add(theme)
    runs = {
        "open": planned_run(course=course, sessions=2),
        "booked_run": planned_run(course=course, starts_at=NOW + 10 * DAY),
        "queued_run": planned_run(course=course, starts_at=NOW + 20 * DAY, capacity=1),
        "coming": planned_run(course=course, starts_at=NOW + 5 * DAY, trainers=[trainer]),
        "taught": planned_run(course=course, starts_at=NOW - 8 * DAY, sessions=2, trainers=[trainer]),
        "unasked": planned_run(course=course, starts_at=NOW - DAY, trainers=[trainer]),
        "closed": planned_run(course=course, starts_at=NOW - 95 * DAY, trainers=[trainer]),
    }
    for name in ("taught", "coming"):
        for person in (employee, *crowd(2)):
            booked(runs[name], person)
    Run.objects.filter(pk__in=[runs["closed"].pk, runs["unasked"].pk]).update(state=Run.State.COMPLETED)
    world.facts |= {name: run.pk for name, run in runs.items()}
    facts = {"summary": "About it.", "kind": "online", "owner": owner, "cpd_hours": 1}
    others = [Course(title=f"Course {n}", **facts) for n in range(MORE_THAN_A_PAGE)]
    world.facts |= {"course": course.pk, "undated": Course.objects.bulk_create(others)[0].pk}
    world.facts["employees"] = booked(runs["booked_run"], employee).reference


def _own_training(world: World) -> None:
    """Everyone but the newcomer has a place, waits in a queue, has given up a place, and completed a course."""
    runs = {name: Run.objects.get(pk=world.facts[name]) for name in ("booked_run", "queued_run", "taught", "closed")}
    booked(runs["queued_run"])
    for place, role in enumerate(AccessRole, start=1):
        person = world.people[role]
        waits = booked(runs["queued_run"], person)
        gave_up = booked(runs["taught"], person)
        facts = {"booked": booked(runs["booked_run"], person), "queued": waits, "given_up": gave_up}
        world.own[role] |= {name: booking.reference for name, booking in facts.items()}
        Booking.objects.filter(pk=waits.pk).update(state="queued", queue_position=place)
        Booking.objects.filter(pk=gave_up.pk).update(state="given_up")
        achieved(person, on=TODAY - 92 * DAY, course=runs["closed"].course)


def _follow_ups(world: World) -> None:
    """Of the closed run six have answered, one has not, one no longer can; the coordinator is late to answer."""
    closed = Run.objects.get(pk=world.facts["closed"])
    trained = [achieved(person, on=closed.last_day, run=closed) for person in crowd(8)]
    follow_ups.plan(NOW)
    follow_ups.send_due(NOW)
    sent = FollowUp.objects.filter(state="sent").order_by("pk")
    *answering, to_answer, expired = [sent.get(achievement=item) for item in trained]
    for item in answering:
        questions = {question.key: question for question in item.questionnaire.questions.all()}
        said = GOOD | {"example": "I asked the school first, and went back a week later."}
        follow_ups.answer(follow_up=item, answers={questions[k]: v for k, v in said.items()}, at=NOW)
    sent.filter(pk=expired.pk).update(state="closed", closes_at=NOW)
    sent.filter(person=world.people["coordinator"]).update(closes_at=NOW - DAY)
    tokens = {"to_answer": to_answer, "answered": answering[0], "expired": expired}
    world.facts |= {name: item.token for name, item in tokens.items()}
    certificates.issue_missing(NOW)
    for role in AccessRole:
        item = sent.filter(person=world.people[role]).get()
        world.own[role] |= {"asked": item.token, "certificate_number": item.achievement.certificate.number}
    kept, withdrawn = trained[0], trained[1]
    Achievement.objects.filter(pk=withdrawn.pk).update(revoked_at=NOW)
    world.facts |= {"certificate": kept.certificate.number, "withdrawn": withdrawn.certificate.number}


def _cohorts(world: World, council: Agency, trust: Agency) -> None:
    """One cohort done, one on the programme, one just begun; one of their members is another agency's."""
    done, running, begun = (asye_cohort(f"Cohort {n}") for n in (1, 2, 3))
    left = {"end_date": date(2026, 3, 31), "leaving_reason": 1, "destination": 6}
    for place in range(6):
        gone = left if place < 2 else {"end_date": date(2026, 6, 30), "leaving_reason": 7} if place == 2 else {}
        _member(done, council, f"a-{place}", date(2024, 9, 2), gone, completed_on=date(2025, 9, 1), outcome="pass")
    _member(done, trust, "b-1", date(2024, 9, 2), {}, completed_on=date(2025, 9, 1), outcome="pass")
    helped = {"practice_lead": world.people["practice_lead"], "mentor": world.people["mentor"]}
    for place, ending in enumerate(["", "deferred", "fail", "redeployed", "withdrawn"]):
        outcome = {"outcome": ending, "outcome_on": date(2026, 11, 2)} if ending else {}
        _member(running, council, f"c-{place}", date(2026, 9, 7), {}, **outcome, **helped)
    enrolled(running, world.people["learner"], council, start=date(2026, 9, 7), entry_route="step_up", **helped)
    _member(begun, council, "d-1", date(2026, 11, 16), {})
    world.facts["cohort"] = running.pk
    Paper.objects.create(
        name="retention", period=date(2026, 10, 1), as_at=date(2026, 10, 31), made_at=NOW, pdf=b"%PDF-1.7 invented"
    )


def _member(cohort: Cohort, agency: Agency, number: str, start: date, spell: dict, **facts) -> None:
    person = employed(agency=agency, dfe_role=5, employee_number=number, start=date(2024, 1, 8), **spell)
    enrolled(cohort, person, agency, start=start, **facts)


def _behind_the_scenes(world: World) -> None:
    """Letters, people to be, work that went well and badly, and messages that need a decision."""
    text = "Hello,\nYour place is booked: http://localhost/bookings/\nThe academy"
    made = Letter.objects.bulk_create(
        Letter(to="a@b.example", sender="Academy", subject=f"Booked {n}", text=text, message_id=n, received_at=NOW)
        for n in range(MORE_THAN_A_PAGE)
    )
    world.facts["letter"] = made[0].pk
    for position, role in enumerate(("learner", "trainer", "director")):
        Guide.objects.create(person=world.people[role], position=position, what=role.capitalize(), see="See the list.")
    Work.objects.create(what="Send messages", ran_at=NOW, did_at=NOW, did={"messages_sent": 1200}, seconds=1)
    Work.objects.create(what="Send follow-ups", ran_at=NOW - 9 * DAY, seconds=1, fault="OperationalError")
    for state in ("failed", "doubtful"):
        OutboxMessage.objects.create(
            kind="courses.place_booked",
            key=state,
            person=world.people["employee"],
            state=state,
            due_at=NOW,
            created_at=NOW,
            note="The mail server refused the address",
        )


def _access(world: World) -> None:
    """Access roles that are held, that ended and that were put right by hand, given and ended by an administrator."""
    by, employee, stand_in = world.people["administrator"], world.people["employee"], employed()
    reason = "Covers for a colleague until the summer; agreed with the head of service"
    given = grants.give(person=stand_in, access_role="director", by=by, at=NOW, reason=reason)
    Grant.objects.filter(pk=given.pk).update(to_date=TODAY + 200 * DAY)
    short = grants.give(person=stand_in, access_role="lead", by=by, at=NOW, reason="A mistake")
    grants.end(grant=short, from_date=TODAY, by=by, at=NOW, reason="Meant for somebody else")
    run = Run.objects.get(pk=world.facts["open"])
    booking = bookings.book(run=run, person=employee, by=world.people["manager"], at=NOW)
    bookings.give_up(booking=booking, by=employee, at=NOW)
    higher = world.people["lead"].pk
    world.facts |= {"grant": given.pk, "ended": short.pk, "somebody": employee.pk, "higher": higher, "oneself": by.pk}


def _sessions(world: World) -> None:
    """Sessions without the way there; someone who has asked for a code has one too."""
    for role in (*AccessRole, NEWCOMER):
        client = Client()
        client.force_login(world.people[role].user)
        world.sessions[role] = client.cookies["sessionid"].value
    client = Client()
    client.force_login(world.people["administrator"].user)
    client.post(f"/acting/as/{world.people['learner'].pk}/", {"reason": "They rang us"})
    world.sessions[ACTING] = client.cookies["sessionid"].value
    client = Client()
    client.post("/sign-in/", {"email": world.people["learner"].email})
    world.sessions[ASKED] = client.cookies["sessionid"].value
    mail.outbox.clear()
