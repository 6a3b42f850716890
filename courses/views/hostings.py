"""Finding a colleague to shadow or to be coached by, and offering it oneself."""

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from academy.lib import clock
from academy.lib.pages import page_of
from courses.actions import hostings as actions
from courses.actions import visits
from courses.eligibility.visits import why_not_ask
from courses.forms.hostings import AskForm, HostingFilter, OfferForm
from courses.models import Hosting, PracticeTheme, Visit
from courses.models.states import WrongState
from partners.access import Proxy, requires, visible_or_404
from partners.models import Agency
from partners.permissions import May

ONLINE = "online"  # in the address, where the area would be


@requires(May.USE_OWN_RECORD)
@require_safe
def hostings(request: HttpRequest) -> HttpResponse:
    """What is on offer, narrowed by the address; what fits this person best first."""
    viewer = request.viewer
    filters = HostingFilter(request.GET)
    filters.is_valid()
    chosen = filters.cleaned_data
    offered = Hosting.objects.open(viewer.today).visible_to(viewer.person, viewer.today)
    found = _narrowed(offered, chosen).best_first(viewer.person, viewer.today)
    found = found.select_related("host", "agency").prefetch_related("themes")
    areas = offered.exclude(area="").order_by("area").values_list("area", flat=True).distinct()
    context = {
        "page": page_of(request, found),
        "chosen": chosen,
        "kinds": Hosting.Kind.choices,
        "themes": [(theme.slug, theme.name) for theme in PracticeTheme.objects.all()],
        "chosen_themes": [theme.slug for theme in chosen.get("theme") or []],
        "agencies": Agency.objects.filter(pk__in=offered.values("agency")),
        "areas": [(ONLINE, "Online"), *((area, area) for area in areas)],
    }
    return render(request, "hostings/hostings.html", context)


def _narrowed(found: QuerySet[Hosting], chosen: dict) -> QuerySet[Hosting]:
    if chosen.get("kind"):
        found = found.filter(kind__in=chosen["kind"])
    if chosen.get("theme"):
        found = found.filter(themes__in=chosen["theme"]).distinct()
    if chosen.get("agency"):
        found = found.filter(agency=chosen["agency"])
    if area := chosen.get("area"):
        found = found.filter(area="" if area == ONLINE else area)
    return found


def _visible(request: HttpRequest) -> QuerySet[Hosting]:
    visible = Hosting.objects.visible_to(request.viewer.person, request.viewer.today)
    return visible.select_related("host", "agency", "team").prefetch_related("themes")


def _own(request: HttpRequest, pk: int) -> Hosting:
    return visible_or_404(request, Hosting.objects.filter(host=request.viewer.person), pk=pk)


@requires(May.USE_OWN_RECORD)
@require_safe
def hosting(request: HttpRequest, pk: int) -> HttpResponse:
    """What one would see or work on, with whom, and how to ask."""
    viewer = request.viewer
    found = visible_or_404(request, _visible(request), pk=pk)
    is_own = found.host_id == viewer.person.pk
    context = {
        "hosting": found,
        "is_own": is_own,
        "is_open": found.is_open(viewer.today),
        "asked": Visit.objects.live().filter(hosting=found, guest=viewer.person).first(),
        "reasons": [] if is_own else why_not_ask(found, viewer.person, viewer.today),
        "guests": found.visits.select_related("guest", "agency")[:50] if is_own else [],
    }
    return render(request, "hostings/hosting.html", context)


@requires(May.USE_OWN_RECORD, proxy=Proxy.DO)
@require_http_methods(["GET", "HEAD", "POST"])
def offer(request: HttpRequest) -> HttpResponse:
    """Offer shadowing or coaching."""
    form = OfferForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            new, themes = form.fill(Hosting()), form.cleaned_data["themes"]
            made = actions.offer(hosting=new, themes=themes, by=request.viewer.person, at=clock.now())
            messages.success(request, "It is on offer. We tell you by e-mail when somebody asks.")
            return redirect("hosting", made.pk)
        except actions.NoEmployer as refusal:
            form.add_error(None, str(refusal))
    return render(request, "hostings/offer.html", {"form": form})


@requires(May.USE_OWN_RECORD, proxy=Proxy.DO)
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Change the words of one's own offer."""
    found = _own(request, pk)
    form = OfferForm.of(found, request.POST or None)
    if request.method == "POST" and form.is_valid():
        themes = form.cleaned_data["themes"]
        actions.change(hosting=form.fill(found), themes=themes, by=request.viewer.person, at=clock.now())
        messages.success(request, "Saved.")
        return redirect("hosting", pk)
    return render(request, "hostings/offer.html", {"form": form, "hosting": found})


@requires(May.USE_OWN_RECORD, proxy=Proxy.DO)
@require_POST
def close(request: HttpRequest, pk: int) -> HttpResponse:
    """Take no more requests for one's own offer, or take them again."""
    found, by = _own(request, pk), request.viewer.person
    try:
        if "open" in request.POST:
            actions.reopen(hosting=found, by=by, at=clock.now())
        else:
            actions.close(hosting=found, by=by, at=clock.now())
    except WrongState as refusal:
        messages.error(request, str(refusal))
    return redirect("hosting", pk)


@requires(May.USE_OWN_RECORD, proxy=Proxy.DO)
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what one hopes to learn and when one could; or read why one cannot ask."""
    person = request.viewer.person
    found = visible_or_404(request, _visible(request), pk=pk)
    form = AskForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            visit = visits.ask(hosting=found, guest=person, at=clock.now(), **form.cleaned_data)
            messages.success(request, "The host and your manager are asked. We tell you by e-mail what they say.")
            return redirect("visit", visit.pk)
        except visits.CannotAsk as refusal:
            form.add_error(None, str(refusal))
    reasons = why_not_ask(found, person, request.viewer.today)
    return render(request, "hostings/ask.html", {"hosting": found, "form": form, "reasons": reasons})
