"""The nouns of evaluation."""

from evaluation.models.follow_ups import FollowUp
from evaluation.models.papers import Paper
from evaluation.models.questionnaires import Question, Questionnaire
from evaluation.models.responses import Answer, Response

__all__ = ["Answer", "FollowUp", "Paper", "Question", "Questionnaire", "Response"]
