"""What a planner may plan, and whom they may name; for every page of planning."""

from django.db.models import QuerySet
from django.http import HttpRequest

from courses.models import Course, Run
from partners.access import visible_or_404
from partners.models import Agency, Grant, Person


def course_or_404(request: HttpRequest, pk: int) -> Course:
    viewer = request.viewer
    kept = Course.objects.kept_by(viewer.person, viewer.today).select_related("owner", "contact")
    return visible_or_404(request, kept, pk=pk)


def runs(request: HttpRequest) -> QuerySet[Run]:
    return Run.objects.planned_by(request.viewer.person, request.viewer.today)


def run_or_404(request: HttpRequest, pk: int) -> Run:
    return visible_or_404(request, runs(request).with_counts().select_related("course__owner"), pk=pk)


def people(request: HttpRequest) -> QuerySet[Person]:
    """Whom this planner may name as a trainer or contact: whose records they may open."""
    return Person.objects.visible_to(request.viewer.person, request.viewer.today)


def owners(request: HttpRequest) -> QuerySet[Agency]:
    """For whom this planner offers courses: any agency for a lead, the own ones for a coordinator."""
    duties = Grant.objects.duties_of(request.viewer.person, request.viewer.today)
    return Agency.objects.all() if duties.leads else Agency.objects.filter(pk__in=duties.agencies)
