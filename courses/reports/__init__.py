"""Papers about training."""

from courses.reports.certificates import certificate_pdf
from courses.reports.transcripts import transcript_pdf

__all__ = ["certificate_pdf", "transcript_pdf"]
