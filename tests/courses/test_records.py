"""The record of learning: hours by year, own words, files that show it, and what Social Work England asks for."""

import io
import re
from datetime import date
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pypdf import PdfReader

from academy.privacy import archive, erasing
from courses import reports
from courses.actions import certificates, records
from courses.models import Achievement, Evidence, Learning, PracticeTheme
from courses.reports import learning
from courses.reports.learning import Counting, Period
from partners.models import AuditEvent, Person
from tests.courses.evidence import DOCX, JPEG, PDF, PNG
from tests.factories import NOW, TODAY, AgencyFactory, CourseFactory, achieved, employed, holding

pytestmark = pytest.mark.django_db
SAID = {"kind": "reading", "title": "A paper on neglect", "learnt_on": "2026-11-02", "hours": "1.5"}


def learnt(person: Person, on: date = date(2026, 11, 2), file: records.File | None = None, **facts) -> Learning:
    facts = {"kind": "reading", "title": "A paper on neglect", "learnt_on": on, "hours": Decimal("1.5")} | facts
    return records.add(person=person, facts=facts, file=file, at=NOW)


def with_file(person: Person, name: str = "notes.pdf", kind: str = "pdf", content: bytes = PDF) -> Learning:
    return learnt(person, file=records.File(name, kind, content))


def upload(content: bytes, name: str = "notes.pdf", kind: str = "application/pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type=kind)


def flat(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


# --- Hours --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "calendar", "registration"),
    [
        (date(2025, 11, 30), 2025, 2025),
        (date(2025, 12, 1), 2025, 2026),
        (date(2026, 1, 1), 2026, 2026),
        (date(2026, 11, 30), 2026, 2026),
        (date(2026, 12, 1), 2026, 2027),
    ],
)
def test_a_day_counts_to_the_calendar_year_or_the_registration_year(day, calendar, registration):
    for counting, year in ((Counting.CALENDAR, calendar), (Counting.REGISTRATION, registration)):
        assert counting.year_of(day) == year
        assert counting.first(year) <= day <= counting.last(year)


def test_hours_add_up_by_year_kind_and_theme():
    person, theme = employed(), PracticeTheme.objects.create(name="Neglect", slug="neglect")
    course = CourseFactory(cpd_hours=6)
    course.themes.add(theme)
    achieved(person, on=date(2026, 3, 2), course=course)
    learnt(person).themes.add(theme)
    learnt(person, date(2025, 12, 5), kind="elearning", hours=1)
    found = learning.years(learning.pieces_of(person), Counting.CALENDAR)
    assert {year: (each.here, each.elsewhere) for year, each in found.items()} == {
        2026: (6, Decimal("1.5")),
        2025: (0, 1),
    }
    assert found[2026].by_kind == [("In person", 1, 6), ("Reading or research", 1, Decimal("1.5"))]
    assert found[2026].by_theme == [("Neglect", 2, Decimal("7.5"))]
    both = learning.years(learning.pieces_of(person), Counting.REGISTRATION)
    assert list(both) == [2026]
    assert both[2026].hours == Decimal("8.5")


def test_what_one_says_of_a_course_here_adds_no_hours_and_is_one_piece_with_it():
    person = employed()
    done = achieved(person, on=date(2026, 3, 2), course=CourseFactory(cpd_hours=6))
    learnt(person, date(2026, 3, 2), achievement=done, hours=6)
    (piece,) = learning.pieces_of(person)
    assert (piece.hours, piece.is_here, piece.learning.achievement) == (6, True, done)


def test_what_one_says_of_a_course_stays_when_its_certificate_is_revoked():
    person = employed()
    done = achieved(person, on=date(2026, 3, 2))
    learnt(person, achievement=done)
    Achievement.objects.update(revoked_at=NOW)
    (piece,) = learning.pieces_of(person)
    assert not piece.is_here


def test_a_certificate_goes_on_counting_the_hours_that_it_says():
    person = employed()
    done = achieved(person, on=date(2026, 3, 2), course=CourseFactory(cpd_hours=6))
    certificates.issue_missing(NOW)
    type(done.course).objects.update(cpd_hours=3)
    assert Period(learning.pieces_of(person)).hours == 6


def test_the_page_shows_the_year_that_was_chosen_with_certificates(as_person):
    person = employed()
    achieved(person, on=date(2025, 12, 5), course=CourseFactory(title="Thresholds in practice", cpd_hours=6))
    certificates.issue_missing(NOW)
    learnt(person)
    client = as_person(person)
    this_year = flat(client.get("/record/").content.decode())
    assert "A paper on neglect" in this_year
    assert "Thresholds in practice" not in this_year
    registration = client.get("/record/", {"count": "registration", "year": "2026"}).content.decode()
    assert "1 December 2025 to 30 November 2026" in registration
    assert "Hours of learning 7.5" in flat(registration)
    number = Achievement.objects.get().certificate.number
    assert f"/certificates/{number}/pdf/" in registration


@pytest.mark.parametrize("year", ["", "x", "0", "99999999999999999999", "-1", "²"])
def test_a_year_that_makes_no_sense_is_this_one(as_person, year):
    assert "1 January 2026" in as_person(employed()).get("/record/", {"year": year}).content.decode()


def test_the_page_takes_as_many_queries_for_three_pieces_of_each_as_for_one(as_person):
    person, counts = employed(), []
    for more in (1, 2):
        for _ in range(more):
            achieved(person, on=date(2026, 3, 2), course=CourseFactory())
            with_file(person)
        certificates.issue_missing(NOW)
        with CaptureQueriesContext(connection) as queries:
            as_person(person).get("/record/")
        counts.append(len(queries))
    assert counts[0] == counts[1]


# --- Own words ----------------------------------------------------------------------------------------------------


def test_learning_elsewhere_is_added_changed_and_deleted(as_person):
    person = employed()
    client = as_person(person)
    answer = client.post("/record/add/", SAID | {"learnt": "To ask.", "file": upload(PDF)}, follow=True)
    assert "Added to your record" in answer.content.decode()
    made = Learning.objects.get(person=person)
    assert (made.hours, made.learnt, made.evidence.kind) == (Decimal("1.5"), "To ask.", "pdf")
    client.post(f"/record/{made.pk}/change/", SAID | {"impact": "I ask.", "file": upload(PNG, "a.png")})
    made.refresh_from_db()
    assert (made.learnt, made.impact, made.evidence.name) == ("", "I ask.", "a.png")
    client.post(f"/record/{made.pk}/change/", SAID)
    assert Evidence.objects.count() == 1
    client.post(f"/record/{made.pk}/change/", SAID | {"drop_file": "on"})
    assert Evidence.objects.count() == 0
    client.post(f"/record/{made.pk}/delete/")
    assert not Learning.objects.exists()
    kinds = list(AuditEvent.objects.order_by("pk").values_list("kind", flat=True))
    assert kinds == ["learning.added", *["learning.changed"] * 3, "learning.deleted"]


def test_what_was_typed_stays_whatever_is_wrong(as_person):
    wrong = {"kind": "", "title": "", "learnt_on": "soon", "hours": "many", "learnt": "To ask.", "file": upload(PDF)}
    page = as_person(employed()).post("/record/add/", wrong).content.decode()
    for words in (
        "Choose the type of learning",
        "Enter what it was",
        "as a date",
        "as a number",
        "Choose the file again",
    ):
        assert words in page
    assert "To ask." in page
    assert 'value="many"' in page
    assert not Learning.objects.exists()


def test_a_course_here_is_said_something_of_once_and_only_by_whoever_completed_it(as_person):
    person, other = employed(), employed()
    own, others = achieved(person, on=TODAY), achieved(other, on=TODAY)
    client = as_person(person)
    asked = client.get("/record/add/", {"achievement": own.pk}).content.decode()
    assert own.course.title in asked
    assert (
        "Choose one of your own courses"
        in client.post("/record/add/", SAID | {"achievement": others.pk}).content.decode()
    )
    assert client.post("/record/add/", SAID | {"achievement": own.pk}).status_code == 302
    again = client.post("/record/add/", SAID | {"achievement": own.pk})
    assert "Choose one of your own courses" in again.content.decode()
    made = Learning.objects.get()
    assert client.post(f"/record/{made.pk}/change/", SAID | {"achievement": own.pk}).status_code == 302


def test_what_could_tell_who_a_child_is_is_pointed_at_before_it_is_saved_and_never_forbidden(as_person):
    client = as_person(employed())
    said = SAID | {"learnt": "A boy called Milo (case 1234567) told me."}
    page = client.post("/record/add/", said).content.decode()
    assert "could tell who a child or a family is" in page
    assert "boy called Milo" in page
    assert not Learning.objects.exists()
    client.post("/record/add/", said | {"names_nobody": "on"})
    assert Learning.objects.exists()


def test_nobody_else_changes_it_and_only_who_may_open_the_record_reads_it(as_person):
    agency = AgencyFactory()
    manager = employed(agency=agency)
    person = employed(agency=agency, manager=manager)
    made = with_file(person)
    for page in ("", "evidence/"):
        assert as_person(manager).get(f"/record/{made.pk}/{page}").status_code == 200
        assert as_person(employed(agency=agency)).get(f"/record/{made.pk}/{page}").status_code == 404
    for page in ("change/", "delete/"):
        assert as_person(manager).post(f"/record/{made.pk}/{page}", SAID).status_code == 404
    assert Learning.objects.filter(pk=made.pk, title="A paper on neglect").exists()
    assert Client().get(f"/record/{made.pk}/evidence/").status_code == 302


# --- Files --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content"), [("a.pdf", PDF), ("a.PNG", PNG), ("a.jpeg", JPEG), ("a.jpg", JPEG), ("a.docx", DOCX)]
)
def test_the_kinds_that_are_taken(as_person, name, content):
    assert as_person(employed()).post("/record/add/", SAID | {"file": upload(content, name)}).status_code == 302


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.html", b"<script>alert(1)</script>"),
        ("a.svg", b"<svg onload='alert(1)'/>"),
        ("a.pdf", b"<html>%PDF-1.7 %%EOF"),
        ("a.png", PDF),
        ("a.png", PNG + b"<script>"),
        ("a.pdf.exe", PDF),
        ("a.docx", PDF),
    ],
)
def test_a_file_that_is_not_what_it_is_called_or_is_none_of_them_is_refused(as_person, name, content):
    page = as_person(employed()).post("/record/add/", SAID | {"file": upload(content, name)})
    assert "Choose a PDF, a Word document" in page.content.decode()
    assert not Learning.objects.exists()


def test_a_file_may_have_five_megabytes_and_no_more(as_person, settings):
    client, most = as_person(employed()), settings.EVIDENCE_MOST_BYTES
    fits = PDF[:-6] + b" " * (most - len(PDF)) + PDF[-6:]
    assert len(fits) == most == 5 * 1024 * 1024
    assert client.post("/record/add/", SAID | {"file": upload(fits)}).status_code == 302
    assert "larger than 5 MB" in client.post("/record/add/", SAID | {"file": upload(fits + b" ")}).content.decode()


def test_a_file_is_given_back_to_be_saved_and_never_to_be_shown(as_person):
    person = employed()
    made = with_file(person, "Überblick.pdf")
    answer = as_person(person).get(f"/record/{made.pk}/evidence/")
    assert answer.content == PDF
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"] == "attachment; filename*=utf-8''%C3%9Cberblick.pdf"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert "no-store" in answer["Cache-Control"]


def test_lists_fetch_no_file(as_person):
    person = employed()
    with_file(person)
    with CaptureQueriesContext(connection) as queries:
        as_person(person).get("/record/")
    assert not [q for q in queries if '"courses_evidence"."content"' in q["sql"]]


# --- Social Work England ------------------------------------------------------------------------------------------


def test_entries_stand_in_the_order_that_social_work_england_asks_for():
    made = learnt(
        employed(),
        provider="A university",
        relevance="It matters.",
        learnt="To ask.",
        impact="I ask.",
        peer_discussion="She agreed.",
        peer_role="a senior practitioner",
    )
    assert [words for _, _, words in learning.to_copy(made)] == [
        "Reading or research",
        "A paper on neglect (A university). It matters.",
        "2 November 2026",
        "To ask.",
        "I ask.",
        "With a senior practitioner: She agreed.",
    ]


def test_what_is_missing_is_two_different_pieces_and_one_that_was_talked_over():
    person = employed()
    assert [line[:6] for line in learning.registration(person, TODAY).missing] == ["2 more", "What y"]
    told = {"relevance": "It matters.", "learnt": "To ask.", "impact": "I ask."}
    learnt(person, title="Without a word of its own")
    assert learning.registration(person, TODAY).missing[0].startswith("2 more pieces of which you say")
    learnt(person, **told)
    learnt(person, **told)  # the same once more is not a different one
    assert learning.registration(person, TODAY).missing[0].startswith("1 more piece of which you say")
    learnt(person, title="Another", peer_discussion="She agreed.", **told)
    assert len(learning.registration(person, TODAY).missing) == 1  # nobody says with whom
    Learning.objects.filter(title="Another").update(peer_role="a colleague")
    assert learning.registration(person, TODAY).missing == []


def test_only_entries_of_the_registration_year_that_runs_count():
    person = employed()
    learnt(person, date(2025, 11, 30))
    learnt(person, date(2025, 12, 1), title="First day")
    learnt(person, date(2026, 11, 30), title="Last day")
    assert [entry.title for entry in learning.registration(person, TODAY).entries] == ["First day", "Last day"]


@pytest.mark.parametrize(
    ("day", "is_open"),
    [(date(2026, 8, 31), False), (date(2026, 9, 1), True), (date(2026, 11, 30), True), (date(2026, 12, 1), False)],
)
def test_it_is_recorded_from_september_to_november(day, is_open):
    assert learning.registration(employed(), day).is_open is is_open


def test_the_page_is_offered_to_social_workers_and_open_to_all(as_person):
    person = employed()
    client = as_person(person)
    assert "/record/social-work-england/" not in client.get("/record/").content.decode()
    assert client.get("/record/social-work-england/").status_code == 200
    Person.objects.filter(pk=person.pk).update(swe_number="SW123456")
    assert "/record/social-work-england/" in as_person(person).get("/record/").content.decode()


# --- The paper ----------------------------------------------------------------------------------------------------


def text_of(pdf: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).split())


def test_the_paper_has_what_was_learnt_in_its_days_with_hours_and_numbers():
    person = employed()
    Person.objects.filter(pk=person.pk).update(given_name="Zoë", family_name="Aberra")
    achieved(person, on=date(2026, 3, 2), course=CourseFactory(title="Thresholds in practice", cpd_hours=6))
    certificates.issue_missing(NOW)
    with_file(person)
    learnt(person, date(2025, 1, 1), title="Long ago")
    text = text_of(reports.transcript_pdf(Person.objects.get(pk=person.pk), date(2026, 1, 1), TODAY, TODAY))
    number = Achievement.objects.get().certificate.number
    for words in (
        "Zoë Aberra",
        "7.5 hours",
        "Thresholds in practice",
        "2 March 2026",
        "A paper on neglect",
        "1.5 hours",
    ):
        assert words in text
    assert number in text.replace(" ", "")
    assert "Evidence kept" in text
    assert "Long ago" not in text


def test_the_paper_is_tagged_and_prints_any_script_and_runs_nothing():
    person = employed()
    Person.objects.filter(pk=person.pk).update(given_name="王小明", family_name="")
    for title in ("Олена, عائشة, আয়েশা", "#panic()", '"; #import "x"', "*a* $ x^2 $ <b>"):
        learnt(person, title=title)
    pdf = reports.transcript_pdf(Person.objects.get(pk=person.pk), date(2026, 1, 1), TODAY, TODAY)
    root = PdfReader(io.BytesIO(pdf)).trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert b"pdfuaid:part" in root["/Metadata"].get_data()
    text = text_of(pdf)
    for words in ("王", "Олена", "#panic()", "$ x^2 $"):
        assert words in text
    assert b".notdef" not in pdf


def test_the_paper_of_nothing_says_so():
    pdf = reports.transcript_pdf(employed(), date(2026, 1, 1), TODAY, TODAY)
    assert text_of(pdf).count("Nothing in this period.") == 2


def test_it_is_for_oneself_and_whoever_may_open_the_record(as_person):
    person, days = employed(), {"first": "2026-01-01", "last": "2026-11-23"}
    assert as_person(person).get("/record/transcript/", days).content.startswith(b"%PDF")
    path = f"/people/{person.pk}/record/transcript/"
    assert as_person(holding("lead")).get(path, days).content.startswith(b"%PDF")
    assert as_person(employed()).get(path, days).status_code == 403
    wrong = as_person(person).get("/record/transcript/", {"first": "2026-02-01", "last": "2026-01-01"})
    assert "The last day is before the first one" in wrong.content.decode()


# --- What is kept -------------------------------------------------------------------------------------------------


def test_everything_about_somebody_has_their_words_and_their_files():
    person = employed()
    made = with_file(person)
    Learning.objects.update(learnt="To ask, and to listen.")
    found = archive.collect(person, NOW)
    assert found.files[f"evidence/{made.pk}-notes.pdf"] == PDF
    words = str([section.rows for section in found.sections])
    assert "To ask, and to listen." in words


def test_erasing_somebody_takes_their_words_and_files_along_and_leaves_other_peoples():
    person, other, lead = employed(), employed(), holding("administrator")
    with_file(person)
    learnt(other, learnt=f"I asked {person.name} how.")
    erasing.erase(person=person, by=lead, at=NOW, reason="Asked for it")
    assert not Evidence.objects.exists()
    assert Learning.objects.get().learnt == "I asked [erased] how."
