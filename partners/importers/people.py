"""`people.csv` and other systems' files of people: one statement about one spell a line (docs/operations.md)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from academy.lib.dates import london_day
from academy.lib.rows import Outcome, Row
from academy.lib.text import sort_key
from partners import audit
from partners.actions import accounts
from partners.importers import lines as reading
from partners.importers import moves, names, posts, preview, repeats, swaps
from partners.importers.columns import KEYS, Reading, match, read_file
from partners.importers.directory import Directory
from partners.importers.files import count_again, take_in
from partners.importers.lines import Line
from partners.models import Employment, EmploymentVersion, Import, Person, PersonVersion

Progress = Callable[[int], None]


@audit.sentence("people.imported")
def _imported(told: audit.Told) -> str:
    counts = told.event.details
    new, changed = counts.get("people_new", 0), counts.get("people_changed", 0)
    return f"imported people of {told.about} from a file: {new:,} new, {changed:,} changed"


def import_people(
    source: Path | bytes,
    *,
    by: Person | None,
    at: datetime,
    name: str,
    how: Reading | None = None,
    load: Import | None = None,
    dry_run: bool = False,
    progress: Progress = lambda percent: None,
) -> Outcome:
    """Take in a file of people. All or nothing: with any row error, or in a dry run, nothing is written.

    `how` says what its columns and values mean (default: columns by their names, ISO dates); `load` is the browser's
    import that it belongs to. Makes agencies, teams, job roles, people and accounts that are new; never ends anyone for
    being absent. `progress` is told the share that is done, in per cent. Raises rows.FileRefused when the file cannot
    be read at all.
    """
    sheet = read_file(source)
    how = how or Reading()
    how = how if how.columns else replace(how, columns=match(sheet.header))
    mixed = swaps.find(sheet, how.columns)

    def work(found: list[Row], outcome: Outcome) -> None:
        today = london_day(at)
        progress(10)
        outcome.notes += swaps.settle(found, mixed, how)
        lines = [reading.read(row, how, today) for row in found]
        directory = Directory({sort_key(line.agency) for line in lines})
        progress(25)
        names.adopt([line for line in lines if line.number], directory)
        moves.settle_starts(lines, directory, how, today)
        _check_managers(lines, directory)
        names.check_numbers(lines, directory)
        if how.sent_by:
            names.check_names(lines, directory)
        lines = repeats.settle(lines, outcome)
        outcome.notes += names.keep_limits(lines, directory, how, today)
        if how.leaves_out:
            lines = _left_out(lines, outcome)
        wrong = {error.line for error in outcome.errors}
        good = [line for line in lines if line.row.line not in wrong]
        ended = moves.ends_of_former(good, directory, how, today)
        outcome.verdicts = preview.verdicts(good, directory, how, at) + preview.missing(lines, directory, today)
        outcome.findings = preview.findings(good, lines, outcome.verdicts, directory, today)
        outcome.findings["swapped_dates"] = [column.as_json() for column in mixed]
        progress(35)
        if outcome.ok:
            _write(lines, ended, directory, outcome, how, by=by, at=at, source=name, load=load, progress=progress)

    return take_in(sheet, KEYS, how.required, work, names=how.columns, dry_run=dry_run)


def _left_out(lines: list[Line], outcome: Outcome) -> list[Line]:
    """The lines without faults; the faults become what was left out."""
    outcome.left_out, outcome.errors[:] = list(outcome.errors), []
    wrong = {error.line for error in outcome.left_out}
    return [line for line in lines if line.row.line not in wrong]


def _check_managers(lines: list[Line], directory: Directory) -> None:
    known = {line.number_key for line in lines} | set(directory.people)
    for line in lines:
        if line.manager and (sort_key(line.agency), line.manager) not in known:
            line.row.refuse("manager_employee_number", f"nobody at {line.agency} has the number {line.manager}")


def _write(
    lines: list[Line],
    ended: list[Line],
    directory: Directory,
    outcome: Outcome,
    how: Reading,
    *,
    by: Person | None,
    at: datetime,
    source: str,
    load: Import | None,
    progress: Progress,
) -> None:
    for line in lines:
        directory.make(line.agency, line.agency_kind, line.team, line.job_role)
    said = {"recorded_by": by, "source": source, "load": load}
    new, changed = names.write(lines, directory, at=at, said=said)
    count_again(len(new), Person, PersonVersion)
    progress(60)
    spells = posts.write_employments(lines, directory)
    versions = posts.write_versions([*lines, *ended], directory, how, at=at, said=said)
    count_again(versions, Employment, EmploymentVersion)
    progress(85)
    outcome.counts = {
        "lines": len(lines),
        "people_new": len(new),
        "people_changed": changed,
        "employments_new": spells,
        "statements_new": versions,
    }
    outcome.made = directory.made
    people = list(dict.fromkeys(directory.people[line.number_key] for line in lines))
    outcome.notes += accounts.open_accounts(people, at=at) + names.possible_duplicates(new)
    if new or changed or spells or versions:
        agency = directory.agencies[lines[0].number_key[0]]
        audit.record("people.imported", by=by, at=at, about=agency, source=source, **outcome.counts)
