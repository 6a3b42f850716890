"""Pages that only the try-out has."""

from django.contrib import messages
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from academy.lib.dates import london_day
from academy.lib.pages import page_of
from academy.lib.text import plural
from academy.tryout import clock
from academy.tryout.forms import STEPS, MoveOnForm
from academy.tryout.models import Guide, Letter
from partners import assurance, browsers
from partners.access import Proxy, public, without_second_factor
from partners.actions import sign_ins
from partners.models import Employment, User


@public
@without_second_factor
@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """The demo people by name and job; one press signs in as one of them."""
    guides = Guide.objects.select_related("person")
    today = london_day(clock.moved_on())
    spells = Employment.objects.in_post(today).filter(person__guide__isnull=False)
    jobs = {spell.person_id: spell for spell in spells.select_related("agency", "job_role")}
    rows = [(guide, jobs.get(guide.person_id)) for guide in guides]
    return render(request, "tryout/people.html", {"rows": rows, "next": request.GET.get("next", "")})


@public(proxy=Proxy.DO)
@without_second_factor
@require_POST
def sign_in(request: HttpRequest, pk: int) -> HttpResponse:
    """Be that person. Anyone with an account can be chosen: this is a try-out."""
    user = get_object_or_404(User.objects.filter(is_active=True), person=pk)
    login(request, user, backend="allauth.account.auth_backends.AuthenticationBackend")
    request.session[assurance.TRY_OUT_MARK] = True
    browser = browsers.name_of(request.headers.get("User-Agent", ""))
    sign_ins.begin(request.session, user=user, browser=browser, at=clock.moved_on())
    target = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()})
    return redirect(target if safe else "home")


@public
@without_second_factor
@require_safe
def mailbox(request: HttpRequest) -> HttpResponse:
    """Every message, newest first; one person's, when asked for."""
    address = request.GET.get("to", "").replace("\0", "").strip()
    letters = Letter.objects.filter(to__icontains=address) if address else Letter.objects.all()
    return render(request, "tryout/mailbox.html", {"page": page_of(request, letters), "address": address})


@public
@without_second_factor
@require_safe
def letter(request: HttpRequest, pk: int) -> HttpResponse:
    return render(request, "tryout/letter.html", {"letter": get_object_or_404(Letter, pk=pk)})


@public
@without_second_factor
@require_http_methods(["GET", "HEAD", "POST"])
def clock_page(request: HttpRequest) -> HttpResponse:
    """Move the clock on by a week, a month or three, and see what fell due."""
    form = MoveOnForm(request.POST or None)
    if form.is_valid():
        done = clock.move_on(int(form.cleaned_data["days"]))
        sent = plural(done.get("messages_sent", 0), "message")
        step = STEPS[form.cleaned_data["days"]].lower()
        messages.success(request, f"{step.capitalize()} later. {sent} arrived in the mailbox.")
        return redirect("tryout_clock")
    return render(request, "tryout/clock.html", {"steps": STEPS.items(), "now": clock.moved_on()})
