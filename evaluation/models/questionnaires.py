"""Versioned sets of questions."""

from django.db import models


class Questionnaire(models.Model):
    """One version of a set of questions. A version that was asked is never changed; a new one is made."""

    key = models.SlugField(help_text="the same for every version")
    version = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=200)
    promise = models.CharField(max_length=300, help_text="what happens with the answers, shown to those who answer")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key", "version"], name="a_questionnaire_has_each_version_once")]

    def __str__(self) -> str:
        return f"{self.title} (version {self.version})"


class Question(models.Model):
    """One question. A choice lists its options from best to worst; the first two are its 'top two'."""

    class Kind(models.TextChoices):
        CHOICE = "choice", "One of several"
        TEXT = "text", "Own words"

    questionnaire = models.ForeignKey(Questionnaire, on_delete=models.CASCADE, related_name="questions")
    position = models.PositiveSmallIntegerField()
    key = models.SlugField(help_text="the same question keeps its key across versions")
    text = models.CharField(max_length=300)
    hint = models.CharField(max_length=300, blank=True)
    kind = models.CharField(max_length=10, choices=Kind)
    options = models.JSONField(default=list, blank=True)
    required = models.BooleanField(default=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["questionnaire", "key"], name="a_questionnaire_asks_each_question_once")
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def top_two(self) -> list[str]:
        return self.options[:2]
