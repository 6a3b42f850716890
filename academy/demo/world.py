"""Larkshire: its agencies and teams, its practice themes and its courses, as data."""

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

THEMES = {
    "neglect": "Neglect",
    "domestic-abuse": "Domestic abuse",
    "thresholds": "Thresholds",
    "assessment": "Assessment and planning",
    "oversight": "Management oversight",
    "mental-health": "Mental health",
    "exploitation": "Exploitation",
    "early-years": "Early years",
}


@dataclass(frozen=True)
class CoursePlan:
    """A course as the catalogue shows it."""

    title: str
    summary: str
    aims: str
    audience: str
    kind: str
    themes: str
    hours: str
    sessions: int = 1
    owner: str = COUNCIL


_ALL = "Everyone who works with children and families"
_SW = "Social workers and their managers"
COURSES = [
    CoursePlan(
        "Recognising and responding to neglect",
        "Spot the signs of neglect early and record what you see in a way that others can act on.",
        "Tell neglect from poverty\nUse a graded profile with a parent\nWrite down what you saw, not what you felt",
        _ALL,
        "classroom",
        "neglect thresholds",
        "6",
    ),
    CoursePlan(
        "Trauma-informed practice: foundations",
        "How early adversity shapes behaviour, and what helps a child to feel safe.",
        "Explain how stress affects a child\nChoose words that calm\nPlan a first conversation",
        _ALL,
        "online",
        "mental-health",
        "3",
    ),
    CoursePlan(
        "Working together: safeguarding across agencies",
        "Thresholds, strategy discussions and core groups, for people who lead on cases.",
        "Choose the right threshold\nPrepare for a strategy discussion\nHold a core group to its plan",
        "People who lead on children’s cases in any agency",
        "blended",
        "thresholds assessment",
        "12",
        2,
    ),
    CoursePlan(
        "Supporting children with speech and language needs",
        "Everyday strategies for nurseries, schools and family hubs.",
        "Notice a delay early\nAdapt how you speak\nWork with a therapist’s plan",
        "Early years and school staff",
        "online",
        "early-years",
        "2",
        1,
        HEALTH,
    ),
    CoursePlan(
        "Reflective supervision for new managers",
        "Run supervision that keeps people well and keeps children at the centre.",
        "Set up a supervision agreement\nAsk questions that open a case up\nRecord decisions and why",
        "Managers in their first two years",
        "blended",
        "oversight",
        "9",
        3,
    ),
    CoursePlan(
        "Domestic abuse: understanding coercive control",
        "See the pattern behind incidents, and work with the whole family safely.",
        "Recognise coercive control\nSpeak with a victim safely\nKeep the person who harms in view",
        _ALL,
        "classroom",
        "domestic-abuse",
        "6",
        1,
        "Larkshire Women’s Refuge",
    ),
    CoursePlan(
        "Analysis in assessments",
        "From a pile of facts to a judgement that a parent can understand.",
        "Say what a fact means for a child\nWeigh what helps against what harms\nWrite a conclusion in five sentences",
        _SW,
        "classroom",
        "assessment",
        "6",
    ),
    CoursePlan(
        "Child exploitation: disrupting harm",
        "Recognise grooming, share what you know, and disrupt those who exploit.",
        "Recognise the signs\nUse the intelligence form\nPlan disruption with the police",
        _ALL,
        "classroom",
        "exploitation",
        "6",
        1,
        POLICE,
    ),
    CoursePlan(
        "Perinatal mental health",
        "What changes around birth, when to worry, and whom to call.",
        "Ask about mood without fear\nKnow the pathway\nSupport a partner",
        "Health, early years and family hub staff",
        "online",
        "mental-health early-years",
        "3",
        1,
        HEALTH,
    ),
    CoursePlan(
        "Direct work with children",
        "Tools and time for hearing what a child is telling you.",
        "Use play and drawing\nRecord a child’s own words\nGive feedback to a child",
        _SW,
        "classroom",
        "assessment",
        "6",
    ),
    CoursePlan(
        "Court skills for social workers",
        "Statements, evidence and a morning in a practice courtroom.",
        "Write a balanced statement\nGive evidence calmly\nAnswer a hard question",
        _SW,
        "classroom",
        "assessment",
        "12",
        2,
    ),
    CoursePlan(
        "Safer sleep for babies",
        "Short, practical advice to give to every family with a baby.",
        "Explain the risks kindly\nLook at a sleeping place\nKeep a record",
        _ALL,
        "online",
        "early-years",
        "1.5",
        1,
        HEALTH,
    ),
    CoursePlan(
        "Motivational conversations",
        "Helping people talk themselves into change.",
        "Hear change talk\nRoll with reluctance\nEnd with one next step",
        _ALL,
        "classroom",
        "assessment",
        "6",
    ),
    CoursePlan(
        "Children who go missing",
        "What to ask when they come back, and what to do with the answers.",
        "Hold a return conversation\nSpot a pattern\nShare it the same day",
        _ALL,
        "online",
        "exploitation",
        "3",
        1,
        POLICE,
    ),
    CoursePlan(
        "Parental substance use",
        "How drugs and alcohol change parenting, and what a child sees.",
        "Ask directly\nSee through a child’s eyes\nPlan for relapse",
        _ALL,
        "classroom",
        "neglect mental-health",
        "6",
    ),
    CoursePlan(
        "Designated safeguarding leads’ network",
        "A termly meeting of school leads: cases, updates and support.",
        "Leave with one answer\nShare one lesson",
        "Designated safeguarding leads",
        "peer_group",
        "thresholds",
        "2",
        1,
        "Skylark Schools Trust",
    ),
    CoursePlan(
        "Listening to young carers",
        "Finding the children who look after somebody, and lightening the load.",
        "Notice a young carer\nAsk what would help\nBring in the family",
        _ALL,
        "online",
        "assessment",
        "2",
        1,
        "Open Door Youth Charity",
    ),
    CoursePlan(
        "Management oversight that makes a difference",
        "Decisions on file that a child could read one day.",
        "Set direction\nChallenge drift\nWrite oversight in ten lines",
        "Team managers",
        "classroom",
        "oversight",
        "6",
    ),
    CoursePlan(
        "Fabricated or induced illness",
        "When symptoms and stories do not fit: what each agency does.",
        "Recognise alerting signs\nUse a chronology\nKeep the child safe while you find out",
        "Health, school and social work leads",
        "classroom",
        "thresholds",
        "6",
        1,
        HEALTH,
    ),
    CoursePlan(
        "Harmful sexual behaviour in childhood",
        "What is expected, what is a worry, and how to respond without panic.",
        "Use a traffic light\nSpeak with parents\nPlan for school",
        _ALL,
        "classroom",
        "exploitation assessment",
        "6",
    ),
    CoursePlan(
        "Chronologies that tell a story",
        "What to put in, what to leave out, and how to read one.",
        "Choose what matters\nSee the pattern\nUse it in supervision",
        _SW,
        "online",
        "assessment neglect",
        "3",
    ),
    CoursePlan(
        "An afternoon with the family courts’ adviser",
        "A speaker from the courts’ advisory service answers your questions.",
        "Understand an adviser’s day\nKnow what helps a child in court",
        _ALL,
        "event",
        "assessment",
        "2",
    ),
    CoursePlan(
        "Coaching for team managers",
        "Six months of one-to-one coaching by a manager from another agency.",
        "Name what you want to change\nTry something between meetings",
        "Team managers",
        "coaching",
        "oversight",
        "6",
        3,
    ),
    CoursePlan(
        "Bruising in babies who are not yet mobile",
        "Why it matters, what to do at once, and what to say.",
        "Know the protocol\nSpeak with a parent\nRecord with a body map",
        _ALL,
        "online",
        "thresholds early-years",
        "1.5",
        1,
        HEALTH,
    ),
    CoursePlan(
        "Working with fathers",
        "Bringing fathers in from the start, safely.",
        "Find out who matters to a child\nInvite a father\nAssess risk fairly",
        _ALL,
        "classroom",
        "domestic-abuse assessment",
        "6",
    ),
    CoursePlan(
        "Private fostering: everyone’s duty to tell",
        "Children who live with someone else, and why we must know.",
        "Recognise private fostering\nTell the council",
        _ALL,
        "online",
        "thresholds",
        "1",
    ),
    CoursePlan(
        "Autism and safeguarding",
        "Hearing children whose distress looks different.",
        "Adapt a conversation\nRead behaviour as communication\nPlan with the school",
        _ALL,
        "classroom",
        "mental-health",
        "6",
        1,
        "Heron College",
    ),
    CoursePlan(
        "Suicide prevention with young people",
        "Asking the question, staying with the answer, and making a plan.",
        "Ask directly\nMake a safety plan\nLook after yourself",
        _ALL,
        "classroom",
        "mental-health",
        "6",
        1,
        HEALTH,
    ),
    CoursePlan(
        "Preparing a home for a baby: hoarding and clutter",
        "When a home is not safe, and how to work on it with pride intact.",
        "Use a clutter scale\nAgree a first corner\nWork with housing",
        "Housing, health and family hub staff",
        "classroom",
        "neglect",
        "3",
        1,
        "Larkshire Homes",
    ),
    CoursePlan(
        "Thresholds in practice",
        "Real cases, invented families: which help, from whom, and how soon?",
        "Apply the four levels\nExplain a decision\nDisagree well",
        _ALL,
        "classroom",
        "thresholds",
        "3",
    ),
]
