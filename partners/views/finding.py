"""Finding a person by name or e-mail address, among everyone: only for pages that may speak of everyone."""

from django.db.models import Q, QuerySet

from academy.lib.text import sort_key
from partners.models import Person

MOST = 20


def matching(words: str) -> QuerySet[Person]:
    """Those with that e-mail address, or with every one of these words in their name; nobody for no words."""
    words = words.replace("\0", "").strip()
    if not words:
        return Person.objects.none()
    named = Q()
    for word in sort_key(words).split():
        named &= Q(name_key__contains=word)
    return Person.objects.filter(named | Q(email__iexact=words))


def person_in(words: str) -> tuple[Person | None, list[Person]]:
    """The one person whom these words name, or those among whom one has to choose."""
    found = list(matching(words)[: MOST + 1])
    return (found[0], []) if len(found) == 1 else (None, found)
