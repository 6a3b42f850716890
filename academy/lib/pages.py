"""Pages of long lists, and dates and times as templates write them."""

from django.core.paginator import Page, Paginator
from django.http import HttpRequest


def page_of(request: HttpRequest, items, *, size: int = 20) -> Page:
    """The page of `items` that the address asks for; the nearest one where it asks for nonsense."""
    return Paginator(items, size).get_page(request.GET.get("page"))
