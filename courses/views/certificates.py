"""Certificates: the owner's paper, and the page on which anyone checks one."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from courses import reports
from courses.models import Certificate
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


def _by_code(code: str) -> Certificate | None:
    prefix, rest = code[:-10], code[-10:]
    return Certificate.objects.filter(number="-".join([prefix, rest[:4], rest[4:8], rest[8:]])).first()


@public
@require_safe
@never_cache
def certificate(request: HttpRequest, number: str) -> HttpResponse:
    """Whether it is genuine, and what it says. Whoever has the number has seen the paper."""
    found = Certificate.objects.select_related("achievement").filter(number=number).first()
    if found is None:
        return render(request, "courses/check_certificate.html", {"typed": number[:40]}, status=404)
    return render(request, "courses/certificate.html", {"certificate": found})


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
