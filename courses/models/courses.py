"""What is offered."""

from datetime import datetime
from typing import Self

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchQuery, SearchRank, SearchVector, SearchVectorField
from django.db import models
from django.db.models import F

from courses.models.runs import Run
from partners.models import Agency


class Kind(models.TextChoices):
    """Kinds of learning."""

    CLASSROOM = "classroom", "In person"
    ONLINE = "online", "Online live"
    BLENDED = "blended", "Blended"
    EVENT = "event", "Event with speakers"
    COACHING = "coaching", "Coaching"
    PEER_GROUP = "peer_group", "Peer group"


class PracticeTheme(models.Model):
    """The thread through courses, audits, standards and questions."""

    name = models.CharField(max_length=100, unique=True)
    slug = models.SlugField(unique=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class CourseQuerySet(models.QuerySet):
    def offered(self) -> Self:
        """Courses that people can find."""
        return self.filter(published=True)

    def soonest_first(self) -> Self:
        """By when their next run begins, those without one last. Needs no look at the runs."""
        return self.order_by(F("next_start").asc(nulls_last=True), "title", "pk")

    def refresh_next_start(self, at: datetime) -> int:
        """Look up again when the next run of each of these courses begins. Returns how many were looked up."""
        runs = Run.objects.bookable(at).filter(course=models.OuterRef("pk")).order_by("starts_at")
        return self.update(next_start=models.Subquery(runs.values("starts_at")[:1]))

    def with_places(self, at: datetime) -> Self:
        """Courses with a coming run that has places left."""
        return self.filter(pk__in=Run.objects.with_places(at).values("course"))

    def matching(self, words: str) -> Self:
        """Courses whose title, summary or aims have those words, in any English form; best first."""
        query = SearchQuery(words, config="english", search_type="websearch")
        return self.filter(search=query).annotate(rank=SearchRank(F("search"), query))


class Course(models.Model):
    """What is offered. It names its owner agency, so that a partner can publish its own training."""

    title = models.CharField(max_length=200)
    summary = models.CharField(max_length=300, help_text="one sentence for the catalogue")
    aims = models.TextField(blank=True, help_text="what people will be able to do, one a line")
    audience = models.CharField("who it is for", max_length=300, blank=True)
    kind = models.CharField(max_length=20, choices=Kind)
    themes = models.ManyToManyField(PracticeTheme, related_name="courses", blank=True)
    owner = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="courses")
    cpd_hours = models.DecimalField("CPD hours", max_digits=5, decimal_places=2)
    attendance_share = models.PositiveSmallIntegerField(
        default=100, help_text="per cent of sessions at which one must be present to complete it"
    )
    published = models.BooleanField(default=True)
    next_start = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="orders the catalogue; kept by actions and the tick"
    )
    search = models.GeneratedField(
        expression=SearchVector("title", weight="A", config="english")
        + SearchVector("summary", weight="B", config="english")
        + SearchVector("aims", "audience", weight="C", config="english"),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    objects = CourseQuerySet.as_manager()

    class Meta:
        ordering = ["title", "pk"]
        indexes = [
            GinIndex(fields=["search"], name="course_search"),
            models.Index(
                F("next_start").asc(nulls_last=True),
                "title",
                "id",
                condition=models.Q(published=True),
                name="courses_soonest_first",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(attendance_share__gte=1, attendance_share__lte=100),
                name="an_attendance_share_is_1_to_100_per_cent",
            )
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def aim_lines(self) -> list[str]:
        return [line.strip() for line in self.aims.splitlines() if line.strip()]
