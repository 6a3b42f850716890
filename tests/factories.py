"""Invented people, runs and cohorts. Factories build rows; what the software does with them goes through actions."""

from datetime import UTC, date, datetime, timedelta

import factory

from cohorts.models import Cohort, Member, MemberVersion, Programme
from courses.models import Achievement, Booking, Course, Run, Session
from partners.models import (
    Agency,
    AgencyKind,
    Employment,
    EmploymentVersion,
    Grant,
    JobRole,
    Person,
    SignUp,
    Team,
    User,
)

LONG_AGO = datetime(2015, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)  # a Monday
TODAY = date(2026, 11, 23)


class AgencyFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Agency

    name = factory.Sequence(lambda n: f"Agency {n}")
    kind = AgencyKind.COUNCIL


class TeamFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Team

    agency = factory.SubFactory(AgencyFactory)
    name = factory.Sequence(lambda n: f"Team {n}")


class JobRoleFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = JobRole

    name = factory.Sequence(lambda n: f"Job role {n}")


class PersonFactory(factory.django.DjangoModelFactory):
    """Somebody with an account and no job; `employed` gives them one."""

    class Meta:
        model = Person
        skip_postgeneration_save = True

    given_name = factory.Sequence(lambda n: f"Person{n}")
    family_name = factory.Sequence(lambda n: f"Example{n}")
    email = factory.Sequence(lambda n: f"person{n}@agency.example")
    created_at = LONG_AGO

    @factory.post_generation
    def user(self, create, extracted, **kwargs):
        User.objects.create_user(self.email, self)


def employ(person: Person, *, agency: Agency | None = None, start: date = date(2020, 1, 6), **facts) -> Employment:
    """A spell of one version; `facts` are those of EmploymentVersion."""
    spell = Employment.objects.create(
        person=person,
        agency=agency or AgencyFactory(),
        team=facts.pop("team", None),
        job_role=facts.pop("job_role", None),
        employee_number=facts.pop("employee_number", str(person.pk)),
        start_date=start,
    )
    recorded_at = facts.pop("recorded_at", LONG_AGO)
    EmploymentVersion.objects.create(identity=spell, recorded_at=recorded_at, source="a test", **facts)
    return spell


def employed(*, agency: Agency | None = None, **facts) -> Person:
    """Somebody with an account and a job."""
    person = PersonFactory()
    employ(person, agency=agency, **facts)
    return person


def holding(access_role: str, *, agency: Agency | None = None, scoped: bool = False) -> Person:
    """Somebody employed who was granted an access role: for the whole academy, or scoped to their agency."""
    agency = agency or AgencyFactory()
    return granted(employed(agency=agency), access_role, agency=agency if scoped else None)


def granted(person: Person, access_role: str, **scope) -> Person:
    """The same person, with an access role: for the whole academy, or the agency and team of `scope`."""
    Grant.objects.create(person=person, access_role=access_role, from_date=date(2020, 1, 1), reason="a test", **scope)
    return person


def asking(agency: Agency, **facts) -> SignUp:
    """Somebody who waits to be added to an agency since this morning."""
    said = {
        "email": "ines.larch@elm.example",
        "given_name": "Ines",
        "family_name": "Larch",
        "job": "Teaching assistant",
    }
    return SignUp.objects.create(agency=agency, **said | {"asked_at": NOW} | facts)


class CourseFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Course

    title = factory.Sequence(lambda n: f"Course {n}")
    summary = "What it is about."
    kind = "classroom"
    owner = factory.SubFactory(AgencyFactory)
    cpd_hours = 6


def planned_run(
    *, starts_at: datetime = NOW + timedelta(days=30), sessions: int = 1, capacity: int = 20, trainers=(), **course
) -> Run:
    """A published run; its sessions are a week apart and last six hours."""
    hours = timedelta(hours=6)
    run = Run.objects.create(
        course=course.pop("course", None) or CourseFactory(**course),
        capacity=capacity,
        state=Run.State.PUBLISHED,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(weeks=sessions - 1) + hours,
    )
    run.trainers.set(trainers)
    for week in range(sessions):
        start = starts_at + timedelta(weeks=week)
        Session.objects.create(run=run, starts_at=start, ends_at=start + hours, venue="Room 2")
    Course.objects.filter(pk=run.course_id).refresh_next_start(NOW)
    return run


def booked(run: Run, person: Person | None = None) -> Booking:
    """A place held on a run, as if booked long ago."""
    person = person or employed()
    return Booking.objects.create(
        run=run,
        person=person,
        reference=f"T-{run.pk}-{person.pk}",
        state=Booking.State.BOOKED,
        asked_at=LONG_AGO,
        booked_at=LONG_AGO,
    )


def achieved(person: Person | None = None, *, on: date, course: Course | None = None, run: Run | None = None):
    """An achievement on that day."""
    return Achievement.objects.create(
        person=person or employed(),
        course=course or (run.course if run else CourseFactory()),
        run=run,
        completed_on=on,
        recorded_at=datetime(on.year, on.month, on.day, 17, tzinfo=UTC),
    )


def asye_cohort(name: str = "Cohort 1") -> Cohort:
    """A cohort of the programme that comes with the migrations."""
    return Cohort.objects.create(version=Programme.objects.get(name_key="asye").current_version(), name=name)


def enrolled(cohort: Cohort, person: Person, agency: Agency, *, start: date, **facts) -> Member:
    """A membership of one version; `facts` are those of MemberVersion."""
    member = Member.objects.create(cohort=cohort, person=person, agency=agency)
    recorded_at = facts.pop("recorded_at", LONG_AGO)
    MemberVersion.objects.create(identity=member, start_date=start, recorded_at=recorded_at, source="a test", **facts)
    return member


def crowd(size: int) -> list[Person]:
    """So many people employed by one agency, made at once; they have addresses but no accounts."""
    agency = AgencyFactory()
    first = Person.objects.count()
    people = Person.objects.bulk_create(
        Person(
            given_name="One",
            family_name=f"Of{n:04}",
            email=f"crowd{first + n}@agency.example",
            created_at=LONG_AGO,
        ).set_name_key()
        for n in range(size)
    )
    spells = Employment.objects.bulk_create(
        Employment(person=person, agency=agency, employee_number=str(person.pk), start_date=date(2020, 1, 6))
        for person in people
    )
    EmploymentVersion.objects.bulk_create(
        EmploymentVersion(identity=spell, recorded_at=LONG_AGO, source="a test") for spell in spells
    )
    return people
