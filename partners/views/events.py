"""What happened: every event in plain words, newest first."""

from datetime import timedelta

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from academy.lib.dates import start_of_day
from partners import audit
from partners.access import Proxy, requires
from partners.forms.access import EventFilter
from partners.models import AuditEvent, Person
from partners.permissions import May
from partners.views.finding import MOST, person_in

PAGE = 50
NEWEST = ("-at", "-id")


@requires(May.SEE_EVENTS, proxy=Proxy.NEVER)
@require_safe
def events(request: HttpRequest) -> HttpResponse:
    """Who did what, narrowed by person, thing and day. Pages are reached by their first event, so a page far down
    costs what the first one does, and none counts what there is."""
    filters = EventFilter(request.GET)
    filters.is_valid()
    chosen = filters.cleaned_data
    person, choices = _person(chosen)
    found = [] if chosen.get("q") and person is None else list(_newest(_narrowed(chosen), person))
    lines = audit.told(found[:PAGE])
    context = {
        "lines": lines,
        "older": found[PAGE - 1].pk if len(found) > PAGE else None,
        "chosen": chosen,
        "person": person,
        "choices": choices[:MOST],
        "more_choices": len(choices) > MOST,
    }
    return render(request, "partners/events.html", context)


def _person(chosen: dict) -> tuple[Person | None, list[Person]]:
    """Whom the address names; or whom the words may mean."""
    if chosen.get("q"):
        return person_in(chosen["q"])
    return Person.objects.filter(pk=chosen.get("person")).first(), []


def _narrowed(chosen: dict) -> QuerySet[AuditEvent]:
    found = AuditEvent.objects.all()
    if chosen.get("object_type") and chosen.get("object_id"):
        found = found.filter(object_type=chosen["object_type"], object_id=chosen["object_id"])
    if chosen.get("first"):
        found = found.filter(at__gte=start_of_day(chosen["first"]))
    if chosen.get("last"):
        found = found.filter(at__lt=start_of_day(chosen["last"] + timedelta(days=1)))
    if last := AuditEvent.objects.filter(pk=chosen.get("before")).values_list("at", flat=True).first():
        found = found.filter(at__lte=last).exclude(at=last, pk__gte=chosen["before"])
    return found


def _newest(found: QuerySet[AuditEvent], person: Person | None) -> QuerySet[AuditEvent]:
    """One page and one more; a person's are the newest of three lists, each of which its index has in order."""
    if person is None:
        return found.order_by(*NEWEST)[: PAGE + 1]
    lists = [found.filter(**{who: person.pk}).order_by(*NEWEST)[: PAGE + 1] for who in ("by", "person", "acting")]
    return lists[0].union(*lists[1:]).order_by(*NEWEST)[: PAGE + 1]
