"""Rows and columns of downloads and papers."""

from datetime import date

from academy.lib import registry
from academy.lib.registry import Report
from evaluation.stats.retention import CohortRow, Retention, retention
from partners.models import Destination, LeavingReason

NOTES = [
    "In post: completed, and holding a children’s social work post in the member’s agency on the day; "
    "a last day worked is not in post.",
    "Left after: completed, and not in post on the day. Left during: left before completing.",
    "A share of the intake is not given while anyone is still on the programme.",
    "Supported: members no longer on the programme, leavers during it included.",
]


@registry.report("retention")
def retention_report(start: date | None, as_at: date, known_at: date) -> Report:
    """The cohort table as at a day, as known at a day. `start` is not used: the table has no beginning."""
    table = retention(as_at, known_at)
    return Report(
        title="Retention by cohort",
        columns=[
            *("Cohort", "Period", "Intake", "On programme", "Completed", "In post", "Left after", "Left during"),
            *("Redeployed", "Failed", "In post of intake, %", "In post of completed, %", "As at", "Known at"),
        ],
        rows=[_cells(row, table) for row in [*table.rows, table.overall]] if table.rows else [],
        data=_data(table),
        notes=NOTES,
    )


def _cells(row: CohortRow, table: Retention) -> list[object]:
    names = ("intake", "on_programme", "completed", "in_post", "left_after", "left_during", "redeployed", "failed")
    return [
        row.cohort.name if row.cohort else "Overall",
        row.period if row.cohort else "",
        *(row.count(name) for name in names),
        row.in_post_of_intake.percent,
        row.in_post_of_completed.percent,
        table.as_at,
        table.known_at,
    ]


def _data(table: Retention) -> dict[str, object]:
    overall = table.overall
    return {
        "as_at": table.as_at,
        "known_at": table.known_at,
        "cohorts": [_cohort(row) for row in table.rows],
        "overall": {
            **{name: overall.count(name) for name in ("supported", "completed", "in_post")},
            "in_post_of_completed_pct": overall.in_post_of_completed.percent,
            "on_programme": overall.count("on_programme"),
        },
        "codes": {
            "reasons": {str(code): label for code, label in LeavingReason.choices},
            "destinations": {str(code): label for code, label in Destination.choices},
        },
    }


def _cohort(row: CohortRow) -> dict[str, object]:
    names = ("intake", "on_programme", "in_post", "left_after", "left_during", "redeployed", "failed", "completed")
    return {
        "cohort": row.cohort.name,
        "period": row.period,
        **{name: row.count(name) for name in names},
        "in_post_of_intake_pct": row.in_post_of_intake.percent,
        "in_post_of_completed_pct": row.in_post_of_completed.percent,
        "reasons": {str(code): count for code, count in sorted(row.reasons.items())},
        "destinations": {str(code): count for code, count in sorted(row.destinations.items())},
    }
