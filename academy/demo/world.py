"""Larkshire: its agencies and teams, as data."""

from dataclasses import dataclass

COUNCIL = "Larkshire County Council"
HEALTH = "Larkshire Community Health NHS Trust"
POLICE = "Larkshire Police"


@dataclass(frozen=True)
class TeamPlan:
    """A team from the top, how many people it has, the job most of them hold, and whether it is social work."""

    path: str
    size: int
    job: str
    social_work: bool = False


@dataclass(frozen=True)
class AgencyPlan:
    """An agency and its teams."""

    name: str
    kind: str
    domain: str
    teams: list[TeamPlan]


def _social_work(service: str, teams: str, size: int) -> list[TeamPlan]:
    path = f"Children and families > {service} > "
    return [TeamPlan(path + name, size, "Social worker", True) for name in teams.split(", ")]


AGENCIES = [
    AgencyPlan(
        COUNCIL,
        "council",
        "larkshire.example",
        [
            *_social_work("Assessment", "Assessment North, Assessment South, Front door", 34),
            *_social_work("Safeguarding", "Safeguarding East, Safeguarding West, Court team", 34),
            *_social_work("Children in our care", "Care planning, Leaving care, Fostering", 30),
            TeamPlan("Children and families > Early help > Family hubs", 60, "Family support worker"),
            TeamPlan("Children and families > Early help > Youth service", 40, "Youth worker"),
            TeamPlan("Children and families > Education > School attendance", 36, "Attendance officer"),
            TeamPlan("Children and families > Education > Special needs", 36, "Case officer"),
            TeamPlan("Adults > Adult safeguarding", 40, "Adult social worker"),
            TeamPlan("Communities > Community safety", 30, "Community safety officer"),
        ],
    ),
    AgencyPlan(
        HEALTH,
        "health",
        "larkshire-health.example",
        [
            TeamPlan("Children > Health visiting", 70, "Health visitor"),
            TeamPlan("Children > School nursing", 50, "School nurse"),
            TeamPlan("Children > Speech and language", 40, "Speech and language therapist"),
            TeamPlan("Mental health > Young people", 50, "Mental health practitioner"),
            TeamPlan("Midwifery", 40, "Midwife"),
        ],
    ),
    AgencyPlan(
        POLICE,
        "police",
        "larkshire-police.example",
        [
            TeamPlan("Protecting vulnerable people", 60, "Detective constable"),
            TeamPlan("Neighbourhoods > North", 50, "Police constable"),
            TeamPlan("Neighbourhoods > South", 50, "Police constable"),
        ],
    ),
    AgencyPlan(
        "Skylark Schools Trust",
        "school",
        "skylark-schools.example",
        [
            TeamPlan("Skylark Primary", 46, "Teacher"),
            TeamPlan("Brook Lane Primary", 40, "Teacher"),
            TeamPlan("Larkhill Academy", 70, "Teacher"),
        ],
    ),
    AgencyPlan(
        "Heron College",
        "school",
        "heron-college.example",
        [TeamPlan("Teaching", 40, "Lecturer"), TeamPlan("Student support", 24, "Student support officer")],
    ),
    AgencyPlan(
        "Acorn Nurseries",
        "early_years",
        "acorn-nurseries.example",
        [TeamPlan("Acorn Town", 24, "Nursery practitioner"), TeamPlan("Acorn Park", 20, "Nursery practitioner")],
    ),
    AgencyPlan(
        "Little Wrens Playgroup", "early_years", "little-wrens.example", [TeamPlan("Playgroup", 12, "Playworker")]
    ),
    AgencyPlan(
        "Larkshire Women’s Refuge",
        "voluntary",
        "larkshire-refuge.example",
        [TeamPlan("Refuge", 18, "Support worker"), TeamPlan("Outreach", 14, "Outreach worker")],
    ),
    AgencyPlan(
        "Open Door Youth Charity",
        "voluntary",
        "opendoor-youth.example",
        [TeamPlan("Drop-in", 20, "Youth worker"), TeamPlan("Counselling", 12, "Counsellor")],
    ),
    AgencyPlan("Mill Street Surgery", "gp", "millstreet-surgery.example", [TeamPlan("Practice", 22, "Practice nurse")]),
    AgencyPlan(
        "Larkshire Homes",
        "housing",
        "larkshire-homes.example",
        [TeamPlan("Tenancy support", 30, "Housing officer"), TeamPlan("Homelessness", 20, "Housing officer")],
    ),
    AgencyPlan(
        "Larkshire Youth Justice", "other", "larkshire-yjs.example", [TeamPlan("Youth justice", 30, "Case manager")]
    ),
]
