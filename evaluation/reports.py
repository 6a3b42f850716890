"""Rows and columns of downloads and papers."""

from datetime import date

from django.db.models import IntegerChoices

from academy.lib import papers, registry
from academy.lib.figures import half_up
from academy.lib.papers import Section
from academy.lib.registry import Report
from academy.lib.survival import Curve, Step
from academy.lib.text import day
from evaluation.stats.retention import CohortRow, Retention, retention
from evaluation.stats.staying import CohortCurve, Moved, Staying, staying
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


CURVE_NOTES = [
    "Each member is followed from their own first day on the programme. A month is 30.4375 days, a twelfth of a year.",
    "Leaving is the first break in employment, even if they came back later. Its day is the last day worked.",
    "Left the job role: a break in children’s social work posts at the member’s agency, being redeployed included. "
    "Stayed with the council: someone who moved to other work there has not left. Where their next job is not known, "
    "they are followed until the move.",
    "Someone still there is counted for as long as they have been followed, and no longer: we do not know whether they "
    "will stay. At risk: members followed for that long who had not left before.",
    "The share still there is Kaplan and Meier’s estimate (1958). It ends with the last observation.",
    "The 95% interval shows how far chance alone could have moved the share: log-log with Greenwood’s variance, "
    "or Wilson’s where nobody or everybody has left.",
]


@registry.report("retention-curve")
def retention_curve_report(start: date | None, as_at: date, known_at: date) -> Report:
    """How many stay, month by month, by either reading of moves. `start` is not used: all cohorts are followed."""
    readings = staying(retention(as_at, known_at)).values()
    return Report(
        title="How long people stay",
        columns=[
            *("Cohort", "A move in the council counts as", "Months", "At risk", "Left so far", "Still there, %"),
            *("Interval from, %", "Interval to, %", "Still there, unrounded", "As at", "Known at"),
        ],
        rows=[
            [row.name, reading.moved.label, *_point(months, row.curve), as_at, known_at]
            for reading in readings
            for row in _rows(reading)
            for months in _months(row.curve)
        ],
        data={
            "as_at": as_at,
            "known_at": known_at,
            "curves": [_curve(reading, row) for reading in readings for row in _rows(reading)],
        },
        notes=CURVE_NOTES,
    )


def _rows(reading: Staying) -> list[CohortCurve]:
    return [*reading.rows, reading.overall] if reading.rows else []


def _months(curve: Curve) -> list[float]:
    """Every whole month, and the last observation."""
    whole = range(int(curve.end) + 1) if curve.people else ()
    return [*whole, *([curve.end] if curve.end % 1 else [])]


def _point(months: float, curve: Curve) -> list[object]:
    step = curve.at(months)
    shares = [half_up(100 * share) for share in (step.share, step.low, step.high)]
    when = half_up(months, 2) if months % 1 else int(months)
    return [when, curve.at_risk(months), step.left_so_far, *shares, half_up(step.share, 6)]


def _curve(reading: Staying, row: CohortCurve) -> dict[str, object]:
    return {
        "cohort": row.name,
        "moved": reading.moved,
        "members": row.curve.people,
        "left": row.curve.left,
        "no_job_known": row.unknown,
        "followed_months": row.curve.end,
        "steps": [_step(step) for step in row.curve.steps],
    }


def _step(step: Step) -> dict[str, object]:
    names = ("months", "at_risk", "left", "censored", "share", "low", "high")
    return {name: getattr(step, name) for name in names}


def retention_paper(as_at: date) -> bytes:
    """The month's paper on who stays, as at a day and as known by its end: a tagged PDF."""
    found = retention(as_at, as_at)
    table = retention_report(None, as_at, as_at)
    return papers.paper(
        title="Who stays",
        about=f"Newly qualified social workers by cohort, as at {day(as_at)}, as known that day.",
        sections=[
            Section("Where each cohort stands", table.columns[:-2], [row[:-2] for row in table.rows]),
            Section("Why people left", *_leavers(found, "reasons", LeavingReason)),
            Section("Where they went", *_leavers(found, "destinations", Destination)),
            Section(
                "How many stay",
                ["Cohort", *(f"After {months} months (at risk)" for months in MONTHS_PRINTED)],
                _stay_rows(found),
                text="Share still in the job role, with the interval that holds the true share 19 times in 20.",
            ),
        ],
        notes=[*NOTES, *CURVE_NOTES],
    )


MONTHS_PRINTED = (6, 12, 24, 36)


def _leavers(found: Retention, which: str, codes: type[IntegerChoices]) -> tuple[list[str], list[list[object]]]:
    """Columns and rows: how many left, for each code that anyone has, by cohort."""
    rows = [row for row in found.rows if getattr(row, which)]
    used = sorted({code for row in rows for code in getattr(row, which)})
    names = [row.cohort.name for row in rows]
    return [which.removesuffix("s").capitalize(), *names], [
        [codes(code).label, *(getattr(row, which)[code] for row in rows)] for code in used
    ]


def _stay_rows(found: Retention) -> list[list[str]]:
    return [
        [row.name, *(_share(row.curve, months) for months in MONTHS_PRINTED)]
        for row in _rows(staying(found)[Moved.LEFT])
    ]


def _share(curve: Curve, months: int) -> str:
    """'81% (70% to 89%; 24)'; a dash beyond what was observed."""
    step = curve.at(months)
    if step is None:
        return "–"
    share, low, high = (half_up(100 * value) for value in (step.share, step.low, step.high))
    return f"{share}% ({low}% to {high}%; {curve.at_risk(months)})"
