"""Cohorts, and who is where."""

from collections import Counter

from django.db.models import Count, Min
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from cohorts.models import Cohort, Member
from cohorts.stats import whereabouts
from partners.access import requires, visible_or_404
from partners.permissions import May


@requires(May.SEE_COHORTS)
@require_safe
def cohorts(request: HttpRequest) -> HttpResponse:
    """The cohorts that have someone whom this person may see, newest first."""
    viewer = request.viewer
    members = Member.objects.visible_to(viewer.person, viewer.today).known_now()
    sizes = members.values("cohort").annotate(n=Count("pk"), began=Min("versions__start_date"))
    by_cohort = {row["cohort"]: row for row in sizes.order_by()}
    found = Cohort.objects.filter(pk__in=by_cohort).select_related("version__programme")
    rows = [(cohort, by_cohort[cohort.pk]["n"], by_cohort[cohort.pk]["began"]) for cohort in found]
    rows.sort(key=lambda row: (row[2], row[0].name_key), reverse=True)
    return render(request, "cohorts/cohorts.html", {"rows": rows})


@requires(May.SEE_COHORTS)
@require_safe
def cohort(request: HttpRequest, pk: int) -> HttpResponse:
    """Who is on a cohort, where each one is, what comes next, and who assesses and mentors them."""
    viewer = request.viewer
    visible = Cohort.objects.visible_to(viewer.person, viewer.today)
    found = visible_or_404(request, visible.select_related("version__programme"), pk=pk)
    members = whereabouts(found, viewer.person, viewer.today)
    counts = Counter(member.status for member in members).most_common()
    return render(request, "cohorts/cohort.html", {"cohort": found, "members": members, "counts": counts})
