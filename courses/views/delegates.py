"""What delegates tell the people who run the training: asked of each, and listed for those who prepare it."""

from collections.abc import Iterable
from datetime import date

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from academy.lib import clock, tables
from academy.lib.registry import Report
from courses.actions import answers as actions
from courses.forms import BookForm
from courses.models import Booking, BookingQuestion, Run
from courses.models.states import WrongState
from partners.access import Proxy, requires, visible_or_404
from partners.actions import people
from partners.models import Employment
from partners.permissions import May

Answered = list[tuple[str, str]]  # a question and its answer


def answered(booking: Booking, questions: Iterable[BookingQuestion]) -> Answered:
    """What somebody answered to those questions, in their order."""
    return [(q.text, booking.answers[str(q.pk)]) for q in questions if booking.answers.get(str(q.pk))]


@requires(May.USE_OWN_RECORD, proxy=Proxy.DO)
@require_http_methods(["GET", "HEAD", "POST"])
def told(request: HttpRequest, reference: str) -> HttpResponse:
    """What one told the people who run the training, to change until it starts. Only one's own."""
    person = request.viewer.person
    own = Booking.objects.filter(person=person).select_related("run__course")
    booking = visible_or_404(request, own, reference=reference)
    if not booking.is_live or booking.run.has_started(clock.now()):
        return redirect("booking", reference)
    questions = list(booking.run.course.questions.all())
    form = BookForm(request.POST or None, initial=_known(booking), questions=questions)
    if request.method == "POST" and form.is_valid():
        try:
            actions.answer(booking=booking, answers=form.answers, by=person, at=clock.now())
            needs = form.cleaned_data["access_needs"]
            people.remember_access_needs(person=person, needs=needs, by=person, at=clock.now())
            messages.success(request, "Saved. The people who run the training see it.")
        except WrongState as refusal:
            messages.error(request, str(refusal))
        return redirect("booking", reference)
    context = {"booking": booking, "run": booking.run, "course": booking.run.course, "form": form}
    return render(request, "courses/told.html", context)


def _known(booking: Booking) -> dict[str, str]:
    said = {f"question-{pk}": answer for pk, answer in booking.answers.items()}
    return {"access_needs": booking.person.access_needs} | said


COLUMNS = ["Name", "Agency", "Team", "Job role", "E-mail", "Place"]


@requires(May.TAKE_REGISTERS, proxy=Proxy.NEVER)
@require_safe
def delegates(request: HttpRequest, pk: int, file_format: str) -> HttpResponse:
    """Everyone who holds a place or waits, with what they answered, as CSV or XLSX. What they need to take part is not
    in it: that is for those who arrange it, and does not leave the page."""
    kept = Run.objects.kept_by(request.viewer.person, request.viewer.today).select_related("course")
    run = visible_or_404(request, kept, pk=pk)
    if file_format not in ("csv", "xlsx"):
        raise Http404
    questions = list(run.course.questions.all())
    columns = [*COLUMNS, *[question.text for question in questions]]
    report = Report(run.course.title, columns, _rows(run, questions, request.viewer.today), data={})
    response = HttpResponse(tables.render(report, file_format), content_type=tables.FORMATS[file_format])
    response["Content-Disposition"] = f'attachment; filename="delegates-{run.pk}.{file_format}"'
    return response


def _rows(run: Run, questions: list[BookingQuestion], on: date) -> list[list[str]]:
    """Those who hold a place by name, then the queue in its order. Two queries, however many people there are."""
    bookings = list(run.bookings.live().select_related("person", "agency"))
    spells = Employment.objects.in_post(on).filter(person__in=[booking.person_id for booking in bookings])
    jobs = {(spell.person_id, spell.agency_id): spell for spell in spells.select_related("team", "job_role")}
    holders = sorted((b for b in bookings if b.queue_position is None), key=lambda b: b.person.name_key)
    queue = sorted((b for b in bookings if b.queue_position), key=lambda b: b.queue_position)
    places = [(b, b.get_state_display()) for b in holders]
    places += [(b, f"Queue, {n}") for n, b in enumerate(queue, start=1)]
    return [_row(b, place, jobs.get((b.person_id, b.agency_id)), questions) for b, place in places]


def _row(booking: Booking, place: str, job: Employment | None, questions: list[BookingQuestion]) -> list[str]:
    work = [str(part or "") for part in (booking.agency, job and job.team, job and job.job_role)]
    said = [booking.answers.get(str(question.pk), "") for question in questions]
    return [booking.person.name, *work, booking.person.email, place, *said]
