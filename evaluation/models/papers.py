"""Papers made by themselves, kept as they were sent."""

from django.db import models


class Paper(models.Model):
    """One month's paper. What it says can be run again: `report retention --as-at … --known-at …`."""

    name = models.CharField(max_length=40)
    period = models.DateField(help_text="the first day of the month that it is about")
    as_at = models.DateField(help_text="its figures' day, and the day by whose end they were known")
    made_at = models.DateTimeField()
    pdf = models.BinaryField(help_text="in the database, so that every web server has it and backups hold it")

    class Meta:
        ordering = ["-period", "name"]
        constraints = [models.UniqueConstraint(fields=["name", "period"], name="a_paper_is_made_once_for_each_month")]

    def __str__(self) -> str:
        return f"{self.name}, {self.period:%B %Y}"
