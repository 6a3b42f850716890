"""The spells that the lines of a file speak of, and what is said of them."""

from collections import defaultdict
from datetime import date, datetime

from academy.lib.dates import start_of_day
from academy.lib.text import sort_key
from partners.importers.columns import Reading, silent
from partners.importers.directory import Directory, SpellKey
from partners.importers.lines import Line
from partners.importers.statements import Statement, news
from partners.models import Employment, EmploymentVersion
from partners.models.versions import mark_current


def write_employments(lines: list[Line], directory: Directory) -> int:
    """Make the spells that are new; their people, agencies, teams and job roles must exist. Returns how many."""
    new = {key: directory.employment(key) for key in (line.spell_key for line in lines) if key not in directory.spells}
    Employment.objects.bulk_create(new.values(), batch_size=2000)
    directory.spells |= new
    return len(new)


def write_versions(
    lines: list[Line], directory: Directory, how: Reading, *, at: datetime, said: dict[str, object]
) -> int:
    """Append what is newly said to what is known of each spell. Returns how many statements that is."""
    statements: dict[SpellKey, list[Statement]] = defaultdict(list)
    for line in lines:
        statements[line.spell_key].append(Statement(_facts(line, directory, how), line.recorded_on))
    appended = [
        EmploymentVersion(identity=directory.spells[key], is_current=False, **said, **item)
        for key, items in statements.items()
        for item in _news(directory, key, items, at)
    ]
    EmploymentVersion.objects.bulk_create(appended, batch_size=2000)
    mark_current(EmploymentVersion, list({version.identity_id for version in appended}))
    return len(appended)


def _facts(line: Line, directory: Directory, how: Reading) -> dict[str, object]:
    """What a line says of its spell. Of what the file has no column for it says nothing: that stays as it was."""
    if line.former:
        return line.facts
    manager = directory.people.get((sort_key(line.agency), line.manager))
    facts = line.facts | {"manager_id": manager.pk if manager else None}
    before = directory.known_of(line.spell_key, line.recorded_on and start_of_day(line.recorded_on))
    return facts | {name: getattr(before, name) for name in silent(how)} if before else facts


def is_news(line: Line, directory: Directory, how: Reading, at: datetime) -> bool:
    """Whether a line says something of a known spell that was not said before."""
    return bool(_news(directory, line.spell_key, [Statement(_facts(line, directory, how), line.recorded_on)], at))


def _news(directory: Directory, key: SpellKey, statements: list[Statement], at: datetime) -> list[dict[str, object]]:
    spell = directory.spells[key]
    first_load = directory.is_first_load(spell.agency)
    known = directory.versions[spell.pk]
    return news(statements, known, first_load=first_load, history=lambda facts: _history(facts, key[-1]), at=at)


def _history(facts: dict[str, object], start: date) -> list[tuple[date, dict[str, object]]]:
    """A spell is known to run from its start, and known to have ended from its last day."""
    if not facts["end_date"]:
        return [(start, facts)]
    running = {**facts, "end_date": None, "leaving_reason": None, "destination": None}
    return [(start, running), (facts["end_date"], facts)]
