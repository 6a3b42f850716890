"""Lines of one file that speak of the same post on the same day: they say the same, or nobody knows which one holds."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date

from academy.lib.rows import Outcome
from academy.lib.text import in_words, plural
from partners.importers.directory import SpellKey
from partners.importers.lines import Line

SHOWN = 5  # pairs of lines that a note names

_SAYS_NOTHING = ("given_name", "family_name", "email", "swe_number", "agency_kind")  # where they are empty


def settle(lines: list[Line], outcome: Outcome) -> list[Line]:
    """The lines without those that say what an earlier one says, which are noted.

    Lines that say something else of the same post are all wrong, unless they became known on different days.
    """
    wrong = {error.line for error in outcome.errors}
    groups: dict[tuple[SpellKey, date | None], list[Line]] = defaultdict(list)
    for line in lines:
        if line.row.line not in wrong:
            groups[line.spell_key, line.recorded_on].append(line)
    same: dict[Line, Line] = {}
    for group in groups.values():
        _refuse_others(group)
        same |= {line: group[0] for line in group[1:] if _said(line) == _said(group[0])}
    outcome.notes += _notes(same)
    return [line for line in lines if line not in same]


def _refuse_others(group: list[Line]) -> None:
    first = group[0]
    if not (other := next((line for line in group[1:] if _differ(line, first)), None)):
        return
    for line in group:
        against = first if _differ(line, first) else other
        for column in _differ(line, against):
            theirs = against.row.values.get(column)
            said = f"‘{theirs}’" if theirs else "nothing"
            line.row.refuse(column, f"line {against.row.line} says {said} for the same post")


def _differ(line: Line, other: Line) -> list[str]:
    """The columns in which two lines do not agree."""
    return list(_columns_that_differ(line, _said(line), _said(other)))


def _columns_that_differ(line: Line, here: dict[str, object], there: dict[str, object]) -> Iterator[str]:
    for name, value in here.items():
        silent = name in _SAYS_NOTHING and not (value and there[name])
        if value != there[name] and not silent:
            yield "name" if name in ("given_name", "family_name") and "name" in line.row.values else name


def _said(line: Line) -> dict[str, object]:
    """What a line says, by column."""
    about = {"swe_number": line.swe_number, "agency_kind": line.agency_kind, "manager_employee_number": line.manager}
    return line.person | about | line.facts


def _notes(same: dict[Line, Line]) -> list[str]:
    if not same:
        return []
    told = [
        f"line {line.row.line} says the same as line {first.row.line}" for line, first in list(same.items())[:SHOWN]
    ]
    more = [plural(len(same) - SHOWN, "more line", "more lines") + " likewise"] if len(same) > SHOWN else []
    sentence = in_words([*told, *more])
    return [f"{sentence[0].upper()}{sentence[1:]}."]
