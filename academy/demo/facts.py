"""What is said of some of Larkshire's courses besides, and the rooms they are held in, as data."""

ROOMS = [  # name, area, address, seats, directions, whether it is in use
    (
        "Larkshire Training Centre, room 2",
        "Larkford",
        "Castle Street, Larkford",
        24,
        "Level access.",
        True,
    ),
    ("Larkshire Training Centre, room 5", "Larkford", "Castle Street, Larkford", 16, "Lift to the second floor.", True),
    ("The Old Mill, Saltmarsh Lane", "Saltmarsh", "Saltmarsh Lane, Saltmarsh", 20, "Park behind the mill.", True),
    ("Northfield Family Hub, hall", "Northfield", "Beech Road, Northfield", 30, "Five minutes from the station.", True),
    ("County Hall, committee room 1", "Larkford", "County Hall, Larkford", 40, "", False),
]

FACTS: dict[str, dict[str, object]] = {
    "Recognising and responding to neglect": {"level": "foundation"},
    "Trauma-informed practice: foundations": {"level": "foundation"},
    "Working together: safeguarding across agencies": {
        "level": "intermediate",
        "prior_knowledge": "How referrals are made in your own agency.",
    },
    "Reflective supervision for new managers": {
        "level": "intermediate",
        "provider": "The Larkshire Leadership Centre",
        "accreditation": "University of Larkshire",
        "credits": 20,
        "credit_level": "level 7",
        "fee": 60,
        "needs_approval": True,
    },
    "Court skills for social workers": {"level": "advanced", "needs_approval": True},
    "Analysis in assessments": {"level": "intermediate"},
    "Autism and safeguarding": {"fee": 25, "provider": "Heron College, autism team"},
    "Fabricated or induced illness": {"level": "advanced"},
    "Harmful sexual behaviour in childhood": {"level": "advanced"},
    "Thresholds in practice": {"level": "foundation"},
    "Safer sleep for babies": {"level": "foundation"},
}
OWN_PEOPLE_ONLY = {"Welcome to Skylark: keeping children safe in our schools"}
WANTED = {"Coaching for team managers": 7, "Court skills for social workers": 4, "Working with fathers": 2}
DRAFT, CALLED_OFF = "Management oversight that makes a difference", "Working with fathers"

QUESTIONS: dict[str, list[dict[str, object]]] = {  # what people are asked as they book
    "Court skills for social workers": [
        {
            "text": "In which court are you mostly heard?",
            "kind": "choice",
            "choices": "Family court\nHigh Court\nNone yet",
        },
        {"text": "What do you hope to be better at?", "kind": "text"},
    ],
    "Recognising and responding to neglect": [{"text": "Have you used a graded profile before?", "kind": "yes_no"}],
}
FIXED_COST, COST_A_PLACE, COST_ONLINE = 240, 12, 90  # pounds for holding a run: room and trainer, lunch; or online
