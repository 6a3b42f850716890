"""A year of training: runs planned, places booked, registers taken, follow-ups asked and answered, day by day."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random

from django.db import connection

from academy.demo import changes
from academy.demo.catalogue import COURSES, THEMES, CoursePlan
from academy.demo.facts import COST_A_PLACE, COST_ONLINE, FACTS, FIXED_COST, OWN_PEOPLE_ONLY, QUESTIONS, ROOMS
from academy.demo.world import COUNCIL
from academy.lib import clock, registry
from academy.lib.dates import at_hour, london_day, next_working_day, start_of_day
from courses.actions import bookings, registers, runs
from courses.actions.bookings import NotEligible
from courses.models import Booking, BookingQuestion, Course, Mark, OpenTo, PracticeTheme, Room, Run
from evaluation.actions import follow_ups
from evaluation.models import FollowUp, Question
from partners.models import Agency, Employment, Person

PAST_DAYS, COMING_DAYS = 400, 150
TICK_EVERY = 7  # days, in the demo's past
COUNT_EVERY = 80  # days, likewise
EXAMPLES = [
    "I now ask what a usual day looks like, and write down the child’s own words.",
    "I rang the school before the visit instead of after it. It changed the plan.",
    "I use the four questions in every supervision.",
    "I spotted a pattern in the chronology that I would have missed.",
]
OBSTACLES = ["Time.", "Caseload in the spring.", "I have not met such a family since.", "Nothing."]


@dataclass
class Year:
    """What happens when: (moment, order, what to do), carried out in order."""

    chance: Random
    now: datetime
    people: list[Person]
    trainers: list[Person]
    rooms: list[Room]
    events: list[tuple[datetime, int, Callable[[datetime], None]]] = field(default_factory=list)

    def plan(self, at: datetime, what: Callable[[datetime], None]) -> None:
        self.events.append((at, len(self.events), what))

    def play(self) -> None:
        """Do everything that was planned up to now, as if it were then."""
        for at, _, what in sorted(self.events, key=lambda event: event[:2]):
            if at <= self.now:
                with clock.standing_at(at):
                    what(at)


def rooms() -> list[Room]:
    """Where training is held; those in use are returned."""
    names = ("name", "area", "address", "seats", "directions", "in_use")
    made = Room.objects.bulk_create(Room(**dict(zip(names, facts, strict=True))) for facts in ROOMS)
    return [room for room in made if room.in_use]


def courses() -> list[Course]:
    """The catalogue."""
    themes = {slug: PracticeTheme.objects.create(slug=slug, name=name) for slug, name in THEMES.items()}
    agencies = {agency.name: agency for agency in Agency.objects.all()}
    return [_course(plan, themes, agencies[plan.owner]) for plan in COURSES]


def _course(plan: CoursePlan, themes: dict[str, PracticeTheme], owner: Agency) -> Course:
    course = Course.objects.create(
        title=plan.title,
        summary=plan.summary,
        aims=plan.aims,
        audience=plan.audience,
        kind=plan.kind,
        owner=owner,
        cpd_hours=plan.hours,
        open_to=OpenTo.OWNER if plan.title in OWN_PEOPLE_ONLY else OpenTo.EVERYONE,
        **FACTS.get(plan.title, {}),
    )
    course.themes.set(themes[slug] for slug in plan.themes.split())
    asked = enumerate(QUESTIONS.get(plan.title, []))
    BookingQuestion.objects.bulk_create(BookingQuestion(course=course, order=n, **said) for n, said in asked)
    return course


def live_through(year: Year, catalogue: list[Course]) -> None:
    """Plan a year of runs, then live through it."""
    changes.agree()
    for place, course in enumerate(catalogue):
        step = timedelta(days=year.chance.randint(150, 290))
        day = london_day(year.now) - timedelta(days=PAST_DAYS - place * 11 % 90)
        while day < london_day(year.now) + timedelta(days=COMING_DAYS):
            _plan_run(year, course, next_working_day(day), year.trainers[place % len(year.trainers)])
            day += step if day > london_day(year.now) else step * 1.3
    for days_ago in range(PAST_DAYS - 60, 0, -COUNT_EVERY):
        year.plan(at_hour(london_day(year.now) - timedelta(days=days_ago), 3), lambda at: count_rows())
    for days_ago in range(PAST_DAYS - 60, -1, -TICK_EVERY):
        year.plan(at_hour(london_day(year.now) - timedelta(days=days_ago), 9, 30), lambda at: _tick(year, at))
    year.play()


def _plan_run(year: Year, course: Course, first: date, trainer: Person) -> None:
    """A run and everything that will happen to it."""
    sessions = next(plan.sessions for plan in COURSES if plan.title == course.title)
    slots = [_slot(year, course, next_working_day(first + timedelta(weeks=2 * n))) for n in range(sessions)]
    capacity = year.chance.choice([8, 8, 12, 12, 16])
    opened = min(slots[0].starts_at - timedelta(days=70), year.now - timedelta(days=1))
    run = runs.plan_run(course=course, slots=slots, capacity=capacity, trainers=[trainer], by=trainer, at=opened)
    Run.objects.filter(pk=run.pk).update(cost=_cost(course, capacity))
    people = _invited(year, course)
    for person in year.chance.sample(people, min(len(people), _how_many(year, run))):
        asked = slots[0].starts_at - timedelta(days=year.chance.randint(3, 60), minutes=year.chance.randint(0, 500))
        year.plan(asked, lambda at, person=person: _book(run, person, at))
        if year.chance.random() < 0.05:
            year.plan(asked + timedelta(days=2), lambda at, person=person: _give_up(run, person, at))
    late = slots[0].starts_at - timedelta(days=year.chance.randint(2, 6), hours=year.chance.randint(0, 12))
    year.plan(late, lambda at: changes.give_up_late(year.chance, run, at))
    year.plan(late + timedelta(hours=3), lambda at: changes.answer_offers(year.chance, at))
    ends = slots[-1].ends_at
    if ends < year.now - timedelta(days=6):
        year.plan(ends + timedelta(hours=1), lambda at: _hold(year, run, trainer, at))


def _cost(course: Course, capacity: int) -> int | None:
    """What the academy pays; nobody told it of what its partners hold themselves."""
    if course.owner.name != COUNCIL:
        return None
    return COST_ONLINE if course.kind == "online" else FIXED_COST + COST_A_PLACE * capacity


def _invited(year: Year, course: Course) -> list[Person]:
    """Of those who book in this year, whom the course is for."""
    if course.open_to == OpenTo.EVERYONE:
        return year.people
    own = set(Employment.objects.filter(agency=course.owner).values_list("person", flat=True))
    return [person for person in year.people if person.pk in own]


def _slot(year: Year, course: Course, day: date) -> runs.Slot:
    hours = min(6, float(course.cpd_hours))
    start = at_hour(day, 9, 30)
    room = None if course.kind == "online" else year.chance.choice(year.rooms)
    ends = start + timedelta(hours=hours + (1 if hours > 4 else 0))
    return runs.Slot(start, ends, str(room or "Online"), room)


def _how_many(year: Year, run: Run) -> int:
    """Past runs are well attended; a few coming ones are more than full."""
    busy = year.chance.random()
    return int(run.capacity * (1.25 if busy > 0.8 else 0.5 + busy / 2))


def _book(run: Run, person: Person, at: datetime) -> None:
    try:
        bookings.book(run=run, person=person, by=person, at=at)
    except NotEligible:
        return  # left before they could come, or teaches it


def _give_up(run: Run, person: Person, at: datetime) -> None:
    held = run.bookings.live().filter(person=person).first()
    if held and not run.has_started(at):
        bookings.give_up(booking=held, by=person, at=at)


def _hold(year: Year, run: Run, trainer: Person, at: datetime) -> None:
    """Register every session, then close the run."""
    held = list(Booking.objects.booked().filter(run=run).order_by("pk").values_list("pk", flat=True))
    absent = {pk for pk in held if year.chance.random() < 0.08}
    for session in run.sessions.all():
        marks = {pk: Mark.ABSENT if pk in absent else Mark.PRESENT for pk in held}
        registers.take_register(session=session, marks=marks, by=trainer, at=at)
    registers.close_run(run=run, by=trainer, at=at)


def _tick(year: Year, at: datetime) -> None:
    """One morning: follow-ups go out, and in the week after it more than half of people answer."""
    registry.run_due(at, all_of_it=False)  # load() does the rest once, in the end
    changes.decide(year.chance, at)
    sent = FollowUp.objects.filter(sent_at=at, state=FollowUp.State.SENT).select_related("questionnaire", "person")
    questions = defaultdict(list)
    for question in Question.objects.all():
        questions[question.questionnaire_id].append(question)
    for follow_up in sent.order_by("achievement__booking", "months"):
        answered_at = at + timedelta(hours=year.chance.randint(1, 150))
        if year.chance.random() < 0.62 and answered_at < year.now:
            answers = _answers(year.chance, questions[follow_up.questionnaire_id])
            with clock.standing_at(answered_at):
                follow_ups.answer(follow_up=follow_up, answers=answers, at=answered_at)


def _answers(chance: Random, questions: list[Question]) -> dict[Question, str]:
    own_words = {"example": EXAMPLES, "obstacles": OBSTACLES}
    answers = {}
    for question in questions:
        if question.options:
            weights = [5, 6, 3, 2, 1][: len(question.options)]
            answers[question] = chance.choices(question.options, weights)[0]
        elif chance.random() < 0.5:
            answers[question] = chance.choice(own_words[question.key])
    return answers


def count_rows() -> None:
    """Let PostgreSQL look at how many rows there are. It does so by itself, but not within one long transaction, and
    without knowing it may choose a way that takes minutes."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def midnight(now: datetime) -> datetime:
    """The start of today: nothing in the demo depends on the hour at which it is made."""
    return start_of_day(london_day(now))
