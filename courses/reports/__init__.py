"""Papers and downloads about training."""

from courses.reports.attendance import multi_agency_report
from courses.reports.certificates import certificate_pdf
from courses.reports.transcripts import transcript_pdf

__all__ = ["certificate_pdf", "multi_agency_report", "transcript_pdf"]
