"""Leicester, Leicestershire and Rutland's first quarter of 2016–17, from invented people, through the ordinary actions.

Published: 318 booked − 20 no-shows − 29 cancelled + 35 walk-ins = 304 attended, on 393 places.
"""

from datetime import UTC, datetime, timedelta

from courses.actions import bookings, registers
from courses.models import Booking, Mark, PracticeTheme, Run
from partners.models import Agency, Employment, Person
from tests.factories import LONG_AGO, CourseFactory, crowd, employed, planned_run

FROM, TO = "2016-04-01", "2016-06-30"
BEFORE = datetime(2016, 3, 1, 9, tzinfo=UTC)
# For each of nine runs: places, booked, given up in time, given up late, did not come, came unbooked.
RUNS = [
    (45, 40, 3, 2, 4, 5),
    (45, 38, 2, 1, 2, 4),
    (40, 33, 2, 1, 3, 4),
    (40, 35, 3, 1, 2, 2),
    (48, 30, 1, 2, 1, 6),
    (45, 36, 2, 1, 3, 4),
    (40, 36, 1, 2, 2, 4),
    (45, 35, 1, 1, 1, 3),
    (45, 35, 2, 1, 2, 3),
]


def build() -> dict[str, object]:
    """Three courses with three runs each, and people of the council and of a trust by turns."""
    theme = PracticeTheme.objects.create(name="Neglect", slug="neglect")
    people = {agency: crowd(220) for agency in ("council", "trust")}
    council, trust = (group[0].employments.get().agency for group in people.values())
    Agency.objects.filter(pk=council.pk).update(name="Invented County Council")
    Agency.objects.filter(pk=trust.pk).update(name="Invented Health Trust", kind="health")
    courses = [CourseFactory(title=f"Course {letter}", owner=council) for letter in "ABC"]
    courses[0].themes.add(theme)
    trainer = employed(agency=trust)
    Employment.objects.update(start_date=LONG_AGO.date())
    for number, plan in enumerate(RUNS):
        _hold(courses[number % 3], number, plan, people, trainer)
    return {"council": council, "trust": trust, "courses": courses, "theme": theme, "trainer": trainer}


def _hold(course, number: int, plan: tuple[int, ...], people: dict[str, list[Person]], trainer: Person) -> Run:
    places, booked, in_time, late, stayed_away, unbooked = plan
    starts_at = datetime(2016, 4, 5 + number, 9, tzinfo=UTC)
    run = planned_run(course=course, starts_at=starts_at, capacity=places, trainers=[trainer])
    first = number // 3 * 70  # nobody has two dates of one course
    come = [people["council" if place % 2 else "trust"][first + place] for place in range(booked + unbooked)]
    made = [bookings.book(run=run, person=person, by=person, at=BEFORE) for person in come[:booked]]
    Booking.objects.filter(pk__in=[booking.pk for booking in made]).update(free_until_days=5)
    for place, booking in enumerate(made[: in_time + late]):
        days = 30 if place < in_time else 2
        bookings.give_up(booking=booking, by=booking.person, at=starts_at - timedelta(days=days))
    for person in come[booked:]:
        agency = person.employments.get().agency
        Booking.objects.create(
            run=run,
            person=person,
            agency=agency,
            reference=f"W-{run.pk}-{person.pk}",
            state="booked",
            walk_in=True,
            asked_at=starts_at,
            booked_at=starts_at,
        )
    held = list(run.bookings.booked().order_by("walk_in", "pk"))
    marks = {booking.pk: Mark.ABSENT if place < stayed_away else Mark.PRESENT for place, booking in enumerate(held)}
    ended = run.ends_at + timedelta(hours=1)
    registers.take_register(session=run.sessions.get(), marks=marks, by=trainer, at=ended)
    registers.close_run(run=run, by=trainer, at=ended)
    return run
