"""A small academy in which every page has something to show, and one person for each access role."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.core import mail
from django.db.models import F
from django.test import Client

from academy.lib import clock
from academy.privacy import erasing, holds
from academy.privacy.models import RetentionRun
from academy.tryout.models import Guide, Letter
from cohorts.models import Cohort
from courses.actions import bookings, certificates, hostings, visits
from courses.models import (
    Achievement,
    Approval,
    Booking,
    BookingQuestion,
    Charge,
    Course,
    Hosting,
    Policy,
    PracticeTheme,
    Run,
    Visit,
)
from evaluation.actions import follow_ups
from evaluation.models import FollowUp, Paper
from partners.actions import grants, merges
from partners.importers import loads
from partners.importers.columns import Reading
from partners.models import Agency, Deputy, Grant, Import, OutboxMessage, Person, SignIn, Work
from partners.permissions import AccessRole
from tests.browser.scenes import ACTING, ASKED, HALFWAY, NEWCOMER, SCENES, Scene
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
from tests.signing.passkey import with_passkey
from tests.signing.provider import provider_at
from tests.signing.steps import PASSWORD, with_app
from tests.signing_in import signed_in

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
        _what_is_agreed(world)
        _learning_from_colleagues(world)
        _online(world)
        _follow_ups(world)
        _cohorts(world, council, trust)
        _records(world, council)
        _imports(world, council)
        _behind_the_scenes(world)
        _privacy(world, council)
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
        "bookable": planned_run(starts_at=NOW + 50 * DAY),
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


def _what_is_agreed(world: World) -> None:
    """A place held for the learner, one that waits for approval and is late to give up, a charge, a run with a fee."""
    learner, employee = world.people["learner"], world.people["employee"]
    agency = employee.employment(TODAY).agency
    offered = booked(planned_run(starts_at=NOW + 6 * DAY), learner)
    Booking.objects.filter(pk=offered.pk).update(state="offered", offer_until=NOW + DAY)
    with_fee = planned_run(starts_at=NOW + 40 * DAY, fee=120, title="Leading through change")
    BookingQuestion.objects.create(course=with_fee.course, text="What do you hope for?", required=True)
    BookingQuestion.objects.create(course=with_fee.course, text="Do you lead a team?", kind="yes_no")
    costly = booked(planned_run(starts_at=NOW + 2 * DAY), learner)
    Booking.objects.filter(pk=costly.pk).update(free_until_days=3, late_charge=20, fee=120, agency=agency)
    Approval.objects.create(booking=costly, step="manager", asked_at=NOW, due_at=NOW + DAY)
    employees = Booking.objects.get(reference=world.facts["employees"])
    approval = Approval.objects.create(booking=employees, step="manager", asked_at=NOW, due_at=NOW + 3 * DAY)
    late = {"booking": employees, "agency": agency, "amount": 20, "made_at": NOW}
    charge = Charge.objects.create(kind="late", **late)
    Charge.objects.create(kind="no_show", waived_at=NOW, waiver_reason="A bereavement", **late)
    Policy.objects.create(agency_kind="school", free_until_days=3, late_charge=20)
    world.facts |= {"approval": approval.pk, "charge": charge.pk, "with_fee": with_fee.pk}
    world.own["learner"] |= {"offered": offered.reference, "costly": costly.reference}


def _learning_from_colleagues(world: World) -> None:
    """What is on offer, and what the learner and an employee ask for and are asked for, at every point of its life."""
    learner, employee, host = world.people["learner"], world.people["employee"], employed()
    words = {"about": "Home visits,\nand a clinic.", "area": "Larkton", "when": "Most Tuesdays", "hours": 7}
    theme = PracticeTheme.objects.get()

    def offer(by: Person, title: str = "A day with the health visiting team"):
        hosting = Hosting(kind="shadowing", title=title, **words)
        return hostings.offer(hosting=hosting, themes=[theme], by=by, at=NOW - 30 * DAY)

    def ask(hosting: Hosting, guest: Person):
        asked = {"hopes": "How a first visit is prepared.", "times": "Any Tuesday", "at": NOW - 20 * DAY}
        return visits.ask(hosting=hosting, guest=guest, **asked)

    def settle(visit: Visit, on: date):
        agreed = {"on": on, "arrangements": "Come to the clinic at 9am.", "at": NOW - 19 * DAY}
        visits.agree_as_host(visit=visit, by=visit.hosting.host, **agreed)
        return visits.approve(visit=visit, by=world.people["manager"], at=NOW - 18 * DAY)

    hosting, own = offer(host), offer(learner, "A day in the assessment team")
    over, done, coming = (settle(ask(offer(host), learner), TODAY + days * DAY) for days in (-1, -2, 5))
    for by in (learner, host):
        visits.reflect(visit=done, learnt="They ask about sleep first.", will_do="Ask too.", by=by, at=NOW)
    of_employee = ask(offer(host), employee)
    world.facts |= {"hosting": hosting.pk, "employees_visit": of_employee.pk, "visit": coming.pk}
    learners = {"own_hosting": own.pk, "visit_over": over.pk, "visit_done": done.pk}
    world.own["learner"] |= learners | {"visit_to_answer": ask(own, host).pk}


def _online(world: World) -> None:
    """Sessions online that the learner has a place on: before the doors open, while they are, and afterwards."""
    for name, days in (("online_soon", 3), ("online_now", 0.5), ("online_over", -3)):
        run = planned_run(starts_at=NOW + days * DAY, kind="event", title="An evening with speakers")
        run.sessions.update(venue="Online", join_url="https://meet.example/1")
        booked(run, world.people["learner"])
        world.facts[name] = run.sessions.get().pk
    Run.objects.filter(pk=run.pk).update(state=Run.State.COMPLETED, recording_url="https://video.example/1")


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


def _records(world: World, council: Agency) -> None:
    """A colleague's record, a deputy, two records that look alike, and two that became one."""
    employee, manager, lead = (world.people[who] for who in ("employee", "manager", "lead"))
    world.facts |= {"employee": employee.pk, "post": employee.employments.get().pk}
    Deputy.objects.create(manager=manager, deputy=employee, from_date=TODAY, until=TODAY + 7 * DAY, named_at=NOW)
    twins = [employed(agency=council, job_role=JobRoleFactory()) for _ in range(4)]
    for person in twins:
        person.given_name, person.family_name = "Ivo", "Ashdown"
        person.save()
    for person in twins[:2]:
        booked(planned_run(), person)
    world.facts |= {"twin": twins[0].pk, "other_twin": twins[1].pk}
    done = merges.merge(kept=twins[2], absorbed=twins[3], by=lead, at=NOW, reason="He says so himself")
    world.facts["merge"] = done.pk


def _imports(world: World, council: Agency) -> None:
    """Files of people at every point of an import's life."""
    by = world.people["coordinator"]
    known = "Payroll No,Forename,Surname,Job title,Start date,FTE\ne-1,Max,Featherstonehaugh,,2020-01-06,0.5\n"
    wrong = "00e-2,Ines,Larch,Family worker,soon,\n"
    world.people["coordinator"].employments.update(employee_number="0017")
    lost = "17,Coordinator,Example,,2020-01-06,1\n"
    states = {
        "matching": (known, ()),
        "checked": (known + wrong + lost, ("check",)),
        "imported": (known, ("check", "confirm")),
        "cancelled": (known, ("cancel",)),
        "refused": ("Payroll No\n", ()),
    }
    for name, (text, steps) in states.items():
        load = loads.send(file_name=f"{name}.csv", data=text.encode(), agency=council, by=by, at=NOW)
        world.facts[name] = load.pk
        loads.do_waiting(NOW)
        for step in steps:
            load.refresh_from_db()
            _go_on(load, step)
            loads.do_waiting(NOW)
    world.facts["reading"] = loads.send(file_name="new.csv", data=b"x", agency=council, by=by, at=NOW).pk


def _go_on(load: Import, step: str) -> None:
    by, at = load.by, NOW
    if step == "check":
        how = Reading.from_json(load.reading)
        loads.check(load=load, how=replace(how, agency=load.agency.name, former="kept"))
    else:
        {"confirm": loads.confirm, "cancel": loads.cancel}[step](load=load, by=by, at=at)


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


def _privacy(world: World, council: Agency) -> None:
    """Somebody who left and can be erased, one who is held, and a night in which somebody was erased."""
    administrator = world.people["administrator"]
    leaver = world.facts["leaver"] = employed(agency=council, end_date=date(2024, 5, 31), employee_number="l-1").pk
    booked(planned_run(starts_at=NOW + 40 * DAY), Person.objects.get(pk=leaver))
    review_on, why = TODAY + 9 * DAY, "A claim before the employment tribunal"
    held = world.people["employee"]
    hold = holds.place(on=held, by=administrator, at=NOW - 40 * DAY, reason=why, review_on=TODAY - 9 * DAY)
    holds.place(on=AgencyFactory(name="Example Nursery"), by=administrator, at=NOW, reason=why, review_on=review_on)
    world.facts |= {"held": held.pk, "hold": hold.pk, "agency": council.pk}
    erasing.erase(person=employed(), by=administrator, at=NOW, reason="Asked for it in writing")
    RetentionRun.objects.create(
        on=TODAY, began_at=NOW, finished_at=NOW, did={"Messages: deleted 12 months after": 1200}
    )


def _access(world: World) -> None:
    """Access roles that are held, that ended and that were put right by hand, given and ended by an administrator."""
    by, employee, stand_in = world.people["administrator"], world.people["employee"], employed()
    reason = "Covers for a colleague until the summer; agreed with the head of service"
    given = grants.give(person=stand_in, access_role="director", by=by, at=NOW, reason=reason)
    Grant.objects.filter(pk=given.pk).update(to_date=TODAY + 200 * DAY)
    short = grants.give(person=stand_in, access_role="lead", by=by, at=NOW, reason="A mistake")
    grants.end(grant=short, from_date=TODAY, by=by, at=NOW, reason="Meant for somebody else")
    run = Run.objects.get(pk=world.facts["bookable"])
    booking = bookings.book(run=run, person=employee, by=world.people["manager"], at=NOW)
    bookings.give_up(booking=booking, by=employee, at=NOW)
    higher = world.people["lead"].pk
    world.facts |= {"grant": given.pk, "ended": short.pk, "somebody": employee.pk, "higher": higher, "oneself": by.pk}


def _sessions(world: World) -> None:
    """Sessions without the way there; someone who has asked for a code has one too."""
    for role in (*AccessRole, NEWCOMER):
        client = signed_in(world.people[role].user)
        world.sessions[role] = client.cookies["sessionid"].value
    client = signed_in(world.people["administrator"].user)
    client.post(f"/acting/as/{world.people['learner'].pk}/", {"reason": "They rang us"})
    world.sessions[ACTING] = client.cookies["sessionid"].value
    client = Client()
    client.post("/sign-in/", {"email": world.people["learner"].email})
    world.sessions[ASKED] = client.cookies["sessionid"].value
    mail.outbox.clear()
    _security(world)


def _security(world: World) -> None:
    """The newcomer has set up everything; somebody stands before the second factor, somebody before a new password."""
    user = world.people[NEWCOMER].user
    user.set_password(PASSWORD)
    user.save()
    world.sessions[NEWCOMER] = signed_in(user).cookies["sessionid"].value
    with_app(world.people[NEWCOMER])
    with_passkey(world.people[NEWCOMER], "Blue key with a name that is as long as a name is allowed to be")
    provider = provider_at("https://login.larkshire.example/tenant/v2.0", agency=Agency.objects.first())
    linked = SocialAccount.objects.create(user=user, provider=provider.key, uid="1")
    halfway, other = Client(HTTP_USER_AGENT="Firefox/130 Windows"), Client(HTTP_USER_AGENT="iPhone Safari/6")
    for browser in (halfway, other):
        browser.post("/sign-in/password/", {"login": user.email, "password": PASSWORD})
    held = Authenticator.objects.get(user=user, type="webauthn")
    world.sessions[HALFWAY] = halfway.cookies["sessionid"].value
    for browser in ("Firefox on Windows", "Safari on an iPhone"):
        session = signed_in(user).session.session_key
        made = SignIn.objects.create(
            user=user, session_key=session, browser=browser, signed_in_at=NOW - DAY, last_seen_at=NOW
        )
    mail.outbox.clear()
    world.facts |= {"passkey": held.pk, "sign_in": made.pk, "work_account": linked.pk, "provider": provider.pk}
