"""Somebody's learning as rows: what the record's page, the transcript and Social Work England's page show."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property

from django.db import models
from django.db.models import Prefetch

from academy.lib import text
from courses.models import Achievement, Certificate, Learning, PracticeTheme
from partners.models import Person

NO_THEME = "No theme"


class Counting(models.TextChoices):
    """From when to when a year goes."""

    CALENDAR = "calendar", "1 January to 31 December"
    REGISTRATION = "registration", "1 December to 30 November (Social Work England)"

    def year_of(self, day: date) -> int:
        """The year to which a day counts: the one in which it ends."""
        return day.year + (self == Counting.REGISTRATION and day.month == 12)

    def first(self, year: int) -> date:
        return date(year - 1, 12, 1) if self == Counting.REGISTRATION else date(year, 1, 1)

    def last(self, year: int) -> date:
        return date(year, 11, 30) if self == Counting.REGISTRATION else date(year, 12, 31)

    def named(self, year: int) -> str:
        """'2026', or '2025 to 2026' where it lies in two."""
        return f"{year - 1} to {year}" if self == Counting.REGISTRATION else str(year)


@dataclass(frozen=True)
class Piece:
    """One thing learnt: completed here, or stated by the person. What they say of a course here is part of that."""

    on: date
    title: str
    kind: str
    provider: str
    hours: Decimal
    themes: tuple[str, ...]
    achievement: Achievement | None = None
    learning: Learning | None = None

    @property
    def certificate(self) -> Certificate | None:
        return getattr(self.achievement, "certificate", None) if self.achievement else None

    @property
    def is_here(self) -> bool:
        """Whether it was with the academy, which knows that it was completed."""
        return self.achievement is not None


def pieces_of(person: Person) -> list[Piece]:
    """Everything that somebody learnt, latest first. Always four queries."""
    said = Learning.objects.filter(person=person).with_evidence().prefetch_related("themes")
    reflections = {item.achievement_id: item for item in said if item.achievement_id}
    here = [_here(item, reflections.get(item.pk)) for item in _completed(person)]
    standing = {piece.achievement.pk for piece in here}
    elsewhere = [_elsewhere(item) for item in said if item.achievement_id not in standing]
    return sorted([*here, *elsewhere], key=lambda piece: (piece.on, piece.title), reverse=True)


def _completed(person: Person) -> models.QuerySet[Achievement]:
    themes = Prefetch("course__themes", PracticeTheme.objects.all())
    own = Achievement.objects.standing().filter(person=person)
    return own.select_related("course", "certificate").prefetch_related(themes)


def _here(item: Achievement, reflection: Learning | None) -> Piece:
    course, paper = item.course, getattr(item, "certificate", None)
    return Piece(
        on=item.completed_on,
        title=paper.course if paper else course.title,
        kind=course.get_kind_display(),
        provider=course.provider,
        hours=paper.cpd_hours if paper else course.cpd_hours,
        themes=tuple(theme.name for theme in course.themes.all()),
        achievement=item,
        learning=reflection,
    )


def _elsewhere(item: Learning) -> Piece:
    return Piece(
        on=item.learnt_on,
        title=item.title,
        kind=item.get_kind_display(),
        provider=item.provider,
        hours=item.hours,
        themes=tuple(theme.name for theme in item.themes.all()),
        learning=item,
    )


@dataclass(frozen=True)
class Period:
    """What was learnt from one day to another."""

    pieces: Sequence[Piece]

    @cached_property
    def hours(self) -> Decimal:
        return sum((piece.hours for piece in self.pieces), Decimal(0))

    @cached_property
    def here(self) -> Decimal:
        """Hours with the academy."""
        return sum((piece.hours for piece in self.pieces if piece.is_here), Decimal(0))

    @property
    def elsewhere(self) -> Decimal:
        return self.hours - self.here

    @property
    def by_kind(self) -> list[tuple[str, int, Decimal]]:
        """Kinds, how many pieces and how many hours of each, most hours first."""
        return _summed((piece.kind, piece.hours) for piece in self.pieces)

    @property
    def by_theme(self) -> list[tuple[str, int, Decimal]]:
        """Likewise by practice theme. What has two counts for both, so that these do not add up."""
        return _summed((theme, piece.hours) for piece in self.pieces for theme in piece.themes or (NO_THEME,))


def _summed(parts: Iterable[tuple[str, Decimal]]) -> list[tuple[str, int, Decimal]]:
    found: dict[str, list[Decimal]] = defaultdict(list)
    for name, hours in parts:
        found[name].append(hours)
    rows = ((name, len(hours), sum(hours, Decimal(0))) for name, hours in found.items())
    return sorted(rows, key=lambda row: (-row[2], row[0]))


def years(pieces: Iterable[Piece], counting: Counting) -> dict[int, Period]:
    """What was learnt in each year, latest first; years without anything are left out."""
    found: dict[int, list[Piece]] = defaultdict(list)
    for piece in pieces:
        found[counting.year_of(piece.on)].append(piece)
    return {year: Period(found[year]) for year in sorted(found, reverse=True)}


# --- Social Work England ------------------------------------------------------------------------------------------

FEWEST_PIECES, FEWEST_WITH_PEERS = 2, 1


@dataclass(frozen=True)
class Registration:
    """What a social worker has to record for the registration year in which a day falls."""

    year: int
    entries: Sequence[Learning]
    today: date

    @property
    def last(self) -> date:
        return Counting.REGISTRATION.last(self.year)

    @property
    def opens(self) -> date:
        """From then until the year's end they are recorded."""
        return date(self.year, 9, 1)

    @property
    def is_open(self) -> bool:
        return self.opens <= self.today <= self.last

    @property
    def missing(self) -> list[str]:
        """What Social Work England asks for and these entries have not, a sentence each."""
        short = FEWEST_PIECES - len({entry.title.casefold() for entry in self.entries if entry.is_told})
        peers = FEWEST_WITH_PEERS - sum(entry.has_peer_reflection for entry in self.entries)
        found = []
        if short > 0:
            more = text.plural(short, "more piece")
            found.append(f"{more} of which you say why it matters, what you learnt and what changed: it asks for two.")
        if peers > 0:
            found.append("What you discussed with a peer, and with whom by role, for at least one piece.")
        return found


def registration(person: Person, today: date) -> Registration:
    """Somebody's entries of the registration year that runs, earliest first."""
    year = Counting.REGISTRATION.year_of(today)
    first, last = Counting.REGISTRATION.first(year), Counting.REGISTRATION.last(year)
    entries = Learning.objects.filter(person=person, learnt_on__range=(first, last)).order_by("learnt_on", "pk")
    return Registration(year, list(entries), today)


def to_copy(entry: Learning) -> list[tuple[str, str, str]]:
    """An entry's fields as Social Work England asks for them: a name for the field, its label, and the words."""
    provider = f" ({entry.provider})" if entry.provider else ""
    about = f"{entry.title}{provider}. {entry.relevance}".strip()
    discussed = entry.peer_discussion
    if entry.peer_role and discussed:
        discussed = f"With {entry.peer_role}: {discussed}"
    return [
        ("type", "Type of learning", entry.get_kind_display()),
        ("about", "What it was, and why it matters to your work", about),
        ("date", "Date", text.day(entry.learnt_on)),
        ("learnt", "What you learnt", entry.learnt),
        ("impact", "What changed in your practice", entry.impact),
        ("peer", "What you discussed with a peer", discussed),
    ]
