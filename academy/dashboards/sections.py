"""What the frame's own pages show coordinators and administrators in the morning."""

from datetime import date

from django.db.models import Max
from django.urls import reverse

from academy.dashboards.answered_for import SOME, people_of
from academy.dashboards.todo import LATE
from academy.lib import clock, registry
from academy.lib.registry import Line, Section
from academy.lib.text import ago, plural
from partners.models import Grant, OutboxMessage, Person, Work
from partners.permissions import AccessRole


@registry.section(30, AccessRole.COORDINATOR)
def own_people(person: Person, on: date) -> Section:
    """For coordinators: how many of their people are on training, hear nothing or leave. A count for each."""
    people = people_of(person, on)
    counts = [(some, some.among(people, person, on).count()) for some in SOME.values() if some.name != "refused"]
    lines = [
        Line(f"{plural(count, 'person', 'people')} {some.words}", f"{reverse('people')}?{some.name}=1", some.why)
        for some, count in counts
        if count
    ]
    nothing = "None of your people is on training in the next 7 days, is without an address or is about to leave."
    return Section("Your organisation’s people", lines, nothing=nothing, more=(reverse("people"), "All your people"))


@registry.section(60, AccessRole.ADMINISTRATOR)
def how_it_runs(person: Person, on: date) -> Section:
    """For administrators: when the academy last looked for work, what waits, and who owes a second factor."""
    at = clock.now()
    last = Work.objects.aggregate(last=Max("ran_at"))["last"]
    due = OutboxMessage.objects.filter(state=OutboxMessage.State.QUEUED, due_at__lte=at).count()
    owing = Grant.objects.not_ended(on).without_second_factor().count()
    late = {"tag": "Late", "colour": "red"} if last is None or last < at - LATE else {}
    looked = f"Last looked for work {ago(last, at)}" if last else "Has never looked for work"
    lines = [Line(looked, reverse("system"), plural(due, "message waits", "messages wait") + " to be sent", **late)]
    if owing:
        text = plural(owing, "access role of somebody", "access roles of people") + " without a second factor"
        why = "They are asked to set one up when they next sign in"
        lines.append(Line(text, reverse("access_roles") + "?no_second_factor=1", why))
    return Section("How the academy is running", lines, more=(reverse("system"), "What runs by itself"))
