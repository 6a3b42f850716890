"""Papers and downloads about training."""

from courses.reports.attendance import multi_agency_report
from courses.reports.certificates import certificate_pdf, sign_in_sheet_pdf
from courses.reports.transcripts import transcript_pdf

__all__ = ["certificate_pdf", "multi_agency_report", "sign_in_sheet_pdf", "transcript_pdf"]
