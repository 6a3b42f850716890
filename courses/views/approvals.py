"""Approving bookings."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from academy.lib import clock
from academy.lib.pages import page_of
from courses.actions import approvals as actions
from courses.forms import DecideForm
from courses.models import Approval
from courses.models.states import WrongState
from partners.access import Proxy, requires, visible_or_404
from partners.permissions import May


@requires(May.DECIDE_BOOKINGS)
@require_safe
def approvals(request: HttpRequest) -> HttpResponse:
    """What waits for this person's word, soonest first."""
    viewer = request.viewer
    waiting = Approval.objects.waiting().visible_to(viewer.person, viewer.today)
    waiting = waiting.select_related("booking__run__course", "booking__person", "booking__agency")
    return render(request, "courses/approvals.html", {"page": page_of(request, waiting.order_by("due_at", "pk"))})


@requires(May.DECIDE_BOOKINGS, proxy=Proxy.NEVER)
@require_http_methods(["GET", "HEAD", "POST"])
def approval(request: HttpRequest, pk: int) -> HttpResponse:
    """One of them: who asks, for what. Opening it changes nothing."""
    viewer = request.viewer
    visible = Approval.objects.visible_to(viewer.person, viewer.today)
    visible = visible.select_related("booking__run__course", "booking__person", "booking__agency", "decided_by")
    found = visible_or_404(request, visible, pk=pk)
    form = DecideForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        give, reason = form.cleaned_data["decision"] == "yes", form.cleaned_data["reason"]
        try:
            actions.decide(approval=found, give=give, by=viewer.person, at=clock.now(), reason="" if give else reason)
            done = "approved" if give else "not approved"
            messages.success(request, f"{found.booking.person.name}’s booking is {done}, and they are told.")
        except WrongState as refusal:
            messages.error(request, str(refusal))
        return redirect("approvals")
    booking = found.booking
    context = {"approval": found, "booking": booking, "run": booking.run, "course": booking.run.course, "form": form}
    return render(request, "courses/approval.html", context | {"sessions": booking.run.sessions.all()})
