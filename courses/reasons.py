"""Why someone may see a run, its register, or somebody's booking on it; each rule of the querysets in a sentence."""

from collections.abc import Iterator
from datetime import date

from academy.lib import registry
from courses.models import Booking, Course, OpenTo, Run
from partners.models import Grant, Person
from partners.permissions import AccessRole
from partners.reasons import held

BOOKINGS = "Bookings"
PAGE = "The run’s page"
REGISTER = "The run’s register and results"
MOST = 5

registry.shown_at |= {"run": Run, "book": Run, "register": Run}


@registry.reason(Person, BOOKINGS)
def they_come_with_the_record(viewer: Person, person: Person, on: date) -> Iterator[str]:
    if Person.objects.visible_to(viewer, on).filter(pk=person.pk).exists():
        yield f"Whoever may open {person.name}’s record sees every booking."


@registry.reason(Person, BOOKINGS)
def trainers_see_who_comes(viewer: Person, person: Person, on: date) -> Iterator[str]:
    taught = Booking.objects.filter(person=person, run__in=viewer.teaches.values("pk")).select_related("run__course")
    for booking in taught.order_by("-run__starts_at")[:MOST]:
        yield f"{viewer.name} trains on {booking.run}, where {person.name} has or had a booking."


@registry.reason(Run, PAGE)
def those_whom_it_is_for_see_what_was_published(viewer: Person, run: Run, on: date) -> Iterator[str]:
    if run.state == Run.State.DRAFT or not Course.objects.open_to(viewer, on).filter(pk=run.course_id).exists():
        return
    if run.course.open_to == OpenTo.EVERYONE:
        yield "Everyone who is signed in sees a run once it was published."
    else:
        yield f"The course is open to {viewer.name}’s agency, and the run was published."


@registry.reason(Run, PAGE)
def whoever_was_booked_sees_it(viewer: Person, run: Run, on: date) -> Iterator[str]:
    if run.bookings.filter(person=viewer).exists():
        yield f"{viewer.name} has or had a booking on it."


@registry.reason(Run, PAGE)
@registry.reason(Run, REGISTER)
def leads_keep_every_run(viewer: Person, run: Run, on: date) -> Iterator[str]:
    grants = Grant.objects.held_by(viewer, on).filter(access_role=AccessRole.LEAD, agency=None, team=None)
    for grant in grants.select_related("given_by"):
        yield f"{viewer.name} is an academy lead ({held(grant)}), and leads plan every run and keep its register."


@registry.reason(Run, PAGE)
@registry.reason(Run, REGISTER)
def coordinators_keep_their_agencys(viewer: Person, run: Run, on: date) -> Iterator[str]:
    here = {"access_role": AccessRole.COORDINATOR, "agency": run.course.owner_id, "team": None}
    for grant in Grant.objects.held_by(viewer, on).filter(**here).select_related("given_by", "agency"):
        yield f"{viewer.name} coordinates {grant.place} ({held(grant)}), which offers the course."


@registry.reason(Run, PAGE)
@registry.reason(Run, REGISTER)
def trainers_keep_their_own(viewer: Person, run: Run, on: date) -> Iterator[str]:
    if run.trainers.filter(pk=viewer.pk).exists():
        yield f"{viewer.name} trains on this run."
