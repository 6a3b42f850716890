"""What evaluation shows directors in the morning."""

from datetime import date

from django.urls import reverse

from academy.lib import registry
from academy.lib.dates import london_day
from academy.lib.figures import Share
from academy.lib.registry import Line, Section, Tile
from academy.lib.text import day
from evaluation.models import Paper
from evaluation.stats.retention import retention
from partners.models import Person
from partners.permissions import AccessRole

IN_POST = (
    "Members who completed the programme and hold a children’s social work post in their agency on the day, out of "
    "everyone who completed it."
)
ON_PROGRAMME = "Members who have neither finished nor left. Deferred members stay on the programme."
LEFT = "Members who left during the programme, or completed it and are not in post on the day."


@registry.section(15, AccessRole.DIRECTOR)
def who_stays(person: Person, on: date) -> Section:
    """For directors: today's headline figures, and the newest paper."""
    overall = retention(on, on).overall
    tiles = [
        _share("In post, of those who completed", overall.in_post_of_completed, on),
        _count("On the programme", "on_programme", overall.count("on_programme"), ON_PROGRAMME, on),
        _count("Left", "left", overall.count("left"), LEFT, on),
    ]
    more = (reverse("retention"), "Who stays, cohort by cohort")
    if not overall.standings:
        return Section("Who stays", _papers(), nothing="No cohort has begun yet.", more=more)
    return Section("Who stays", _papers(), tiles, more=more)


def _papers() -> list[Line]:
    paper = Paper.objects.defer("pdf").first()
    if paper is None:
        return []
    made = f"PDF, made on {day(london_day(paper.made_at))}, as at {day(paper.as_at)}"
    return [Line(f"The paper for {paper.period:%B %Y}", reverse("paper", args=[paper.pk]), made)]


def _people(figure: str, on: date) -> str:
    return f"{reverse('retention_people')}?figure={figure}&as_at={on}&known_at={on}"


def _share(label: str, share: Share, on: date) -> Tile:
    number, detail = (f"{share.percent}%", f"{share.part} of {share.whole}") if share.whole else ("Not yet", "0 of 0")
    people = _people("in_post", on) if share.whole else ""
    return Tile(label, number, f"{detail} · as at {day(on)}", IN_POST, people)


def _count(label: str, figure: str, number: int, how: str, on: date) -> Tile:
    return Tile(label, f"{number:,}", f"As at {day(on)}", how, _people(figure, on) if number else "")
