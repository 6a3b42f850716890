"""An import in a browser, from the file that somebody sends to the day on which it can no longer be undone.

A person decides in short requests; the work between two decisions is done by the tick, an import at a time, under a
lease: a worker that dies leaves the import as it was, and the next one begins that step again.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, replace
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q

from academy.lib.dates import london_day
from academy.lib.rows import HEADER, FileRefused, Outcome, RowError, Verdict, plain
from academy.lib.sheets import Sheet
from academy.lib.text import sort_key
from partners import audit
from partners.importers import undo
from partners.importers.columns import LABELS, Reading, date_habits, match, read_file
from partners.importers.people import import_people
from partners.models import Agency, Grant, Import, ImportLine, Person, User

LEASE = timedelta(minutes=10)
MOST_ATTEMPTS = 3
SAMPLES = 3
S = Import.State


class NotNow(Exception):
    """The import is not where this can be done to it; somebody else may have been first. Fit to show."""


@audit.named(Import)
def _file_names(ids: Iterable[int]) -> dict[int, str]:
    return dict(Import.objects.filter(pk__in=ids).values_list("pk", "file_name"))


@audit.sentence("import.confirmed")
def _confirmed(told: audit.Told) -> str:
    return f"had the file {told.about} taken in"


@audit.sentence("import.cancelled")
def _cancelled(told: audit.Told) -> str:
    return f"cancelled the import of the file {told.about}"


@audit.sentence("import.undone")
def _undone(told: audit.Told) -> str:
    return f"had the import of the file {told.about} undone"


def send(*, file_name: str, data: bytes, agency: Agency | None, by: Person, at: datetime) -> Import:
    """Keep a file that somebody sent, to be read by the tick."""
    return Import.objects.create(file_name=file_name[-200:], file=data, agency=agency, by=by, at=at)


def check(*, load: Import, how: Reading) -> None:
    """Have the file compared with what is known, read as `how` says. Raises NotNow."""
    _move(load, S.CHECKING, reading=how.as_json(), **_AFRESH)


def change_columns(*, load: Import) -> None:
    """Go back to matching its columns. Raises NotNow."""
    _move(load, S.MATCHING)


def confirm(*, load: Import, by: Person, at: datetime) -> None:
    """Have it taken in. Raises NotNow."""
    if undecided(load):
        raise NotNow("There is something to decide before this can be taken in.")
    with transaction.atomic():
        _move(load, S.IMPORTING, **_AFRESH)
        audit.record("import.confirmed", by=by, at=at, about=load)


def cancel(*, load: Import, by: Person, at: datetime) -> None:
    """Give it up, and forget the file. Raises NotNow."""
    with transaction.atomic():
        _move(load, S.CANCELLED, ended_at=at, file=b"")
        load.lines.all().delete()
        audit.record("import.cancelled", by=by, at=at, about=load)


def undo_it(*, load: Import, by: Person, at: datetime) -> None:
    """Have what it wrote taken back. Raises NotNow, also where it is too late."""
    if reason := why_not_undone(load, at):
        raise NotNow(reason)
    with transaction.atomic():
        _move(load, S.UNDOING, **_AFRESH)
        audit.record("import.undone", by=by, at=at, about=load)


def why_not_undone(load: Import, at: datetime) -> str:
    """Why an import that was taken in cannot be undone (any more), or ''."""
    if load.state != S.IMPORTED:
        return "Only an import that was taken in can be undone."
    if at > load.ended_at + timedelta(days=settings.IMPORT_UNDO_DAYS):
        return f"An import can be undone for {settings.IMPORT_UNDO_DAYS} days."
    later = Import.objects.filter(state=S.IMPORTED, ended_at__gt=load.ended_at)
    if load.agency_id:
        later = later.filter(Q(agency=load.agency_id) | Q(agency=None))
    if later.exists():
        return "Another import was taken in after this one. Undo that one first."
    return ""


def undecided(load: Import) -> list[str]:
    """What somebody has to decide about the file before it can be taken in: 'swapped', 'zeros', 'former', 'wrong'."""
    how, found = Reading.from_json(load.reading), load.findings
    open_questions = {
        "swapped": bool(found.get("swapped_dates")) and not how.swapped,
        "zeros": bool(found.get("lost_zeros")) and not how.zeros,
        "former": bool(found.get("former_posts")) and not how.former,
        "wrong": bool(found.get("wrong")) and not how.leaves_out,
    }
    return [question for question, is_open in open_questions.items() if is_open]


_AFRESH = {"progress": 0, "attempts": 0, "lease_until": None}


def _move(load: Import, state: str, **facts: object) -> None:
    if not load.move_to(state, **facts):
        raise NotNow("Somebody has gone on with this import meanwhile. This is how it stands now.")


# --- What the tick does -------------------------------------------------------------------------------------------


def do_waiting(at: datetime) -> Counter[str]:
    """Do the next step of every import that waits for one. Returns how many steps that was."""
    done: Counter[str] = Counter()
    while load := _claim(at):
        step = _STEPS[load.state] if _may_still(load, at) else _give_up
        step(load, at)
        done["imports"] += 1
    return done


@transaction.atomic
def _claim(at: datetime) -> Import | None:
    free = Import.objects.filter(Q(lease_until=None) | Q(lease_until__lt=at), state__in=Import.RUNNING)
    load = free.select_for_update(skip_locked=True, of=("self",)).select_related("agency", "by").order_by("pk").first()
    if load:
        load.lease_until, load.attempts = at + LEASE, load.attempts + 1
        load.save(update_fields=["lease_until", "attempts"])
    return load


def _may_still(load: Import, at: datetime) -> bool:
    """Whether whoever sent it can still sign in and answers for those people, and no step failed too often.

    Undoing is decided by whoever asks for it, who may be somebody else.
    """
    return (load.state == S.UNDOING or _sender_may_still(load, at)) and load.attempts <= MOST_ATTEMPTS


def _sender_may_still(load: Import, at: datetime) -> bool:
    can_sign_in = User.objects.filter(person=load.by, is_active=True).exists()
    return can_sign_in and Import.objects.visible_to(load.by, london_day(at)).filter(pk=load.pk).exists()


def _give_up(load: Import, at: datetime) -> None:
    """Stop it where it stands: nothing of a step that did not end was written."""
    notes = ["This was begun several times and could not be ended. Nothing was changed. Tell the academy about it."]
    if load.attempts <= MOST_ATTEMPTS:
        notes = ["Whoever sent this file may no longer import it. Nothing was changed."]
    if load.state == S.UNDOING:
        load.move_to(S.IMPORTED, notes=notes, lease_until=None)
    else:
        load.move_to(S.REFUSED, notes=notes, lease_until=None, file=b"", ended_at=at)


def _read(load: Import, at: datetime) -> None:
    try:
        sheet = read_file(bytes(load.file))
    except FileRefused as refusal:
        load.move_to(S.REFUSED, notes=[str(refusal)], file=b"", ended_at=at, lease_until=None)
        return
    columns = match(sheet.header) | _as_last_time(load, sheet)
    if load.agency and not _names(load.agency, sheet, columns.get("agency", "")):
        columns.pop("agency", None)  # a trust's file has a column with its schools, which are no agencies here
    load.move_to(
        S.MATCHING, sheet=_described(sheet, columns), notes=sheet.notes, reading={"columns": columns}, lease_until=None
    )


def _names(agency: Agency, sheet: Sheet, column: str) -> bool:
    """Whether any line names that agency in that column."""
    if column not in sheet.header:
        return False
    place = sheet.header.index(column)
    return any(sort_key(cells[place]) == agency.name_key for _, cells in sheet.lines if place < len(cells))


def _as_last_time(load: Import, sheet: Sheet) -> dict[str, str]:
    """How the columns that this file shares with the agency's last import were matched then."""
    last = Import.objects.filter(agency=load.agency_id, state=S.IMPORTED).order_by("-ended_at").first()
    here = {plain(name): name for name in sheet.header}
    then = last.reading.get("columns", {}) if last else {}
    return {key: here[plain(name)] for key, name in then.items() if plain(name) in here}


def _described(sheet: Sheet, columns: dict[str, str]) -> dict[str, object]:
    """What the page on matching columns shows of a file."""
    samples: dict[str, list[str]] = {name: [] for name in sheet.header if name}
    for _, cells in sheet.lines[:200]:
        for name, cell in zip(sheet.header, cells, strict=False):
            if cell and name and len(samples[name]) < SAMPLES and cell not in samples[name]:
                samples[name].append(cell)
    return {
        "header": list(samples),
        "samples": samples,
        "lines": len(sheet.lines),
        "habits": date_habits(sheet, columns),
    }


def _check(load: Import, at: datetime) -> None:
    _keep(load, _import(load, at, dry_run=True), S.CHECKED)


def _take_in(load: Import, at: datetime) -> None:
    """Take the file in; where something has changed since it was checked, so that it cannot be or that there is more
    to decide, show it again."""
    try:
        with transaction.atomic():
            outcome = _import(load, at, dry_run=False)
            if not outcome.ok or _asks_more(load, outcome):
                raise _ShowAgain
            if not _keep(load, outcome, S.IMPORTED, made=outcome.made, ended_at=at):
                raise _ShowAgain
    except _ShowAgain:
        _keep(load, outcome, S.CHECKED)


class _ShowAgain(Exception):
    """What was written is taken back."""


def _asks_more(load: Import, outcome: Outcome) -> bool:
    """Whether there is something to decide now that there was not when somebody confirmed."""
    asked = ("much_shorter", "many_leaving", "former_posts", "lost_zeros")
    return any(outcome.findings.get(what) and not load.findings.get(what) for what in asked)


def _take_back(load: Import, at: datetime) -> None:
    with transaction.atomic():
        counts = undo.take_back(load, at=at)
        load.move_to(S.UNDONE, counts=counts, ended_at=at, lease_until=None, progress=100)


_STEPS = {S.READING: _read, S.CHECKING: _check, S.IMPORTING: _take_in, S.UNDOING: _take_back}


def _import(load: Import, at: datetime, *, dry_run: bool) -> Outcome:
    how = replace(Reading.from_json(load.reading), sent_by="lead" if _leads(load, at) else "agency")
    return import_people(
        bytes(load.file),
        by=load.by,
        at=at,
        name=load.file_name,
        how=replace(how, agency=load.agency.name if load.agency else ""),  # which may have a new name by now
        load=None if dry_run else load,
        dry_run=dry_run,
        progress=_Progress(load),
    )


def _leads(load: Import, at: datetime) -> bool:
    """Whether whoever sent it is an academy lead still."""
    return Grant.objects.duties_of(load.by, london_day(at)).leads


@transaction.atomic
def _keep(load: Import, outcome: Outcome, state: str, **facts: object) -> bool:
    """Write down what came of a step; a file whose columns do not do goes back to be matched.

    False, and nothing is written, where the import was given up meanwhile.
    """
    wrong = [*outcome.errors, *outcome.left_out]
    unmatched = [error for error in outcome.errors if error.line == HEADER]
    found = outcome.findings | {"wrong": len({error.line for error in wrong})}
    told = [f"{LABELS.get(error.column, error.column)}: {error.reason}." for error in unmatched]
    facts |= {"counts": outcome.counts, "findings": found, "notes": told or outcome.notes, "lease_until": None}
    if not load.move_to(S.MATCHING if unmatched else state, progress=100, **facts):
        return False
    load.lines.all().delete()
    lines = [*map(_wrong, wrong), *map(asdict, outcome.verdicts)]
    ImportLine.objects.bulk_create((_line(load, line) for line in lines), batch_size=2000)
    return True


def _wrong(error: RowError) -> dict[str, object]:
    label = LABELS.get(error.column, error.column)
    what = f"{label}: {error.reason}" if label else error.reason
    return asdict(Verdict(error.line, ImportLine.Verdict.WRONG, "", what))


def _line(load: Import, said: dict[str, object]) -> ImportLine:
    person = said.pop("person")
    verdict = said.pop("kind")
    return ImportLine(load=load, person_id=person, verdict=verdict, **said)


class _Progress:
    """Tells how far an import is. Over a connection of its own: what the import writes is not to be seen before its
    end."""

    def __init__(self, load: Import) -> None:
        self.load = load

    def __call__(self, percent: int) -> None:
        teller = connection.copy()
        try:
            with teller.cursor() as cursor:
                cursor.execute("UPDATE partners_import SET progress = %s WHERE id = %s", [percent, self.load.pk])
        finally:
            teller.close()


# --- Giving up ----------------------------------------------------------------------------------------------------


def give_up_idle(at: datetime) -> Counter[str]:
    """Give up imports with which nobody has gone on for as long as one could have been undone."""
    before = at - timedelta(days=settings.IMPORT_UNDO_DAYS)
    idle = Import.objects.filter(state__in=[S.MATCHING, S.CHECKED], at__lt=before)
    return Counter(imports_given_up=idle.update(state=S.CANCELLED, ended_at=at, file=b""))
