"""'Everything we hold about you': all of it, readable, for machines too, inert, and without anybody else."""

import csv
import io
import json
import time
import zipfile
from datetime import date, timedelta
from html.parser import HTMLParser

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from academy.privacy import archive, schedule
from courses.actions.certificates import issue_missing
from evaluation.actions.follow_ups import answer
from evaluation.models import FollowUp, Questionnaire
from partners import audit
from partners.models import AuditEvent, OutboxMessage, Person
from tests.factories import LONG_AGO, NOW, CourseFactory, achieved, booked, employ, employed, holding, planned_run
from tests.privacy.someone import EMAIL, FAMILY, GIVEN, NEEDS, NUMBER, OWN_WORDS, SWE, zephyrine

pytestmark = pytest.mark.django_db
HOSTILE = [
    "<script>alert(1)</script>",
    '=HYPERLINK("http://x.example","y")',
    "javascript:alert(1)",
    "@SUM(A1)",
    "+1",
    "-1",
]


class Page(HTMLParser):
    """What a browser would make of a page: its elements and words."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str]] = []
        self.words = ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data):
        self.words += data


def unzipped(made: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(made)) as found:
        assert found.testzip() is None
        return {name: found.read(name) for name in found.namelist()}


def of(person: Person) -> dict[str, bytes]:
    return unzipped(archive.to_zip(archive.collect(person, NOW)))


def test_everything_of_hers_is_in_it_to_read_and_for_machines():
    someone = zephyrine()
    found = of(someone.person)
    page, data = Page(found["index.html"].decode()).words, json.loads(found["data.json"])
    for words in (GIVEN, FAMILY, EMAIL, SWE, NUMBER, NEEDS, OWN_WORDS):
        assert words in page
        assert words in found["data.json"].decode()
    assert data["evaluation.Answer"][-1]["text"] == OWN_WORDS
    assert data["partners.Person"][0]["family_name"] == FAMILY
    assert data["sessions.Session"]


def test_there_is_a_section_and_a_table_for_every_kind_that_the_schedule_finds_of_hers():
    someone = zephyrine()
    found = of(someone.person)
    for record in schedule.load().in_use:
        if record.person and record.rows_of([someone.person.pk]).exists():
            assert record.title in found["index.html"].decode()
            assert record.what in Page(found["index.html"].decode()).words
            table = f"tables/{record.model.lower().replace('.', '-')}.csv"
            assert len(list(csv.reader(io.StringIO(found[table].decode("utf-8-sig"))))) > 1


def test_a_model_that_is_new_in_the_schedule_is_in_it_by_itself(monkeypatch):
    """Without its record, courses.Booking is not there; with it, it is: nothing else names it."""
    person = employed()
    booked(planned_run(), person)
    assert "courses.Booking" in json.loads(of(person)["data.json"])
    whole = schedule.load()
    records = tuple(record for record in whole.records if record.model != "courses.Booking")
    monkeypatch.setattr(schedule, "load", lambda: schedule.Schedule("", whole.bases, records, {}))
    assert "courses.Booking" not in json.loads(of(person)["data.json"])


def test_her_certificates_are_in_it_as_pdfs():
    someone = zephyrine()
    assert of(someone.person)[f"certificates/{someone.certificate.number}.pdf"].startswith(b"%PDF")


def test_others_are_called_by_what_they_are_to_her_and_never_by_name():
    someone = zephyrine()
    Person.objects.filter(pk=someone.manager.pk).update(given_name="Unmistakeable", family_name="Otherperson")
    text = b"".join(content for name, content in of(someone.person).items() if not name.endswith(".pdf")).decode()
    for words in ("Unmistakeable", "Otherperson", someone.manager.email):
        assert words not in text
    assert "your manager then" in text
    assert "your practice lead" in text


def test_words_about_others_stay_out_and_words_about_her_are_in():
    someone = zephyrine()
    audit.record(
        "person.access_needs",
        by=someone.person,
        at=NOW,
        about=someone.manager,
        person=someone.manager,
        words="of a third one",
    )
    audit.record(
        "person.access_needs",
        by=someone.manager,
        at=NOW,
        about=someone.person,
        person=someone.person,
        words="about her",
    )
    text = of(someone.person)["data.json"].decode()
    assert "of a third one" not in text
    assert "about her" in text


def test_where_she_is_named_in_records_about_others_is_counted():
    someone = zephyrine()
    employed(manager=someone.person)
    page = " ".join(Page(of(someone.person)["index.html"].decode()).words.split())
    assert "1 row of ‘What employers told us about employments’, as: manager" in page


def test_no_secret_is_in_it(as_person):
    someone = zephyrine()
    key = as_person(someone.person).cookies["sessionid"].value
    text = b"".join(of(someone.person).values())
    assert key.encode() not in text
    assert someone.person.user.password.encode() not in text


def test_nobody_elses_rows_are_in_it():
    someone, other = zephyrine(), employed()
    employ(other, start=date(2021, 1, 4), employee_number="OTHERS-NUMBER")
    assert b"OTHERS-NUMBER" not in of(someone.person)["data.json"]


def test_mail_to_an_address_that_is_somebody_elses_now_is_not_in_it():
    leaver, newcomer = employed(), employed()
    Person.objects.filter(pk=leaver.pk).update(email="", email_refused=newcomer.email)
    OutboxMessage.objects.create(kind="theirs", key="1", address=newcomer.email, due_at=NOW, created_at=NOW)
    leaver.refresh_from_db()
    assert b"theirs" not in of(leaver)["data.json"]
    assert b"theirs" in of(newcomer)["data.json"]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_inert_in_all_of_it(text):
    person = employed()
    Person.objects.filter(pk=person.pk).update(given_name=text, access_needs=f"{text}\n{text}")
    person.refresh_from_db()
    found = of(person)
    page = Page(found["index.html"].decode())
    assert page.tags.isdisjoint({"script", "img", "iframe", "object", "svg", "form", "link", "base"})
    assert not [name for name, value in page.attributes if name.startswith("on") or "javascript:" in value]
    assert text in page.words
    assert "default-src 'none'" in dict(page.attributes)["content"] or "default-src 'none'" in str(page.attributes)
    for name, content in found.items():
        if name.endswith(".csv"):
            for row in csv.reader(io.StringIO(content.decode("utf-8-sig"))):
                assert not [cell for cell in row if cell.startswith(("=", "+", "-", "@"))]
    assert json.loads(found["data.json"])["partners.Person"][0]["given_name"] == text


def test_names_of_files_are_plain_and_lead_nowhere_else():
    assert all(name.replace("-", "").replace("/", "").replace(".", "").isalnum() for name in of(zephyrine().person))


def ten_years() -> Person:
    """Somebody with ten years of records: jobs, a course every six weeks, answers, messages and what was done."""
    person = employed()
    for year in range(2016, 2026):
        employ(person, start=date(year, 2, 1), end_date=date(year, 12, 1), employee_number=f"y{year}")
    for number in range(80):
        made = achieved(person, on=date(2016, 1, 1) + timedelta(days=45 * number), course=CourseFactory())
        OutboxMessage.objects.create(kind="x", key=str(number), person=person, due_at=NOW, created_at=NOW)
        booked(planned_run(starts_at=NOW - timedelta(days=45 * (number + 1))), person)
        questions = Questionnaire.objects.get()
        asked = FollowUp.objects.create(
            achievement=made, person=person, months=3, questionnaire=questions, state="sent",
            due_at=LONG_AGO, sent_at=LONG_AGO, closes_at=NOW,
        )  # fmt: skip
        answer(follow_up=asked, answers=dict.fromkeys(questions.questions.all(), "Something"), at=LONG_AGO)
        for _ in range(5):
            audit.record("person.access_needs", by=person, at=NOW, about=person, person=person, n=1)
    issue_missing(NOW)
    return person


def test_ten_years_of_records_take_less_than_two_seconds_and_as_many_queries_as_a_day():
    def queries(person: Person) -> int:
        with CaptureQueriesContext(connection) as seen:
            archive.collect(person, NOW)
        return len(seen)

    few, person = queries(zephyrine().person), ten_years()
    assert queries(person) <= few
    begun = time.process_time()  # of this process's own, whatever else the machine does
    assert len(of(person)) > 80
    assert time.process_time() - begun < 2


# --- Pages --------------------------------------------------------------------------------------------------------


def test_each_person_gets_their_own_by_a_button_and_opening_the_page_changes_nothing(as_person):
    someone = zephyrine()
    browser = as_person(someone.person)
    assert "Download everything" in browser.get("/privacy/everything/").content.decode()
    assert not AuditEvent.objects.filter(kind="privacy.archive_made").exists()
    response = browser.post("/privacy/everything/")
    assert response["Content-Type"] == "application/zip"
    assert response["Content-Disposition"] == 'attachment; filename="everything-held-2026-11-23.zip"'
    assert "no-store" in response["Cache-Control"]
    assert GIVEN in unzipped(response.content)["index.html"].decode()
    made = AuditEvent.objects.get(kind="privacy.archive_made")
    assert (made.by, made.person) == (someone.person, someone.person)


def test_an_administrator_makes_it_for_somebody_with_a_reason_which_is_audited(as_person):
    someone, administrator = zephyrine(), holding("administrator")
    address = f"/system/privacy/people/{someone.person.pk}/everything/"
    browser = as_person(administrator)
    refused = browser.post(address, {"reason": ""})
    assert "Say who asked" in refused.content.decode()
    response = browser.post(address, {"reason": "Asked by letter"})
    assert GIVEN in unzipped(response.content)["index.html"].decode()
    made = AuditEvent.objects.get(kind="privacy.archive_made")
    assert (made.by, made.person, made.details) == (administrator, someone.person, {"reason": "Asked by letter"})


@pytest.mark.parametrize("role", ["lead", "director", "coordinator"])
def test_nobody_else_makes_it_for_another(as_person, role):
    someone = zephyrine()
    browser = as_person(holding(role, scoped=role == "coordinator"))
    assert browser.post(f"/system/privacy/people/{someone.person.pk}/everything/", {"reason": "x"}).status_code == 403
    assert not AuditEvent.objects.filter(kind="privacy.archive_made").exists()


def test_the_way_to_it_is_on_the_notice_and_on_ones_training(as_person):
    browser = as_person(employed())
    for address in ("/privacy/", "/bookings/"):
        assert 'href="/privacy/everything/"' in browser.get(address).content.decode()
