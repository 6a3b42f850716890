"""What each access role may do, as data. Nothing here knows a model.

Managers get their access role from employments; trainers, practice leads and mentors from their own app's
assignments; all others from grants (DOMAIN: 'Who uses it, and what each sees').
"""

from enum import StrEnum


class AccessRole(StrEnum):
    """What the software lets someone do. Never confuse with the job role they are employed as."""

    LEARNER = "learner"
    MANAGER = "manager"
    TRAINER = "trainer"
    COORDINATOR = "coordinator"
    PRACTICE_LEAD = "practice_lead"
    MENTOR = "mentor"
    LEAD = "lead"
    DIRECTOR = "director"
    ADMINISTRATOR = "administrator"


PRIVILEGED = frozenset({AccessRole.COORDINATOR, AccessRole.LEAD, AccessRole.DIRECTOR, AccessRole.ADMINISTRATOR})
"""Those that are granted. Who holds one shows a second factor."""

ASSIGNED = frozenset({AccessRole.TRAINER, AccessRole.PRACTICE_LEAD, AccessRole.MENTOR})
"""Those that come with a run or a cohort: whoever holds one sees people of every agency."""

EVERYONE = frozenset({AccessRole.LEARNER})  # what anyone who is signed in holds, without asking the database

# What nobody may use by acting as its holder, unless they hold as much themselves.
HIGHER = frozenset({AccessRole.LEAD, AccessRole.DIRECTOR, AccessRole.ADMINISTRATOR})


class May(StrEnum):
    """Something that a page or an action asks leave for."""

    USE_OWN_RECORD = "use own record"
    SEE_PEOPLE = "see the people one answers for"
    IMPORT_PEOPLE = "take in files of people"
    SEE_AGENCIES = "see agencies and their teams"
    KEEP_AGENCIES = "add agencies, and say which addresses their people have"
    ARRANGE_TEAMS = "arrange the teams of an agency"
    KEEP_PEOPLE = "add and change people"
    MERGE_PEOPLE = "make two records of one person one"
    NAME_DEPUTIES = "name a deputy"
    PLAN_TRAINING = "plan courses and runs"
    KEEP_ROOMS = "keep the list of rooms"
    BOOK_FOR_OTHERS = "book for the people one answers for"
    DECIDE_BOOKINGS = "approve bookings of the people one answers for"
    SEE_CHARGES = "see what was given up late or not used, and what it costs"
    KEEP_CHARGES = "waive charges and set what is agreed with agencies"
    SEE_TRAINING_REPORTS = "see who was trained, by agency, and what it took"
    TAKE_REGISTERS = "take registers"
    REVOKE_CERTIFICATES = "revoke certificates"
    SEE_COHORTS = "see cohorts"
    SEE_RESULTS = "see what people said of a run"
    SEE_RETENTION = "see retention figures"
    SEE_MEASURES = "see measures"
    SEE_SYSTEM = "see how the academy is running"
    MANAGE_SIGN_IN = "set how organisations sign in"
    RESET_SECOND_FACTOR = "take away a second factor that somebody lost"
    KEEP_PRIVACY = "hand out, hold and erase what is kept about people"
    SEE_EVENTS = "see what happened, and who did it"
    GIVE_ACCESS = "give access roles, end them, and see who may see what"
    ACT_AS = "see the academy as somebody else"


ALLOWED: dict[May, frozenset[AccessRole]] = {
    May.USE_OWN_RECORD: frozenset(AccessRole),
    May.SEE_PEOPLE: frozenset({AccessRole.MANAGER, AccessRole.COORDINATOR, AccessRole.LEAD}),
    May.SEE_AGENCIES: frozenset({AccessRole.COORDINATOR, AccessRole.LEAD}),
    May.KEEP_AGENCIES: frozenset({AccessRole.LEAD}),
    May.ARRANGE_TEAMS: frozenset({AccessRole.COORDINATOR, AccessRole.LEAD}),
    May.KEEP_PEOPLE: frozenset({AccessRole.COORDINATOR, AccessRole.LEAD}),
    May.MERGE_PEOPLE: frozenset({AccessRole.LEAD}),
    May.NAME_DEPUTIES: frozenset({AccessRole.MANAGER}),
    May.IMPORT_PEOPLE: frozenset({AccessRole.COORDINATOR, AccessRole.LEAD}),
    May.PLAN_TRAINING: frozenset({AccessRole.COORDINATOR, AccessRole.LEAD}),
    May.KEEP_ROOMS: frozenset({AccessRole.LEAD}),
    May.BOOK_FOR_OTHERS: frozenset({AccessRole.MANAGER, AccessRole.COORDINATOR, AccessRole.LEAD}),
    May.DECIDE_BOOKINGS: frozenset({AccessRole.MANAGER, AccessRole.COORDINATOR, AccessRole.LEAD}),
    May.SEE_CHARGES: frozenset({AccessRole.COORDINATOR, AccessRole.LEAD}),
    May.KEEP_CHARGES: frozenset({AccessRole.LEAD}),
    May.SEE_TRAINING_REPORTS: frozenset({AccessRole.COORDINATOR, AccessRole.LEAD, AccessRole.DIRECTOR}),
    May.TAKE_REGISTERS: frozenset({AccessRole.TRAINER, AccessRole.COORDINATOR, AccessRole.LEAD}),  # of own courses
    May.REVOKE_CERTIFICATES: frozenset({AccessRole.LEAD}),
    May.SEE_COHORTS: frozenset({AccessRole.PRACTICE_LEAD, AccessRole.MENTOR, AccessRole.LEAD, AccessRole.DIRECTOR}),
    May.SEE_RESULTS: frozenset({AccessRole.TRAINER, AccessRole.LEAD, AccessRole.DIRECTOR}),
    May.SEE_RETENTION: frozenset({AccessRole.LEAD, AccessRole.DIRECTOR}),
    May.SEE_MEASURES: frozenset({AccessRole.LEAD, AccessRole.DIRECTOR}),
    May.SEE_SYSTEM: frozenset({AccessRole.ADMINISTRATOR}),
    May.MANAGE_SIGN_IN: frozenset({AccessRole.ADMINISTRATOR}),
    May.RESET_SECOND_FACTOR: frozenset({AccessRole.ADMINISTRATOR}),
    May.KEEP_PRIVACY: frozenset({AccessRole.ADMINISTRATOR}),
    May.SEE_EVENTS: frozenset({AccessRole.ADMINISTRATOR, AccessRole.LEAD}),
    May.GIVE_ACCESS: frozenset({AccessRole.ADMINISTRATOR}),
    May.ACT_AS: frozenset({AccessRole.ADMINISTRATOR}),
}


def allows(roles: set[str], may: May) -> bool:
    """Whether any of these access roles may do it."""
    return not ALLOWED[may].isdisjoint(roles)
