"""Programmes as data: stages and lengths belong to a version, never to the code."""

from django.db import models


class Programme(models.Model):
    """A staged, assessed learning programme: ASYE today, its successor from 2027."""

    name = models.CharField(max_length=100)
    name_key = models.CharField(max_length=100, unique=True)
    title = models.CharField(max_length=200)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def current_version(self) -> "ProgrammeVersion":
        """The newest version; a cohort keeps the one it started with."""
        return self.versions.latest("valid_from")


class ProgrammeVersion(models.Model):
    """How a programme runs from a date on. Two versions can run side by side."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="versions")
    label = models.CharField(max_length=100)
    valid_from = models.DateField()
    months = models.PositiveSmallIntegerField(help_text="length at full time, without a pause")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["programme", "valid_from"], name="one_programme_version_from_a_date")
        ]

    def __str__(self) -> str:
        return f"{self.programme} {self.label}"


class Stage(models.Model):
    """One step of a programme version, due so many months after a member's own start."""

    version = models.ForeignKey(ProgrammeVersion, on_delete=models.CASCADE, related_name="stages")
    name = models.CharField(max_length=100)
    month = models.PositiveSmallIntegerField()
    required = models.BooleanField(default=True)

    class Meta:
        ordering = ["month", "pk"]
        constraints = [models.UniqueConstraint(fields=["version", "name"], name="a_programme_has_each_stage_once")]

    def __str__(self) -> str:
        return self.name
