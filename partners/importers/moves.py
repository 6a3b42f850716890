"""Lists of staff as they are today, which show everybody's present post and nothing of the one before it."""

from collections import defaultdict
from dataclasses import replace
from datetime import date, timedelta

from partners.importers.columns import Reading
from partners.importers.directory import Directory, NumberKey, SpellKey
from partners.importers.lines import Line


def settle_starts(lines: list[Line], directory: Directory, how: Reading, today: date) -> None:
    """Fit undated lines to the spells that are known, where start dates are those of joining.

    A line then means the running spell in the same post, or a new one since `how.moved_on`. Changes starts in place.
    """
    if how.joined:
        for line in lines:
            _start_in_post(line, directory, how, today)


def ends_of_former(lines: list[Line], directory: Directory, how: Reading, today: date) -> list[Line]:
    """Where a new post ends the former one: a line for each spell that so ends, on the day before."""
    if how.former != "ended":
        return []
    return [
        _ended(directory, key, line) for line, keys in former_posts(lines, directory, today).items() for key in keys
    ]


def _start_in_post(line: Line, directory: Directory, how: Reading, today: date) -> None:
    if line.recorded_on or line.spell_key in directory.spells:
        return
    running = directory.running(line.number_key, today)
    same = [key for key in running if key[2:4] == line.post_key]
    if same:
        line.start = same[0][-1]
    elif running:
        line.start = how.moved_on or today


def former_posts(lines: list[Line], directory: Directory, today: date) -> dict[Line, list[SpellKey]]:
    """For each line with a new spell: the running spells of that employee number that the file does not show."""
    shown: dict[NumberKey, set[SpellKey]] = defaultdict(set)
    for line in lines:
        shown[line.number_key].add(line.spell_key)
    found: dict[Line, list[SpellKey]] = {}
    for line in lines:
        if line.spell_key in directory.spells or line.recorded_on or line.facts["end_date"]:
            continue
        former = [key for key in directory.running(line.number_key, today) if key not in shown[line.number_key]]
        former = [key for key in former if key[-1] <= line.start]
        if former:
            found[line] = former
            shown[line.number_key] |= set(former)
    return found


def _ended(directory: Directory, key: SpellKey, line: Line) -> Line:
    """A line that ends a former spell on the day before the new one of `line` starts."""
    known = directory.known_of(key)
    end = max(line.start - timedelta(days=1), key[-1])
    return replace(line, former=key, facts=known.facts | {"end_date": end})
