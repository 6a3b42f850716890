"""What people answered, linked to who was asked (the named promise)."""

from django.db import models

from evaluation.models.follow_ups import FollowUp
from evaluation.models.questionnaires import Question


class Response(models.Model):
    """One person's answers to one follow-up."""

    follow_up = models.OneToOneField(FollowUp, on_delete=models.CASCADE, related_name="response")
    answered_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"answers to follow-up {self.follow_up_id}"


class Answer(models.Model):
    """One answer: an option of a choice, or own words. Questions left empty have no row."""

    response = models.ForeignKey(Response, on_delete=models.CASCADE, related_name="answers")
    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="answers")
    text = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["response", "question"], name="one_answer_per_question")]

    def __str__(self) -> str:
        return f"answer to {self.question_id}"
