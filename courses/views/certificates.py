"""Certificates: the owner's paper, the page on which anyone checks one, a paper in a new name, and revoking one."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from academy.lib import clock
from courses import reports
from courses.actions import certificates as actions
from courses.forms import RevokeForm
from courses.models import Certificate, FormerNumber
from partners.access import Proxy, public, requires, visible_or_404
from partners.permissions import May


@public
@require_safe
@never_cache
def check(request: HttpRequest) -> HttpResponse:
    """Ask for a certificate's number. As people copy it: any case, spaces or dashes where they fall."""
    typed = request.GET.get("number", "").strip()
    wanted = "".join(char for char in typed.upper() if char.isalnum())
    if wanted and (found := _by_code(wanted)):
        return redirect("certificate", found.number)
    status = 404 if typed else 200
    return render(request, "courses/check_certificate.html", {"typed": typed[:40]}, status=status)


def _by_code(code: str) -> Certificate | FormerNumber | None:
    prefix, rest = code[:-10], code[-10:]
    number = "-".join([prefix, rest[:4], rest[4:8], rest[8:]])
    return Certificate.objects.filter(number=number).first() or FormerNumber.objects.filter(number=number).first()


@public
@require_safe
@never_cache
def certificate(request: HttpRequest, number: str) -> HttpResponse:
    """Whether it is genuine, and what it says. Whoever has the number has seen the paper."""
    found = Certificate.objects.select_related("achievement").filter(number=number).first()
    if found:
        return render(request, "courses/certificate.html", {"certificate": found})
    former = FormerNumber.objects.select_related("certificate__achievement").filter(number=number).first()
    if former:  # which paper took its place is not said: the new one has another name
        return render(request, "courses/former_certificate.html", {"former": former})
    return render(request, "courses/check_certificate.html", {"typed": number[:40]}, status=404)


@requires(May.USE_OWN_RECORD, proxy=Proxy.NEVER)
@require_safe
@never_cache
def paper(request: HttpRequest, number: str) -> HttpResponse:
    """The certificate as a PDF, for its owner and those who may open the owner's record."""
    visible = Certificate.objects.visible_to(request.viewer.person, request.viewer.today)
    found = visible_or_404(request, visible.select_related("achievement"), number=number)
    if found.achievement.revoked_at:
        raise Http404
    response = HttpResponse(reports.certificate_pdf(found), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="certificate-{found.number}.pdf"'
    return response


@requires(May.USE_OWN_RECORD)
@require_http_methods(["GET", "HEAD", "POST"])
def reissue(request: HttpRequest, number: str) -> HttpResponse:
    """Say what a paper in the present name means, then issue it: for its owner, and for leads."""
    kept = Certificate.objects.kept_by(request.viewer.person, request.viewer.today)
    found = visible_or_404(request, kept.select_related("achievement__person"), number=number)
    person = found.achievement.person
    if request.method == "POST":
        try:
            made = actions.reissue(certificate=found, by=request.viewer.person, at=clock.now())
            messages.success(request, f"The new certificate is {made.number}, in the name of {made.name}.")
        except actions.NotReissued as refusal:
            messages.error(request, str(refusal))
        return redirect(*_record_of(request, person.pk))
    is_due = found.name != person.name and not found.achievement.revoked_at
    context = {"certificate": found, "person": person, "is_due": is_due}
    return render(request, "records/reissue.html", context)


@requires(May.REVOKE_CERTIFICATES, proxy=Proxy.NEVER)
@require_http_methods(["GET", "HEAD", "POST"])
def revoke(request: HttpRequest, number: str) -> HttpResponse:
    """Say why a certificate counts no more, and revoke it."""
    visible = Certificate.objects.visible_to(request.viewer.person, request.viewer.today)
    found = visible_or_404(request, visible.select_related("achievement__person"), number=number)
    form = RevokeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            reason = form.cleaned_data["reason"]
            actions.revoke(certificate=found, by=request.viewer.person, at=clock.now(), reason=reason)
            messages.success(request, f"Certificate {found.number} is revoked. {found.achievement.person} is told.")
        except actions.RevokedBefore as refusal:
            messages.error(request, str(refusal))
        return redirect("certificate", found.number)
    return render(request, "records/revoke.html", {"certificate": found, "form": form})


def _record_of(request: HttpRequest, person: int) -> tuple[str, ...]:
    return ("record",) if person == request.viewer.person.pk else ("record_of", person)
