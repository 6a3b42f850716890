"""`posts.csv`: one statement about the established posts of a job role in a team a line (docs/operations.md)."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path

from academy.lib import rows
from academy.lib.dates import london_day
from academy.lib.rows import Outcome, Row
from academy.lib.sheets import read_sheet
from academy.lib.text import sort_key
from partners import audit
from partners.importers.directory import Directory
from partners.importers.files import take_in
from partners.importers.lines import nested_team
from partners.importers.statements import Statement, news
from partners.models import DfeRole, Person, Post, PostVersion
from partners.models.versions import mark_current

REQUIRED = ["agency", "fte", "from_date"]
COLUMNS = [*REQUIRED, "team", "job_role", "dfe_role", "to_date", "recorded_on", "retracted"]
MOST_POSTS = 10_000  # full-time equivalents on one line

PostKey = tuple[int, int | None, int | None, int | None, date]


@dataclass
class Line:
    """One line, read and checked on its own."""

    row: Row
    agency: str
    team: list[str]
    job_role: str
    dfe_role: int | None
    from_date: date
    recorded_on: date | None
    facts: dict[str, object]


@audit.sentence("posts.imported")
def _imported(told: audit.Told) -> str:
    return f"imported established posts of {told.about} from a file"


def import_posts(source: Path | bytes, *, by: Person | None, at: datetime, name: str, dry_run: bool = False) -> Outcome:
    """Take in a file of established posts. All or nothing: with any row error, or in a dry run, nothing is written.

    Agencies must be known; teams and job roles that are new are made. Raises rows.FileRefused when the file cannot be
    read at all.
    """

    def work(found: list[Row], outcome: Outcome) -> None:
        lines = [_read(row, london_day(at)) for row in found]
        directory = Directory({sort_key(line.agency) for line in lines})
        for line in lines:
            if line.agency and sort_key(line.agency) not in directory.agencies:
                line.row.refuse("agency", f"no agency is called '{line.agency}'")
        if outcome.ok:
            _write(lines, directory, outcome, by=by, at=at, source=name)

    return take_in(read_sheet(source), COLUMNS, REQUIRED, work, dry_run=dry_run)


def _read(row: Row, today: date) -> Line:
    line = Line(
        row=row,
        agency=row.take("agency", rows.short(200), required=True, default="") or "",
        team=row.take("team", nested_team, default=[]) or [],
        job_role=row.take("job_role", rows.short(200)) or "",
        dfe_role=row.take("dfe_role", rows.choice(DfeRole)),
        from_date=row.take("from_date", rows.iso_date, required=True),
        recorded_on=row.take("recorded_on", rows.iso_date),
        facts={
            "fte": row.take("fte", _fte, required=True),
            "to_date": row.take("to_date", rows.iso_date),
            "retracted": row.take("retracted", rows.yes_no, default=False),
        },
    )
    if line.from_date and line.facts["to_date"] and line.facts["to_date"] < line.from_date:
        row.refuse("to_date", f"{line.facts['to_date']} is before the first day, {line.from_date}")
    if line.recorded_on and line.recorded_on > today:
        row.refuse("recorded_on", f"{line.recorded_on} has not come yet")
    return line


def _fte(raw: str) -> Decimal:
    try:
        value = Decimal(raw).quantize(Decimal("0.001"))
    except InvalidOperation:
        raise rows.BadValue(f"'{raw}' is not a number") from None
    if value.is_nan() or not 0 <= value <= MOST_POSTS:
        raise rows.BadValue(f"'{raw}' is not from 0 to {MOST_POSTS}")
    return value


def _write(lines: list[Line], directory: Directory, outcome: Outcome, *, by, at: datetime, source: str) -> None:
    for line in lines:
        directory.make(line.agency, None, line.team, line.job_role)
    said: dict[PostKey, list[Statement]] = defaultdict(list)
    for line in lines:
        said[_key(line, directory)].append(Statement(line.facts, line.recorded_on))
    posts, new = _posts(said)
    appended = _versions(said, posts, by=by, at=at, source=source)
    outcome.counts = {"lines": len(lines), "posts_new": new, "statements_new": appended}
    if new or appended:
        agency = directory.agencies[sort_key(lines[0].agency)]
        audit.record("posts.imported", by=by, at=at, about=agency, source=source, **outcome.counts)


def _key(line: Line, directory: Directory) -> PostKey:
    agency = directory.agencies[sort_key(line.agency)]
    team = directory.teams.get((agency.pk, tuple(map(sort_key, line.team))))
    role = directory.job_roles.get(sort_key(line.job_role))
    return agency.pk, team and team.pk, role and role.pk, line.dfe_role, line.from_date


def _posts(said: dict[PostKey, list[Statement]]) -> tuple[dict[PostKey, Post], int]:
    """The posts by what names them, made where they are new; and how many are new."""
    names = ("agency_id", "team_id", "job_role_id", "dfe_role", "from_date")
    known = Post.objects.filter(agency__in={key[0] for key in said}).prefetch_related("versions")
    posts = {tuple(getattr(post, name) for name in names): post for post in known}
    new = {key: Post(**dict(zip(names, key, strict=True))) for key in said if key not in posts}
    Post.objects.bulk_create(new.values())
    return posts | new, len(new)


def _versions(
    said: dict[PostKey, list[Statement]], posts: dict[PostKey, Post], *, by, at: datetime, source: str
) -> int:
    appended = []
    for key, statements in said.items():
        known = sorted(posts[key].versions.all(), key=lambda version: (version.recorded_at, version.pk))
        for item in news(
            statements, known, first_load=not known, history=lambda facts, day=key[-1]: [(day, facts)], at=at
        ):
            appended.append(PostVersion(identity=posts[key], recorded_by=by, source=source, is_current=False, **item))
    PostVersion.objects.bulk_create(appended)
    mark_current(PostVersion, list({version.identity_id for version in appended}))
    return len(appended)


def _news(key: PostKey, statements: list[Statement], post: Post, at: datetime) -> list[dict[str, object]]:
    """What is newly said; posts of which nothing was known are known from their first day."""
    known = sorted(post.versions.all(), key=lambda version: (version.recorded_at, version.pk)) if post.pk else []
    return news(statements, known, first_load=not known, history=lambda facts: [(key[-1], facts)], at=at)
