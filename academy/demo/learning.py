"""What two of the cast say that they learnt elsewhere, and one calendar address."""

from datetime import date, datetime, timedelta

from academy.lib.dates import london_day
from courses.actions import calendars, records
from courses.models import Achievement, PracticeTheme
from partners.models import Person

_A_YEAR = timedelta(days=365)


def keep(learner: Person, newest_member: Person, now: datetime) -> None:
    """The learner has read and reflected, and follows the own calendar; the newly qualified social worker has what
    Social Work England asks for but for one thing."""
    today = london_day(now)
    _reflect_on_a_course(learner, now)
    _say(
        learner,
        now,
        kind="conference",
        title="Listening to fathers: a day for family workers",
        provider="Saltmarsh Family Alliance",
        learnt_on=today - _A_YEAR,
        hours=5,
        relevance="Half of the fathers I work with do not live with their children.",
        learnt="How to write to a father who has never been invited to anything.",
    )
    calendars.make(person=learner, at=now)
    _say(
        newest_member,
        now,
        "assessment",
        kind="reading",
        title="A review of what helps when neglect goes on for years",
        provider="An imaginary research centre",
        learnt_on=today - timedelta(days=40),
        hours=2.5,
        relevance="Two of the families on my caseload have been known to us for a long time.",
        learnt="That a chronology shows drift which a single visit hides.",
        impact="I now begin each assessment with the chronology, and read it to the family.",
        peer_discussion="She asked what I would have done without the review. I would have closed one of them.",
        peer_role="a senior social worker in my team",
    )
    _say(newest_member, now, kind="peers", title="Case discussion in my cohort", learnt_on=_lately(today), hours=1.5)


def _reflect_on_a_course(person: Person, now: datetime) -> None:
    done = Achievement.objects.standing().filter(person=person).select_related("course").first()
    if done:
        _say(
            person,
            now,
            achievement=done,
            kind="course",
            title=done.course.title,
            learnt_on=done.completed_on,
            hours=done.course.cpd_hours,
            learnt="Where the line lies between help that is offered and help that is not a choice.",
            impact="I say out loud in the meeting which of the two it is.",
            peer_discussion="We compared how each of us would have written the same referral.",
            peer_role="another family support worker",
        )


def _lately(today: date) -> date:
    return today - timedelta(days=12)


def _say(person: Person, now: datetime, *themes: str, **facts: object) -> None:
    found = PracticeTheme.objects.filter(slug__in=themes)
    records.add(person=person, facts=facts, themes=found, file=None, at=now)
