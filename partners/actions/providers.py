"""Setting up how an organisation's people sign in."""

from collections.abc import Iterable
from datetime import datetime

from django.core.cache import cache
from django.db import transaction
from django.utils.crypto import get_random_string
from django.utils.text import slugify

from partners import audit
from partners.models import Person, Provider

RULES = ("issuer", "client_id", "domains", "id_claim", "asks_second_factor", "verifies_addresses", "is_on")


@audit.sentence("sign_in_provider.made")
def _made(told: audit.Told) -> str:
    return f"set up the sign-in of {told.about}"


@audit.sentence("sign_in_provider.changed")
def _changed(told: audit.Told) -> str:
    return f"changed the sign-in of {told.about}"


@audit.named(Provider)
def _names(ids: Iterable[int]) -> dict[int, str]:
    return dict(Provider.objects.filter(pk__in=ids).values_list("pk", "name"))


@transaction.atomic
def save(provider: Provider, *, by: Person, at: datetime) -> Provider:
    """Keep an organisation's sign-in; a new one gets a key for its addresses. Audited, without the secret."""
    is_new = provider.pk is None
    if is_new:
        provider.key = f"{slugify(provider.name)[:30] or 'work'}-{get_random_string(6, 'abcdefghjkmnpqrstuvwxyz')}"
    provider.save()
    cache.delete(f"openid-configuration:{provider.issuer}")
    rules = {name: getattr(provider, name) for name in RULES}
    if is_new:
        audit.record("sign_in_provider.made", by=by, at=at, about=provider, **rules)
    else:
        audit.record("sign_in_provider.changed", by=by, at=at, about=provider, **rules)
    return provider
