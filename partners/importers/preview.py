"""What a file of people would do, in words: line by line, and what a person must decide about the whole."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime

from academy.lib.dates import london_day, start_of_day
from academy.lib.rows import Verdict
from academy.lib.text import day, in_words, sort_key
from partners.importers import moves, names, posts
from partners.importers.columns import Reading, silent
from partners.importers.directory import Directory, SpellKey
from partners.importers.lines import Line
from partners.models import EmploymentVersion, ImportLine, Person

V = ImportLine.Verdict
Former = dict[Line, list[SpellKey]]
MUCH_SHORTER = 2 / 3  # of the people who are known to work there
FEW = 10  # of them are no list of staff yet: a first file need not have the coordinator who sends it
MANY_LEAVING = 1 / 10  # of them


def verdicts(lines: list[Line], directory: Directory, how: Reading, at: datetime) -> list[Verdict]:
    """What each of these lines does that is news."""
    former = moves.former_posts(lines, directory, london_day(at))
    said = [_verdict(line, directory, how, former, at) for line in lines]
    return [verdict for verdict in said if verdict]


def _verdict(line: Line, directory: Directory, how: Reading, former: Former, at: datetime) -> Verdict | None:
    person = directory.people.get(line.number_key)
    if person is None:
        return Verdict(line.row.line, V.NEW, line.name, _post(line))
    if line.spell_key not in directory.spells:
        kind, what = _new_post(line, directory, former, london_day(at))
    else:
        kind, what = _news(line, person, directory, how, at)
    return Verdict(line.row.line, kind, line.name, what, person.pk) if what else None


def _post(line: Line) -> str:
    where = " > ".join(line.team) or line.agency
    return f"{line.job_role or 'Post'}, {where}, from {day(line.start)}"


def _new_post(line: Line, directory: Directory, former: Former, today: date) -> tuple[str, str]:
    running = directory.running(line.number_key, today)
    if not running:
        return V.NEW, f"Comes back: {_post(line)}"
    if line in former:
        return V.MOVED, f"{in_words([_of(directory, key) for key in former[line]])} → {_post(line)}"
    return V.CHANGED, f"A further post: {_post(line)}"


def _of(directory: Directory, key: SpellKey) -> str:
    spell = directory.spells[key]
    return ", ".join(str(part) for part in (spell.job_role, spell.team) if part) or str(spell.agency)


def _news(line: Line, person: Person, directory: Directory, how: Reading, at: datetime) -> tuple[str, str]:
    moment = line.recorded_on and start_of_day(line.recorded_on)
    known = directory.known_of(line.spell_key, moment) or directory.known_of(line.spell_key)
    of_name, of_post = names.is_news(line, directory, at), posts.is_news(line, directory, how, at)
    changes = list(_changed_names(line, person)) if of_name else []
    changes += _changed_facts(line, known, how) if of_post else []
    if not changes and (of_name or of_post):
        changes = ["said again as it is known"]
    dated = f" (known from {day(line.recorded_on)})" if line.recorded_on and changes else ""
    leaves = of_post and _ends(line, directory.known_of(line.spell_key), london_day(at))
    return V.LEAVING if leaves else V.CHANGED, "; ".join(changes) + dated


def _ends(line: Line, known: EmploymentVersion, today: date) -> bool:
    """Whether a line ends a post that goes on by what is known, ends it sooner, or says that it never was."""
    end = line.facts["end_date"]
    if known.retracted or (known.end_date and known.end_date <= today):
        return False
    return bool(line.facts["retracted"] or (end and (known.end_date is None or end < known.end_date)))


def _changed_names(line: Line, person: Person) -> Iterator[str]:
    if line.name != person.name and line.person["family_name"]:
        yield f"{person.name} → {line.name}"
    if line.person["email"] not in ("", person.email):
        yield f"{person.email or 'no address'} → {line.person['email']}"
    if line.swe_number and not person.swe_number:
        yield f"Social Work England number {line.swe_number}"


_WORDS = {
    "fte": "full-time equivalent",
    "end_date": "last day",
    "leaving_reason": "reason for leaving",
    "destination": "destination",
    "dfe_role": "DfE role",
    "worker_type": "worker type",
    "career_level": "career level",
    "retracted": "withdrawn",
}


def _changed_facts(line: Line, known: EmploymentVersion, how: Reading) -> Iterator[str]:
    for name, word in _WORDS.items():
        value, before = line.facts[name], getattr(known, name)
        if value != before and name not in silent(how):
            yield f"{word} {_shown(known, name, before)} → {_shown(known, name, value)}"


def _shown(known: EmploymentVersion, name: str, value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, date):
        return day(value)
    labels = dict(known._meta.get_field(name).flatchoices)
    if name == "fte":
        return f"{value.normalize():f}"
    return str(labels.get(value, value)) if value not in (None, "") else "none"


def missing(lines: list[Line], directory: Directory, today: date) -> list[Verdict]:
    """Who works at these agencies and is in no line, by employee number."""
    shown = {line.number_key for line in lines}
    absent = [(number, directory.running(number, today)) for number in sorted(set(directory.spells_of) - shown)]
    people = directory.people
    return [
        Verdict(None, V.MISSING, people[number].name, _of(directory, running[0]), people[number].pk)
        for number, running in absent
        if running
    ]


def findings(
    good: list[Line], lines: list[Line], said: list[Verdict], directory: Directory, today: date
) -> dict[str, object]:
    """How many people are known at these agencies, how many of them the file has, and how many it names; how many lines
    do what; and what a person must decide about the whole."""
    known = {number for number in directory.spells_of if directory.running(number, today)}
    here = {line.number_key for line in lines}
    found = known & here
    kinds = Counter(verdict.kind for verdict in said)
    leaving = len({verdict.person for verdict in said if verdict.kind == V.LEAVING})
    return {
        "people_known": len(known),
        "people_found": len(found),
        "people_in_file": len(here),
        "kinds": {kind: kinds[kind] for kind in V.values if kinds[kind]},
        "much_shorter": len(here if len(known) < FEW else found) < MUCH_SHORTER * len(known),
        "many_leaving": leaving > MANY_LEAVING * len(known),
        "former_posts": sum(map(len, moves.former_posts(good, directory, today).values())),
        "lost_zeros": lost_zeros(good, directory),
    }


def lost_zeros(lines: list[Line], directory: Directory) -> dict[str, object]:
    """Employee numbers that are known with more zeros in front: how many, one of each, and how many digits those have.
    Empty where there are none."""
    bare = {(agency, number.lstrip("0")): number for agency, number in directory.people if number.isdigit()}
    pairs = [
        (line.number, bare[agency, number.lstrip("0")])
        for line in lines
        for agency, number in [(sort_key(line.agency), line.number)]
        if number.isdigit() and (agency, number) not in directory.people and (agency, number.lstrip("0")) in bare
    ]
    if not pairs:
        return {}
    given, known = pairs[0]
    return {"count": len(pairs), "given": given, "known": known, "width": max(len(known) for _, known in pairs)}
