"""The monthly papers."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from evaluation.models import Paper
from partners.access import Proxy, requires
from partners.permissions import May


@requires(May.SEE_RETENTION, proxy=Proxy.NEVER)
@require_safe
@never_cache
def paper(request: HttpRequest, pk: int) -> HttpResponse:
    """One month's paper as it was made."""
    found = get_object_or_404(Paper, pk=pk)
    response = HttpResponse(bytes(found.pdf), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{found.name}-{found.period:%Y-%m}.pdf"'
    return response
