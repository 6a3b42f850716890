"""A whole county around Larkshire's demo academy: ten years of training, made by the database itself.

Half a million bookings by calling actions would take hours. So this is the one part of the demo that writes rows; what
it writes keeps every invariant that actions keep, and `check_integrity` says so. The same seed and day give the same
rows: what looks like chance is worked out from numbers.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from academy.demo.catalogue import COURSES
from academy.demo.county_sql import CHANCE, STEPS
from academy.demo.names import FAMILY, GIVEN
from academy.lib.dates import london_day
from academy.lib.text import sort_key
from courses.models import Course, PracticeTheme
from evaluation.actions import follow_ups
from evaluation.models import FollowUp, Questionnaire
from partners.models import Agency, AgencyKind, JobRole, Team

PEOPLE, RUNS, INTERESTS, TRAINERS = 50_000, 5_000, 20_000, 120
WORDS = (
    "Alder Aspen Badger Beech Bluebell Bramble Brook Cedar Chestnut Clover Curlew Dormouse Elderflower Fern Foxglove "
    "Goldcrest Harebell Hawthorn Hazel Heather Hedgerow Holly Ivy Juniper Kestrel Kingfisher Lapwing Linnet Maple "
    "Meadow Mistle Nuthatch Oak Otter Plover Primrose Rowan Sorrel Squirrel Teasel Thistle Thrush Willow Wren Yarrow"
).split()
SUFFIXES = {
    "Primary School": AgencyKind.SCHOOL,
    "Secondary School": AgencyKind.SCHOOL,
    "Special School": AgencyKind.SCHOOL,
    "Nursery": AgencyKind.EARLY_YEARS,
    "Playgroup": AgencyKind.EARLY_YEARS,
    "Childminders": AgencyKind.EARLY_YEARS,
    "Youth Club": AgencyKind.VOLUNTARY,
    "Family Support": AgencyKind.VOLUNTARY,
    "Surgery": AgencyKind.GP,
    "Housing Trust": AgencyKind.HOUSING,
}
VARIANTS = (
    "for schools, for early years, for health staff, for the police, for housing staff, for the voluntary sector, "
    "for managers, a refresher, in the evening"
).split(", ")


@dataclass(frozen=True)
class Ground:
    """What there is before people come: agencies and job roles by id, and the newest ids before the county grew."""

    agencies: list[int]
    large: list[int]
    job_role: int
    courses: list[int]


@transaction.atomic
def grow(at: datetime) -> dict[str, int]:
    """Add 50,000 people, 5,000 runs and 500,000 bookings with all that hangs on them. Returns rows by what they are."""
    ground = Ground(_agencies(), _large(), _job_role(), _courses())
    made: dict[str, int] = {}
    with connection.cursor() as cursor:
        cursor.execute(_TRUSTED)
        cursor.execute(CHANCE)
        cursor.execute(_NAMES, [*_names()])
        values = _values(ground, at)
        for what, sql in STEPS:
            cursor.execute(sql, values)
            made[what] = cursor.rowcount
        cursor.execute(_TRUSTED.replace("= replica", "= DEFAULT"))
    Course.objects.all().refresh_next_start(at)
    follow_ups.plan(at)
    FollowUp.objects.due(at).update(state=FollowUp.State.SKIPPED, skipped_because="its time had passed")
    return made


# Every key that is written was read in the same statement, so nobody need look it up again: that took half of the time.
# Only the owner of a server may say so; elsewhere keys are looked up at the end.
_TRUSTED = """
DO $$ BEGIN
    IF current_setting('is_superuser') = 'on' THEN SET LOCAL session_replication_role = replica; END IF;
END $$
"""
_NAMES = """
CREATE TEMPORARY TABLE county_name ON COMMIT DROP AS
SELECT which, place - 1 AS place, name, key, plain
FROM unnest(%s::text[], %s::int[], %s::text[], %s::text[], %s::text[]) AS given (which, place, name, key, plain)
"""


def _names() -> list[list]:
    """Columns of the table of names: given or family, its place, the name, its sort key, and it for an address."""
    lists = {"given": GIVEN, "family": FAMILY}
    rows = [(which, place, name) for which, names in lists.items() for place, name in enumerate(names, start=1)]
    keys = [sort_key(name) for *_, name in rows]
    plain = ["".join(char for char in key if char.isascii()) for key in keys]
    return [*(list(column) for column in zip(*rows, strict=True)), keys, plain]


def _values(ground: Ground, at: datetime) -> dict[str, object]:
    return {
        "at": at,
        "today": london_day(at),
        "people": PEOPLE,
        "runs": RUNS,
        "interests": INTERESTS,
        "trainers": TRAINERS,
        "agencies": ground.agencies,
        "large": ground.large,
        "job_role": ground.job_role,
        "courses": ground.courses,
        "given_names": len(GIVEN),
        "family_names": len(FAMILY),
        "questionnaire": Questionnaire.objects.filter(key="follow-up").latest("version").pk,
    }


def _agencies() -> list[int]:
    """Small agencies with a team each."""
    plans = [(f"{word} {suffix}", kind) for suffix, kind in SUFFIXES.items() for word in WORDS]
    made = Agency.objects.bulk_create(Agency(name=name, kind=kind, name_key=sort_key(name)) for name, kind in plans)
    teams = Team.objects.bulk_create(Team(agency=agency, name="Everyone", name_key="everyone") for agency in made)
    for team in teams:
        team.path = f"/{team.pk}/"
    Team.objects.bulk_update(teams, ["path"])
    return [agency.pk for agency in made]


def _large() -> list[int]:
    """Larkshire's own council, health trust and police."""
    kinds = [AgencyKind.COUNCIL, AgencyKind.HEALTH, AgencyKind.POLICE]
    return list(Agency.objects.filter(kind__in=kinds).order_by("pk").values_list("pk", flat=True))


def _job_role() -> int:
    return JobRole.objects.create(name="Children’s worker").pk


def _courses() -> list[int]:
    """Every course of the catalogue for other audiences. Returns all, those that there were included."""
    themes = {theme.slug: theme for theme in PracticeTheme.objects.all()}
    models = {course.title: course for course in Course.objects.all()}
    made = []
    for variant in VARIANTS:
        for plan in COURSES:
            model = models[plan.title]
            course = Course.objects.create(
                title=f"{plan.title}, {variant}",
                summary=plan.summary,
                aims=plan.aims,
                audience=plan.audience,
                kind=plan.kind,
                owner_id=model.owner_id,
                cpd_hours=plan.hours,
            )
            course.themes.set(themes[slug] for slug in plan.themes.split())
            made.append(course.pk)
    return [*(course.pk for course in models.values()), *made]


def analyse() -> None:
    """Let PostgreSQL look at what it has, as it does by itself before long."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
