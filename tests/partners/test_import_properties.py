"""Any file at all: it is taken in, or its faults are told and nothing is written; twice is once."""

from datetime import date, timedelta

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from academy.lib.rows import FileRefused
from partners.importers.columns import KEYS as COLUMNS
from partners.importers.people import import_people
from partners.models import EmploymentVersion
from tests.factories import NOW, TODAY
from tests.partners.files import Line, a_line, current_facts, everything, take_in, taken, text_of

pytestmark = pytest.mark.django_db
SOME = settings(max_examples=50, deadline=None)
MANY = settings(max_examples=150, deadline=None)
FEW = settings(max_examples=20, deadline=None)

# --- Nonsense -----------------------------------------------------------------------------------------------------

TEXT = st.text(st.characters(codec="utf-8"), max_size=12)
LIKELY = st.sampled_from(
    [
        *("", " ", "1", "0017", "2019-09-02", "2020-06-30", "01/02/2019", "43739", "NaN", "1e400", "-1", "0.5"),
        *(
            "yes",
            "A > B > A",
            ">>",
            "a@b.example",
            "a@b.example,",
            '"',
            "'",
            "\n",
            "\x07",
            "ß" * 100,
            "ﷺ" * 30,
            "x" * 500,
        ),
        *("Larkshire", "council", "agency", "Case holder", "İ" * 20, "\u0301", "9" * 41, "SW1", "pass"),
    ]
)
NONSENSE = st.fixed_dictionaries({}, optional={column: st.one_of(LIKELY, TEXT) for column in COLUMNS})
MOSTLY_GOOD = st.fixed_dictionaries({}, optional=dict.fromkeys(COLUMNS, LIKELY)).map(lambda odd: a_line(**odd))
FILES = st.one_of(
    st.lists(st.one_of(NONSENSE, MOSTLY_GOOD), min_size=1, max_size=4).map(
        lambda lines: text_of(lines, COLUMNS).encode()
    ),
    st.binary(max_size=60).map(lambda junk: text_of([a_line()]).encode() + junk),
    st.text(max_size=80).map(str.encode),
    st.binary(max_size=80),
)


class AnyFile(TestCase):
    @MANY
    @given(FILES)
    def test_is_taken_in_or_its_faults_are_told_and_nothing_is_written(self, data):
        before = everything()
        try:
            outcome = import_people(data, by=None, at=NOW, name="any.csv")
        except FileRefused:
            assert everything() == before
            return
        if outcome.ok:
            assert outcome.counts["lines"] > 0
        else:
            assert everything() == before
            assert all(error.line > 0 and error.reason for error in outcome.errors)

    @FEW
    @given(MOSTLY_GOOD)
    def test_of_one_line_changes_nothing_the_second_time(self, line):
        if take_in(line).ok:
            before = everything()
            taken(take_in(line))
            assert everything() == before


# --- Sense --------------------------------------------------------------------------------------------------------

FIRST_DAY = date(2019, 9, 2)


@st.composite
def statements(draw, dated: st.SearchStrategy[bool]) -> dict[str, str]:
    """One valid line about one of a few spells of a few people."""
    number, start = draw(st.sampled_from("123")), FIRST_DAY + timedelta(days=draw(st.sampled_from([0, 400])))
    line = a_line(
        employee_number=number,
        family_name=f"Thornhill-{number}",
        email=f"{number}@larkshire.example",
        team=draw(st.sampled_from(["", "Families > Red"])),
        start_date=start.isoformat(),
        fte=draw(st.sampled_from(["", "0.5", "1"])),
        dfe_role=draw(st.sampled_from(["", "5", "4"])),
        worker_type=draw(st.sampled_from(["", "agency"])),
        retracted=draw(st.sampled_from(["", "", "yes"])),
    )
    if draw(st.booleans()):
        line["end_date"] = (start + timedelta(days=draw(st.integers(0, 300)))).isoformat()
        line["leaving_reason"] = draw(st.sampled_from(["", "1", "5"]))
    if draw(dated):
        line["recorded_on"] = (FIRST_DAY + timedelta(days=draw(st.integers(0, 2000)))).isoformat()
    return line


def files(dated: st.SearchStrategy[bool], most: int) -> st.SearchStrategy[list[Line]]:
    """Files that speak once of each spell as it was known on a day: two lines that do are wrong."""
    once = lambda line: (*key_of(line), line.get("recorded_on"))  # noqa: E731
    return st.lists(statements(dated), min_size=1, max_size=most, unique_by=once)


MIXED = files(st.booleans(), 6)
UNDATED = files(st.just(False), 4)
DATED = files(st.just(True), 6)


def in_one_go(lines: list[Line], first: list[Line]) -> set[tuple]:
    """The facts after an agency's `first` file, if any, and one more; all of it is undone again."""
    with transaction.atomic():
        for file in filter(None, [first, lines]):
            taken(take_in(*file, columns=COLUMNS))
        facts = current_facts()
        transaction.set_rollback(True)
    return facts


def line_by_line(lines: list[Line], first: list[Line]) -> set[tuple]:
    """The same with each line in a file of its own."""
    with transaction.atomic():
        for file in filter(None, [first, *([line] for line in lines)]):
            taken(take_in(*file, columns=COLUMNS))
        facts = current_facts()
        transaction.set_rollback(True)
    return facts


FIRST_FILES = st.sampled_from([[], [a_line(employee_number="0", family_name="Adebayo")]])


class Statements(TestCase):
    @SOME
    @given(MIXED)
    def test_twice_is_once(self, lines):
        taken(take_in(*lines))
        before = everything()
        taken(take_in(*lines, at=NOW + timedelta(days=40)))
        assert everything() == before

    @FEW
    @given(UNDATED, FIRST_FILES)
    def test_without_dates_lead_to_the_same_facts_in_one_go_or_line_by_line(self, lines, first):
        assert in_one_go(lines, first) == line_by_line(lines, first)

    @FEW
    @given(DATED, FIRST_FILES)
    def test_with_dates_lead_to_the_same_facts_in_one_go_or_line_by_line(self, lines, first):
        assert in_one_go(lines, first) == line_by_line(lines, first)

    @FEW
    @given(DATED, st.randoms(), FIRST_FILES)
    def test_with_dates_may_come_in_any_order(self, lines, chance, first):
        shuffled = chance.sample(lines, len(lines))
        assert in_one_go(lines, first) == in_one_go(shuffled, first)

    @FEW
    @given(DATED, UNDATED)
    def test_undated_after_dated_in_a_later_load_say_what_is_true_today(self, dated, undated):
        first = [a_line(employee_number="0", family_name="Adebayo")]
        assert in_one_go([*dated, *undated], first) == line_by_line([*dated, *undated], first)

    @SOME
    @given(MIXED)
    def test_leave_one_current_version_of_each_spell_the_newest(self, lines):
        taken(take_in(*lines))
        for spell in {version.identity for version in EmploymentVersion.objects.all()}:
            newest = spell.versions.order_by("-recorded_at", "-pk").first()
            assert list(spell.versions.filter(is_current=True)) == [newest]

    @SOME
    @given(DATED, st.integers(0, 2600))
    def test_are_known_as_a_naive_reader_of_the_lines_would_know_them(self, lines, days):
        day = min(FIRST_DAY + timedelta(days=days), TODAY)
        taken(take_in(*lines))
        read = {}
        for line in sorted(lines, key=lambda line: line["recorded_on"]):
            if line["recorded_on"] <= day.isoformat():
                read[key_of(line)] = line
        wanted = {key: facts_of(line) for key, line in read.items() if not line["retracted"]}
        versions = EmploymentVersion.objects.known_at(day).select_related("identity__team__parent")
        assert {key_of(line): facts_of(line) for line in map(as_line, versions)} == wanted


def key_of(line: dict[str, str]) -> tuple[str, str, str]:
    return line["employee_number"], line["team"], line["start_date"]


def facts_of(line: dict[str, str]) -> tuple[str, str, str]:
    return line.get("end_date", ""), line["dfe_role"], line.get("leaving_reason", "")


def as_line(version: EmploymentVersion) -> dict[str, str]:
    spell = version.identity
    return {
        "employee_number": spell.employee_number,
        "team": f"{spell.team.parent} > {spell.team}" if spell.team else "",
        "start_date": spell.start_date.isoformat(),
        "end_date": version.end_date.isoformat() if version.end_date else "",
        "dfe_role": str(version.dfe_role or ""),
        "leaving_reason": str(version.leaving_reason or ""),
    }
