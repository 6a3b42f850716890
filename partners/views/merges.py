"""Two records of one human being: finding them, making them one, and undoing that."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from academy.lib import clock
from partners.access import recently_confirmed, requires, visible_or_404
from partners.actions import merges as actions
from partners.forms.merges import MergeForm
from partners.models import Employment, Merge, Person
from partners.models.merges import possible_duplicates
from partners.permissions import May

MOST = 50


@requires(May.MERGE_PEOPLE)
@require_safe
def duplicates(request: HttpRequest) -> HttpResponse:
    """People who may be one person, a pair a line."""
    pairs = possible_duplicates(MOST)
    posts = _posts([person for pair in pairs for person in pair])
    rows = [[(person, posts.get(person.pk, [])) for person in pair] for pair in pairs]
    recent = Merge.objects.filter(undone_at=None).select_related("kept", "absorbed", "by")[:20]
    return render(request, "partners/duplicates.html", {"rows": rows, "most": MOST, "recent": recent})


def _posts(people: list[Person]) -> dict[int, list[Employment]]:
    posts: dict[int, list[Employment]] = {}
    for spell in (
        Employment.objects.filter(person__in=people).select_related("agency", "job_role").order_by("start_date")
    ):
        posts.setdefault(spell.person_id, []).append(spell)
    return posts


def _pair(request: HttpRequest, pk: int, other: int) -> tuple[Person, Person]:
    visible = Person.objects.kept_by(request.viewer.person, request.viewer.today)
    return visible_or_404(request, visible, pk=pk), visible_or_404(request, visible, pk=other)


@requires(May.MERGE_PEOPLE)
@recently_confirmed
@require_http_methods(["GET", "HEAD", "POST"])
def merge(request: HttpRequest, pk: int, other: int) -> HttpResponse:
    """Compare two records, see what making them one does, and do it."""
    kept, absorbed = _pair(request, pk, other)
    viewer, at = request.viewer, clock.now()
    form = MergeForm(request.POST or None)
    context = {"kept": kept, "absorbed": absorbed, "form": form, "posts": _both(kept, absorbed)}
    try:
        if request.method == "POST" and form.is_valid():
            actions.merge(kept=kept, absorbed=absorbed, by=viewer.person, at=at, **form.cleaned_data)
            messages.success(request, f"{kept.name} is one record now.")
            return redirect("person", kept.pk)
        context["preview"] = actions.preview(kept=kept, absorbed=absorbed, by=viewer.person, at=at)
    except actions.CannotMerge as problem:
        context["problem"] = str(problem)
    return render(request, "partners/merge.html", context)


def _both(kept: Person, absorbed: Person) -> list[tuple[Person, list[Employment]]]:
    posts = _posts([kept, absorbed])
    return [(person, posts.get(person.pk, [])) for person in (kept, absorbed)]


@requires(May.MERGE_PEOPLE)
@require_POST
def tell_apart(request: HttpRequest, pk: int, other: int) -> HttpResponse:
    """Say that they are two people."""
    one, two = _pair(request, pk, other)
    actions.tell_apart(one=one, other=two, by=request.viewer.person, at=clock.now())
    return redirect("duplicates")


@requires(May.MERGE_PEOPLE)
@recently_confirmed
@require_http_methods(["GET", "HEAD", "POST"])
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """See what undoing a merge does, and do it."""
    done = get_object_or_404(Merge.objects.select_related("kept", "absorbed", "by"), pk=pk)
    if request.method != "POST":
        return render(request, "partners/merge_undo.html", {"merge": done})
    try:
        actions.undo(merge=done, by=request.viewer.person, at=clock.now())
    except actions.CannotMerge as problem:
        messages.error(request, str(problem))
    return redirect("person", done.absorbed_id if not done.absorbed.merged_into_id else done.kept_id)
