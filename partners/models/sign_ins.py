"""Where people are signed in, and the organisations whose accounts they may sign in with."""

from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.contrib.sessions.models import Session
from django.db import models
from django.db.models import Q

from academy.lib import sealed
from partners.models.accounts import User
from partners.models.agencies import Agency


class SignInQuerySet(models.QuerySet):
    def live(self) -> Self:
        """Those whose session still works."""
        return self.filter(session_key__in=Session.objects.values("session_key"))


class SignIn(models.Model):
    """One browser in which somebody is signed in. It holds no address of a network, and goes with its session."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="sign_ins")
    session_key = models.CharField(max_length=40, unique=True)
    browser = models.CharField(max_length=100, help_text="such as 'Firefox on Windows'")
    signed_in_at = models.DateTimeField()
    last_seen_at = models.DateTimeField(help_text="to a few minutes")

    objects = SignInQuerySet.as_manager()

    def __str__(self) -> str:
        return self.browser


class Limit(models.Model):
    """How often something was tried, and what else is kept for minutes. Django's database cache writes these rows,
    so that all web processes share them; the columns are its own.
    """

    cache_key = models.CharField(primary_key=True, max_length=255)
    value = models.TextField()
    expires = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "partners_limit"

    def __str__(self) -> str:
        return self.cache_key


class Provider(models.Model):
    """An organisation's own sign-in (OpenID Connect), which its people may use here.

    What its word is good for stands here: for which domains, and whether it asks for a second factor.
    """

    class Claim(models.TextChoices):
        SUB = "sub", "sub (the standard; Google, NHS)"
        OID = "oid", "oid (Microsoft Entra)"

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="sign_in_providers")
    key = models.SlugField(max_length=40, unique=True, help_text="in addresses; never changes")
    name = models.CharField(max_length=40, help_text="on the button")
    issuer = models.CharField(max_length=300, help_text="what its tokens say they were issued by")
    client_id = models.CharField(max_length=191)
    sealed_secret = models.TextField(help_text="the client secret; see academy.lib.sealed")
    domains = ArrayField(models.CharField(max_length=253), help_text="of the e-mail addresses that it may speak for")
    id_claim = models.CharField(max_length=3, choices=Claim, default=Claim.SUB)
    asks_second_factor = models.BooleanField(default=False)
    verifies_addresses = models.BooleanField(
        default=False, help_text="its addresses are its own to give, so that they count without email_verified"
    )
    is_on = models.BooleanField(default=True)

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(domains=[]), name="a_provider_speaks_for_a_domain"),
            models.UniqueConstraint(
                fields=["issuer", "client_id"],
                name="a_provider_is_named_once",
                violation_error_message="This issuer and client id are set up already",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def client_secret(self) -> str:
        return sealed.unseal(self.sealed_secret)
