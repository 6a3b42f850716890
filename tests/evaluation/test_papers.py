"""The monthly paper: made once, told to directors, and the same figures as the page."""

import io
from datetime import date, datetime, timedelta
from unittest.mock import Mock
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.test import Client
from pypdf import PdfReader

from academy.lib import registry
from evaluation.actions import papers
from evaluation.models import Paper
from evaluation.reports import retention_report
from partners import outbox
from partners.models import Grant, OutboxMessage
from tests.courses.test_races import together
from tests.factories import NOW, AgencyFactory, asye_cohort, employed, enrolled, holding

pytestmark = pytest.mark.django_db
LONDON = ZoneInfo("Europe/London")


@pytest.fixture
def cohort():
    agency = AgencyFactory()
    made = asye_cohort("Cohort 1")
    for month in (1, 2, 3):
        enrolled(made, employed(agency=agency), agency, start=date(2026, month, 5))
    return made


def text_of(pdf: bytes) -> str:
    return " ".join(page.extract_text() for page in PdfReader(io.BytesIO(bytes(pdf))).pages)


@pytest.mark.parametrize(
    ("at", "first", "last"),
    [
        (datetime(2026, 11, 1, 0, 0, tzinfo=LONDON), date(2026, 10, 1), date(2026, 10, 31)),
        (datetime(2026, 10, 31, 23, 59, tzinfo=LONDON), date(2026, 9, 1), date(2026, 9, 30)),
        (datetime(2027, 1, 15, 9, 0, tzinfo=LONDON), date(2026, 12, 1), date(2026, 12, 31)),
        (datetime(2024, 3, 1, 9, 0, tzinfo=LONDON), date(2024, 2, 1), date(2024, 2, 29)),
    ],
)
def test_a_month_is_made_from_the_first_moment_of_the_next_in_london(cohort, at, first, last):
    papers.make_due(at)
    paper = Paper.objects.get()
    assert (paper.period, paper.as_at) == (first, last)


def test_it_is_made_once_for_each_month_however_often_work_is_looked_for(cohort):
    assert registry.run_due(NOW)["papers_made"] == 1
    assert registry.run_due(NOW + timedelta(hours=1))["papers_made"] == 0
    assert registry.run_due(NOW + timedelta(days=31))["papers_made"] == 1
    assert Paper.objects.count() == 2


def test_after_a_pause_of_months_only_the_last_is_made(cohort):
    papers.make_due(NOW)
    papers.make_due(NOW + timedelta(days=150))
    assert [paper.period for paper in Paper.objects.all()] == [date(2027, 3, 1), date(2026, 10, 1)]


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("reseed")
def test_however_many_schedulers_run_there_is_one_paper_and_one_message_each(reseed, cohort):
    director = holding("director")
    together(*[lambda: papers.make_due(NOW)] * 4)
    assert Paper.objects.count() == 1
    assert [message.person for message in OutboxMessage.objects.filter(kind="evaluation.paper")] == [director]


def test_a_paper_that_was_made_is_not_drawn_again_at_every_tick(cohort, monkeypatch):
    papers.make_due(NOW)
    monkeypatch.setattr(papers.reports, "retention_paper", lambda as_at: pytest.fail("drawn again"))
    assert papers.make_due(NOW) == 0


def test_no_paper_is_kept_that_directors_were_not_told_of(cohort, monkeypatch):
    holding("director")
    with monkeypatch.context() as patch:
        patch.setattr(papers.emails, "paper_made", Mock(side_effect=OSError))
        with pytest.raises(OSError):
            papers.make_due(NOW)
    assert not Paper.objects.exists()
    papers.make_due(NOW)
    assert OutboxMessage.objects.count() == 1


def test_an_academy_without_cohorts_gets_no_empty_paper():
    assert papers.make_due(NOW) == 0


def test_directors_are_told_and_others_and_former_directors_are_not(cohort, mailoutbox, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    director, former = holding("director"), holding("director")
    holding("lead"), holding("coordinator", scoped=True)
    Grant.objects.filter(person=former).update(to_date=NOW.date())
    papers.make_due(NOW)
    outbox.send_due(NOW)
    [mail] = mailoutbox
    assert mail.to == [director.email]
    assert mail.subject == "Who stays: October 2026"
    assert f"/retention/papers/{Paper.objects.get().pk}/" in mail.body


def test_the_paper_says_the_same_as_the_report(cohort):
    papers.make_due(NOW)
    text = text_of(Paper.objects.get().pdf)
    [row, _] = retention_report(None, date(2026, 10, 31), date(2026, 10, 31)).rows
    assert " ".join(str(cell) for cell in row[:5]) in " ".join(text.split())
    assert "as at 31 October 2026, as known that day" in text


def test_it_is_for_directors_and_leads(cohort, as_person):
    papers.make_due(NOW)
    path = f"/retention/papers/{Paper.objects.get().pk}/"
    for role in ("director", "lead"):
        answer = as_person(holding(role)).get(path)
        assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
        assert answer.content.startswith(b"%PDF")
    assert as_person(employed()).get(path).status_code == 403
    assert Client().get(path).status_code == 302
    assert as_person(holding("lead")).get("/retention/papers/999/").status_code == 404


def test_the_page_lists_the_papers_of_the_last_year(cohort, as_person):
    papers.make_due(NOW)
    page = as_person(holding("director")).get("/retention/").content.decode()
    assert f'href="/retention/papers/{Paper.objects.get().pk}/">October 2026' in page


@pytest.mark.parametrize("name", ["retention", "retention-curve"])
def test_every_report_can_be_had_as_a_tagged_pdf(cohort, tmp_path, name):
    file = tmp_path / "report.pdf"
    call_command("report", name, format="pdf", output=file, as_at=date(2026, 11, 1))
    reader = PdfReader(file)
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert "Cohort 1" in text_of(file.read_bytes())
