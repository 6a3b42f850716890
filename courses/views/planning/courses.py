"""Planning courses: the list, one of them, adding, changing, asking, publishing, copying."""

from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from academy.lib import clock
from academy.lib.pages import page_of
from courses.actions import courses as actions
from courses.forms.courses import CourseFilter, CourseForm, QuestionRows
from courses.models import Course, Interest, Run
from courses.views.planning import kept
from partners.access import requires
from partners.permissions import May


@requires(May.PLAN_TRAINING)
@require_safe
def courses(request: HttpRequest) -> HttpResponse:
    """Courses that this person keeps, narrowed by the address."""
    filters = CourseFilter(request.GET)
    filters.is_valid()
    chosen, viewer = filters.cleaned_data, request.viewer
    found = _narrowed(Course.objects.kept_by(viewer.person, viewer.today), chosen, viewer.today)
    page = page_of(request, found.defer("search", "aims").select_related("owner").order_by("title", "pk"))
    context = {"page": page, "chosen": chosen, "states": CourseFilter.STATES, "today": viewer.today}
    return render(request, "planning/courses.html", context)


def _narrowed(found: QuerySet[Course], chosen: dict, today) -> QuerySet[Course]:
    if chosen.get("q"):
        found = found.filter(title__icontains=chosen["q"].replace("\0", ""))
    if states := chosen.get("state"):
        wanted = Q(pk=None)
        wanted |= Q(published=True) if "published" in states else Q(pk=None)
        wanted |= Q(published=False) if "hidden" in states else Q(pk=None)
        wanted |= Q(review_on__lte=today) if "review" in states else Q(pk=None)
        found = found.filter(wanted)
    return found


@requires(May.PLAN_TRAINING)
@require_safe
def course(request: HttpRequest, pk: int) -> HttpResponse:
    """One course: what is said of it, its dates, and what can be done."""
    found, at = kept.course_or_404(request, pk), clock.now()
    runs = found.runs.exclude(state=Run.State.CANCELLED)
    context = {
        "course": found,
        "questions": found.questions.all(),
        "coming": runs.filter(ends_at__gt=at).with_counts().order_by("starts_at")[:20],
        "at": at,
        "held": runs.filter(ends_at__lte=at).aggregate(count=Count("pk"))["count"],
        "waiting": Interest.objects.waiting().filter(course=found).count(),
        "open_to": _open_to(found),
    }
    return render(request, "planning/course.html", context)


def _open_to(found: Course) -> list[str]:
    """The kinds of agency and agencies that were chosen, if any were."""
    kinds = dict(found._meta.get_field("open_to_kinds").base_field.choices)
    return [*(str(kinds[kind]) for kind in found.open_to_kinds), *map(str, found.open_to_agencies.all())]


@requires(May.PLAN_TRAINING)
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """Add a course, which is not in the catalogue until it is published."""
    form = _form(request, Course())
    if form.is_valid():
        made = actions.add(**form.cleaned_data, by=request.viewer.person, at=clock.now())
        messages.success(request, "The course is saved. It is not in the catalogue until you publish it.")
        return redirect("planned_course", made.pk)
    return render(request, "planning/course_form.html", {"form": form, "title": "Add a course"})


@requires(May.PLAN_TRAINING)
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Change what is said of a course."""
    found = kept.course_or_404(request, pk)
    form = _form(request, found)
    if form.is_valid():
        actions.change(course=found, **form.cleaned_data, by=request.viewer.person, at=clock.now())
        messages.success(request, "The course is changed.")
        return redirect("planned_course", pk)
    title = Course.objects.only("title").get(pk=pk).title  # the form has put what was typed into `found`
    context = {"form": form, "title": "Change the course", "course": found, "called": title}
    return render(request, "planning/course_form.html", context)


def _form(request: HttpRequest, found: Course) -> CourseForm:
    viewer = request.viewer
    return CourseForm(
        request.POST if request.method == "POST" else None,
        instance=found,
        owners=kept.owners(request),
        people=kept.people(request),
        courses=Course.objects.visible_to(viewer.person, viewer.today),
    )


@requires(May.PLAN_TRAINING)
@require_http_methods(["GET", "HEAD", "POST"])
def questions(request: HttpRequest, pk: int) -> HttpResponse:
    """What people are asked as they book it."""
    found, posted = kept.course_or_404(request, pk), request.method == "POST"
    rows = QuestionRows(found, request.POST if posted else None)
    if posted and rows.is_valid():
        try:
            asked = rows.questions()
            actions.set_questions(course=found, questions=asked, by=request.viewer.person, at=clock.now())
            messages.success(request, "The questions are saved.")
            return redirect("course_questions" if "more" in request.POST else "planned_course", pk)
        except actions.QuestionAnswered as refusal:
            messages.error(request, str(refusal))
    has_errors = any(form.is_bound and form.errors for form in rows.forms)
    context = {"course": found, "rows": rows, "forms": rows.forms, "has_errors": has_errors}
    return render(request, "planning/questions.html", context)


@requires(May.PLAN_TRAINING)
@require_POST
def publish(request: HttpRequest, pk: int) -> HttpResponse:
    """Put it into the catalogue, or take it out."""
    found, withdraw = kept.course_or_404(request, pk), "withdraw" in request.POST
    (actions.withdraw if withdraw else actions.publish)(course=found, by=request.viewer.person, at=clock.now())
    messages.success(request, f"The course is {'out of' if withdraw else 'in'} the catalogue.")
    return redirect("planned_course", pk)


@requires(May.PLAN_TRAINING)
@require_POST
def copy(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a course like this one."""
    made = actions.copy(course=kept.course_or_404(request, pk), by=request.viewer.person, at=clock.now())
    messages.success(request, "This is the copy. Give it a title of its own.")
    return redirect("change_course", made.pk)
