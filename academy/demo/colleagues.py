"""Learning from colleagues: what is on offer in Larkshire, and requests at every point of their life."""

from datetime import date, datetime, timedelta

from academy.demo.world import HEALTH, POLICE
from academy.lib.dates import london_day, next_working_day, working_days_before
from courses.actions import hostings, visits
from courses.models import Hosting, PracticeTheme, Visit
from partners.models import Employment, EmploymentVersion, Person

DAY = timedelta(days=1)
ABOUT = {
    "A day with the health visiting team": "Come along to the clinic and to two or three home visits, if the families "
    "agree. You see how we talk with parents about sleep, feeding and worries, and what makes us ring you.",
    "On duty with the officers who protect vulnerable people": "Sit in on the morning meeting, see how we decide what "
    "to look at first, and join us at a strategy discussion.",
    "Coaching for your first year of supervising others": "Four talks of an hour and a half about your supervision: "
    "what you ask, what you leave out, and how to say what is hard to say.",
}
HEALTH_DAY, POLICE_DAY, COACHING = ABOUT


def learn_from_each_other(*, learner: Person, trainer: Person, others: list[Person], now: datetime) -> None:
    """Three offers. The learner has been with one host and goes to another; a colleague and two others ask."""
    health = _offer(HEALTH_DAY, _somebody(HEALTH, "Health visiting", now), "Larkton", "7", "early-years neglect", now)
    police = _offer(
        POLICE_DAY, _somebody(POLICE, "Protecting vulnerable people", now), "Saltmarsh", "6", "exploitation", now
    )
    coaching = _offer(COACHING, trainer, "", "6", "oversight assessment", now)
    today = london_day(now)
    _agree(
        _ask(health, learner, "How a first visit after a birth is prepared.", now - 25 * DAY),
        working_days_before(today, 2),
    )
    soon = next_working_day(today + 12 * DAY)
    _agree(_ask(police, learner, "What you need from us when I ring about a worry.", now - 9 * DAY), soon)
    _ask(health, _colleague(learner, trainer, now), "What you notice that we miss.", now - 3 * DAY)
    waits = _ask(coaching, others[0], "I supervise two people from January.", now - 4 * DAY)
    visits.approve(visit=waits, by=_decider(waits), at=waits.asked_at + DAY)
    _reflect(
        _agree(_ask(coaching, others[1], "How to begin a hard talk.", now - 60 * DAY), working_days_before(today, 14))
    )


def _somebody(agency: str, team: str, now: datetime) -> Person:
    spells = Employment.objects.in_post(london_day(now)).filter(agency__name=agency, team__name=team)
    return spells.order_by("pk").first().person


def _colleague(learner: Person, trainer: Person, now: datetime) -> Person:
    """Another of those whom the learner's manager manages."""
    stated = EmploymentVersion.objects.current().filter(identity__in=learner.employments.all())
    spells = Employment.objects.in_post(london_day(now)).filter(versions__manager=stated.get().manager)
    return spells.exclude(person__in=[learner, trainer]).order_by("pk").first().person


def _offer(title: str, host: Person, area: str, hours: str, themes: str, now: datetime) -> Hosting:
    kind = Hosting.Kind.COACHING if title == COACHING else Hosting.Kind.SHADOWING
    when = "Friday mornings" if title == COACHING else "Most Tuesdays and Thursdays in term time"
    made = Hosting(kind=kind, title=title, about=ABOUT[title], area=area, when=when, hours=hours)
    found = PracticeTheme.objects.filter(slug__in=themes.split())
    return hostings.offer(hosting=made, themes=found, by=host, at=now - 90 * DAY)


def _ask(hosting: Hosting, guest: Person, hopes: str, at: datetime) -> Visit:
    return visits.ask(hosting=hosting, guest=guest, hopes=hopes, times="Any Tuesday but the first of the month", at=at)


def _decider(visit: Visit) -> Person:
    return visit.deciders(london_day(visit.asked_at)).order_by("pk").first()


def _agree(visit: Visit, on: date) -> Visit:
    """Host and manager agree within two days."""
    host = visit.hosting.host
    arrangements = "I send you the link the day before. Bring a supervision that went well, and one that did not."
    if visit.hosting.area:
        arrangements = "Ask for me at the front desk at 9am. Bring your badge, and shoes for walking."
    visits.agree_as_host(visit=visit, on=on, arrangements=arrangements, by=host, at=visit.asked_at + DAY)
    return visits.approve(visit=visit, by=_decider(visit), at=visit.asked_at + 2 * DAY)


def _reflect(visit: Visit) -> None:
    """Both wrote a few days later, so that it is done."""
    at = visit.asked_at + (visit.on - london_day(visit.asked_at)) + 3 * DAY
    words = {
        visit.guest: (
            "I begin with the easy part and run out of time for the hard one.",
            "I say the hard thing first.",
        ),
        visit.hosting.host: ("Being asked why I do it made me see that I had stopped asking.", ""),
    }
    for person, (learnt, will_do) in words.items():
        visits.reflect(visit=visit, learnt=learnt, will_do=will_do, by=person, at=at)
