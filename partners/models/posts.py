"""Established posts: what an agency means to employ, against which vacancies are counted."""

from django.db import models
from django.db.models import Q

from partners.models.agencies import Agency, Team
from partners.models.people import DfeRole, JobRole
from partners.models.versions import Version, VersionQuerySet


class Post(models.Model):
    """The established posts of one job role in one team from a day on. Names them only: how many is in its versions."""

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="posts")
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.PROTECT, related_name="posts")
    job_role = models.ForeignKey(JobRole, null=True, blank=True, on_delete=models.PROTECT, related_name="posts")
    dfe_role = models.PositiveSmallIntegerField(null=True, blank=True, choices=DfeRole)
    from_date = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["agency", "team", "job_role", "dfe_role", "from_date"],
                nulls_distinct=False,
                name="posts_are_stated_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.job_role or 'posts'} at {self.team or self.agency} from {self.from_date}"


class PostVersion(Version):
    """How many posts, in full-time equivalents, until when; and when that was said."""

    FACTS = ("fte", "to_date")

    identity = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="versions")
    fte = models.DecimalField("full-time equivalents", max_digits=7, decimal_places=3)
    to_date = models.DateField(null=True, blank=True, help_text="the last day on which they are established")

    objects = VersionQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["identity", "-recorded_at"], name="post_versions_newest")]
        constraints = [
            models.UniqueConstraint(
                fields=["identity"], condition=Q(is_current=True), name="posts_have_one_current_version"
            )
        ]
