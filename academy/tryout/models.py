"""Mail as its recipients would see it, and who is worth being in the try-out."""

from django.db import models

from partners.models import Person


class Letter(models.Model):
    """One message that would have been mailed."""

    to = models.EmailField(db_index=True)
    sender = models.CharField(max_length=200)
    subject = models.CharField(max_length=300)
    text = models.TextField()
    message_id = models.CharField(max_length=200)
    received_at = models.DateTimeField(db_index=True)

    class Meta:
        ordering = ["-received_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.subject} to {self.to}"


class Guide(models.Model):
    """A demo person offered on the try-out's first page, with what there is to see as them."""

    person = models.OneToOneField(Person, on_delete=models.CASCADE)
    position = models.PositiveSmallIntegerField()
    what = models.CharField(max_length=100, help_text="who they are here: 'Trainer'")
    see = models.CharField(max_length=300, help_text="what to look at")

    class Meta:
        ordering = ["position"]

    def __str__(self) -> str:
        return f"{self.what}: {self.person}"
