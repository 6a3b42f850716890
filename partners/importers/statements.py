"""From the lines of a file to versions of an identity: the same for employments and for memberships.

A line that says when it became known (`recorded_on`) is a dated statement, taken once. A line that does not is what
its source says today: with an agency's first load its facts are known from their own dates; later it is news only
when it differs from the last undated statement, and is then known from the moment of import. So an import that runs
twice changes nothing, and an old file does not undo a dated correction.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from academy.lib.dates import start_of_day
from partners.models import Version

Facts = dict[str, object]
History = Callable[[Facts], list[tuple[date, Facts]]]


@dataclass(frozen=True)
class Statement:
    """What one line says of one identity."""

    facts: Facts
    recorded_on: date | None


def news(
    statements: Iterable[Statement],
    known: list[Version],
    *,
    at: datetime,
    first_load: bool = False,
    history: History | None = None,
) -> list[Facts]:
    """What to append to the versions already `known` (oldest first) of one identity.

    Each item holds a version's facts with `recorded_at` and `dated`.
    `history(facts)` splits undated facts into (day, facts as they stood from that day), for a first load.
    """
    statements = list(statements)
    said = [{**s.facts, "recorded_at": start_of_day(s.recorded_on), "dated": True} for s in statements if s.recorded_on]
    added = [item for item in said if not any(_says(version, item) for version in known)]
    undated = [s.facts for s in statements if not s.recorded_on]
    if undated and first_load and history:
        known_from = [(min(start_of_day(day), at), facts) for day, facts in history(undated[-1])]
        added += [{**facts, "recorded_at": moment, "dated": False} for moment, facts in known_from]
    elif undated and _differs(undated[-1], known):
        added.append({**undated[-1], "recorded_at": at, "dated": False})
    return [item for index, item in enumerate(added) if item not in added[:index]]


def _says(version: Version, item: Facts) -> bool:
    return version.recorded_at == item["recorded_at"] and all(
        getattr(version, name) == value for name, value in item.items() if name != "dated"
    )


def _differs(facts: Facts, known: list[Version]) -> bool:
    """From the last undated statement, or where there is none from what is known."""
    undated = [version for version in known if not version.dated]
    last = (undated or known)[-1:]
    return not last or last[0].facts != facts
