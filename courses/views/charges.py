"""The ledger of places given up late or not used, and what is agreed about it."""

from datetime import timedelta

from django.contrib import messages
from django.db.models import Count, Q, QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from academy.lib import clock
from academy.lib.dates import london_day
from academy.lib.pages import page_of
from academy.lib.tables import FORMATS, to_csv
from courses.actions import charges as actions
from courses.forms import PolicyForm, WaiveForm
from courses.models import Charge, Policy
from courses.models.states import WrongState
from partners.access import Proxy, requires, visible_or_404
from partners.models import Agency, AgencyKind
from partners.permissions import May

OFTEN = 2  # late or absent in a year: then a coordinator hears of it


def _visible(request: HttpRequest) -> QuerySet[Charge]:
    visible = Charge.objects.visible_to(request.viewer.person, request.viewer.today)
    return visible.select_related("booking__person", "booking__run__course", "agency")


@requires(May.SEE_CHARGES)
@require_safe
def charges(request: HttpRequest) -> HttpResponse:
    """What was given up late or not used, what it costs, and who does so often."""
    visible = _visible(request)
    kind, agency = request.GET.get("kind", ""), request.GET.get("agency", "")
    listed = visible.filter(kind=kind) if kind in Charge.Kind.values else visible
    listed = listed.filter(agency=int(agency)) if agency.isdecimal() and len(agency) < 16 else listed
    to_pay = Q(waived_at=None, invoiced_at=None, amount__gt=0)
    context = {
        "page": page_of(request, listed),
        "kinds": Charge.Kind.choices,
        "kind": kind,
        "agency": agency,
        "agencies": Agency.objects.filter(pk__in=visible.order_by().values("agency")),
        "to_pay": listed.aggregate(sum=Sum("amount", filter=to_pay), count=Count("pk", filter=to_pay)),
        "often": _often(visible),
        "may_keep": request.viewer.may(May.KEEP_CHARGES),
    }
    return render(request, "courses/charges.html", context)


def _often(visible: QuerySet[Charge]) -> QuerySet:
    """Who gave up late or did not come at least twice in twelve months: name, how often."""
    year = clock.now() - timedelta(days=365)
    recent = visible.filter(made_at__gt=year, kind__in=[Charge.Kind.LATE, Charge.Kind.NO_SHOW])
    names = ["booking__person", "booking__person__given_name", "booking__person__family_name", "agency__name"]
    people = recent.filter(booking__person__erasure=None).order_by().values(*names)
    return people.annotate(times=Count("pk")).filter(times__gte=OFTEN).order_by("-times", "booking__person")[:20]


@requires(May.KEEP_CHARGES, proxy=Proxy.NEVER)
@require_http_methods(["GET", "HEAD", "POST"])
def waive(request: HttpRequest, pk: int) -> HttpResponse:
    """Waive one charge, for a reason."""
    found = visible_or_404(request, _visible(request), pk=pk)
    form = WaiveForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.waive(charge=found, **form.cleaned_data, by=request.viewer.person, at=clock.now())
            messages.success(request, "The charge is waived.")
        except WrongState as refusal:
            messages.error(request, str(refusal))
        return redirect("charges")
    return render(request, "courses/waive.html", {"charge": found, "form": form})


COLUMNS = ["Agency", "Booking", "Name", "Course", "Date", "For", "Amount (£)"]


@requires(May.KEEP_CHARGES, proxy=Proxy.NEVER)
@require_POST
def invoice(request: HttpRequest) -> HttpResponse:
    """Everything that is to be paid and was in no file yet, as CSV; from then on it counts as invoiced."""
    found = actions.invoice(by=request.viewer.person, at=clock.now())
    if not found:
        messages.error(request, "There is nothing new to invoice.")
        return redirect("charges")
    rows = [_row(charge) for charge in found]
    response = HttpResponse(to_csv(COLUMNS, rows).encode("utf-8-sig"), content_type=FORMATS["csv"])
    response["Content-Disposition"] = f'attachment; filename="charges-{request.viewer.today}.csv"'
    return response


def _row(charge: Charge) -> list[object]:
    booking = charge.booking
    date = london_day(booking.run.starts_at).isoformat()
    what = charge.get_kind_display()
    return [
        charge.agency.name,
        booking.reference,
        booking.person.name,
        booking.run.course.title,
        date,
        what,
        charge.amount,
    ]


@requires(May.KEEP_CHARGES)
@require_safe
def policies(request: HttpRequest) -> HttpResponse:
    """What is agreed with each kind of agency."""
    known = {policy.agency_kind: policy for policy in Policy.objects.all()}
    kinds = [(value, label, known.get(value)) for value, label in AgencyKind.choices]
    return render(request, "courses/policies.html", {"kinds": kinds})


@requires(May.KEEP_CHARGES, proxy=Proxy.NEVER)
@require_http_methods(["GET", "HEAD", "POST"])
def policy(request: HttpRequest, kind: str) -> HttpResponse:
    """Set it for one kind. Bookings made before keep what was agreed then."""
    if kind not in AgencyKind.values:
        return redirect("policies")
    found = Policy.objects.filter(agency_kind=kind).first() or Policy(agency_kind=kind)
    form = PolicyForm(request.POST or None, instance=found)
    if request.method == "POST" and form.is_valid():
        actions.set_policy(policy=form.save(commit=False), by=request.viewer.person, at=clock.now())
        messages.success(request, "Saved. It holds for bookings made from now on.")
        return redirect("policies")
    return render(request, "courses/policy.html", {"form": form, "kind": AgencyKind(kind).label})
