"""Certificates: issued once, printed in any script, and checked by anyone who has the number."""

import io
from datetime import date

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pypdf import PdfReader

from academy.lib import registry
from courses import reports
from courses.actions import certificates
from courses.models import Achievement, Certificate, FormerNumber, Revocation
from partners import outbox
from partners.models import AuditEvent, Person
from tests.courses.test_races import together
from tests.factories import NOW, CourseFactory, achieved, employed, holding

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 20)


@pytest.fixture
def certificate() -> Certificate:
    person = employed()
    Person.objects.filter(pk=person.pk).update(given_name="Zoë", family_name="Aberra")
    return issued(Person.objects.get(pk=person.pk))


def issued(person: Person, **facts) -> Certificate:
    course = CourseFactory(title=facts.pop("title", "Thresholds in practice"), cpd_hours=6)
    achieved(person, on=DAY, course=course)
    certificates.issue_missing(NOW)
    return Certificate.objects.select_related("achievement__person").get(achievement__person=person)


def text_of(pdf: bytes) -> str:
    return " ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


def test_every_achievement_gets_one_certificate_however_often_work_is_looked_for():
    for _ in range(3):
        achieved(employed(), on=DAY)
    assert registry.run_due(NOW)["certificates_issued"] == 3
    assert registry.run_due(NOW)["certificates_issued"] == 0
    assert Certificate.objects.count() == 3


def test_what_was_revoked_gets_none():
    achieved(employed(), on=DAY)
    Achievement.objects.update(revoked_at=NOW)
    assert certificates.issue_missing(NOW) == 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("reseed")
def test_two_workers_at_once_issue_each_certificate_once():
    for _ in range(20):
        achieved(employed(), on=DAY)
    results = together(*[lambda: certificates.issue_missing(NOW)] * 3)
    assert not [result for result in results if isinstance(result, Exception)]
    assert Certificate.objects.count() == 20


def test_it_goes_on_saying_what_it_said(certificate, as_person):
    person = certificate.achievement.person
    Person.objects.filter(pk=person.pk).update(family_name="Newname")
    certificate.achievement.course.__class__.objects.update(title="Renamed")
    page = Client().get(f"/certificates/{certificate.number}/").content.decode()
    assert "Zoë Aberra" in page
    assert "Thresholds in practice" in page


def test_the_paper_says_who_what_when_and_where_to_check_it(certificate):
    text = text_of(reports.certificate_pdf(certificate))
    for part in ("Zoë Aberra", "Thresholds in practice", "20 November 2026", "6 hours", certificate.number):
        assert part in text
    assert certificate.address in text.replace("\n", "")


def test_the_paper_is_tagged_and_has_a_title_and_a_language(certificate):
    root = PdfReader(io.BytesIO(reports.certificate_pdf(certificate))).trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en-GB"
    assert "/StructTreeRoot" in root
    assert b"pdfuaid:part" in root["/Metadata"].get_data()


NAMES = "Łukasz Żółć, Nguyễn Ánh, Олена Їжак, عائشة, שרה, आरती, আয়েশা, ਹਰਜੀਤ, கவிதா, ሰላም, สมชาย, 王小明, さくら, 김민준"


@pytest.mark.parametrize("name", NAMES.split(", "))
def test_a_name_in_any_script_is_printed_with_letters_of_a_typeface_that_has_them(name):
    person = employed()
    Person.objects.filter(pk=person.pk).update(given_name=name, family_name="")
    pdf = reports.certificate_pdf(issued(Person.objects.get(pk=person.pk)))
    letters = {char for char in name if not char.isspace()}
    assert len(letters & set(text_of(pdf))) >= len(letters) / 2, text_of(pdf)
    assert b".notdef" not in pdf


@pytest.mark.parametrize(
    "typed", ["#panic()", "*bold* _x_", "$ x^2 $", '"; #import "x"', "<script>alert(1)</script>", "\\ ] [ #let"]
)
def test_what_somebody_typed_is_printed_and_never_run(typed):
    certificate = issued(employed(), title=typed)
    assert "".join(typed.split()) in "".join(text_of(reports.certificate_pdf(certificate)).split())
    assert "<script>alert" not in Client().get(f"/certificates/{certificate.number}/").content.decode()


def test_the_longest_names_stay_on_one_page():
    person = employed()
    Person.objects.filter(pk=person.pk).update(given_name="Wilhelmina" * 10, family_name="Featherstonehaugh" * 5)
    pdf = reports.certificate_pdf(issued(Person.objects.get(pk=person.pk), title="Working together " * 11))
    assert len(PdfReader(io.BytesIO(pdf)).pages) == 1


def test_anyone_can_check_a_number_as_people_copy_it(certificate):
    plain = certificate.number.replace("-", "").lower()
    for typed in (certificate.number, plain, f" {plain[:5]} {plain[5:]} "):
        page = Client().get("/certificates/", {"number": typed}, follow=True).content.decode()
        assert "This certificate is genuine" in page
        assert "Zoë Aberra" in page


@pytest.mark.parametrize("typed", ["LCW-2222-2222-22", "x", "\0", "'; drop table", "٣", "a" * 5000])
def test_a_number_we_never_issued_is_answered_plainly_and_kept(typed):
    answer = Client().get("/certificates/", {"number": typed})
    assert answer.status_code == 404
    assert "This certificate is genuine" not in answer.content.decode()
    assert Client().get("/certificates/LCW-2222-2222-22/").status_code == 404


def test_a_revoked_certificate_says_so_names_nobody_and_is_printed_no_more(certificate, as_person):
    Achievement.objects.update(revoked_at=NOW)
    page = Client().get(f"/certificates/{certificate.number}/").content.decode()
    assert "This certificate was revoked on 23 November 2026" in page
    assert "Zoë" not in page
    assert as_person(certificate.achievement.person).get(f"/certificates/{certificate.number}/pdf/").status_code == 404


def test_the_paper_is_for_its_owner_and_those_who_may_open_the_record(certificate, as_person):
    path = f"/certificates/{certificate.number}/pdf/"
    owner = as_person(certificate.achievement.person).get(path)
    assert owner["Content-Type"] == "application/pdf"
    assert owner.content.startswith(b"%PDF")
    assert as_person(holding("lead")).get(path).status_code == 200
    assert as_person(employed()).get(path).status_code == 404
    assert Client().get(path).status_code == 302


def test_own_training_links_the_paper_and_takes_as_many_queries_for_three_as_for_one(as_person):
    person, counts = employed(), []
    for more in (1, 2):
        for _ in range(more):
            achieved(person, on=DAY, course=CourseFactory())
        certificates.issue_missing(NOW)
        with CaptureQueriesContext(connection) as queries:
            page = as_person(person).get("/bookings/").content.decode()
        counts.append(len(queries))
    assert page.count("/pdf/") == 3
    assert counts[0] == counts[1]


def test_numbers_cannot_be_found_by_counting():
    numbers = [issued(employed()).number for _ in range(3)]
    assert len({number[:8] for number in numbers}) == 3
    assert all(len(number.replace("-", "")) == len("LCW") + 10 for number in numbers)


# --- Revoked, and issued again ------------------------------------------------------------------------------------


def revoked(certificate: Certificate, by: Person) -> None:
    certificates.revoke(certificate=certificate, by=by, at=NOW, reason="The register named the wrong person")


def test_a_lead_revokes_one_with_a_reason_that_its_owner_is_told_and_nobody_else(certificate, as_person):
    path = f"/certificates/{certificate.number}/revoke/"
    lead = as_person(holding("lead"))
    assert "Say why it is revoked" in lead.post(path, {"reason": ""}).content.decode()
    lead.post(path, {"reason": "The register named the wrong person"})
    page = Client().get(f"/certificates/{certificate.number}/").content.decode()
    assert "This certificate was revoked on 23 November 2026" in page
    assert "wrong person" not in page
    event = AuditEvent.objects.get(kind="certificate.revoked")
    assert event.details == {"reason": "The register named the wrong person"}
    outbox.send_due(NOW)
    (letter,) = mail.outbox
    assert letter.to == [certificate.achievement.person.email]
    assert "The register named the wrong person" in letter.body


def test_nobody_else_revokes_one(certificate, as_person):
    for person in (certificate.achievement.person, holding("coordinator", scoped=True), holding("director")):
        answer = as_person(person).post(f"/certificates/{certificate.number}/revoke/", {"reason": "x"})
        assert answer.status_code == 403
    assert Achievement.objects.standing().exists()


def test_revoking_twice_is_once(certificate):
    lead = holding("lead")
    revoked(certificate, lead)
    with pytest.raises(certificates.RevokedBefore):
        revoked(certificate, lead)
    assert Revocation.objects.count() == 1


def test_after_a_changed_name_a_new_number_carries_it_and_the_old_one_names_nobody(certificate, as_person):
    person = certificate.achievement.person
    Person.objects.filter(pk=person.pk).update(family_name="Newname")
    old = certificate.number
    as_person(person).post(f"/certificates/{old}/reissue/")
    certificate.refresh_from_db()
    assert certificate.number != old
    assert "Zoë Newname" in Client().get(f"/certificates/{certificate.number}/").content.decode()
    page = Client().get("/certificates/", {"number": old}, follow=True).content.decode()
    assert "replaced by a newer one" in page
    for secret in ("Zoë", "Aberra", "Newname", certificate.number):
        assert secret not in page
    assert as_person(person).get(f"/certificates/{old}/pdf/").status_code == 404


def test_there_is_no_new_number_without_a_new_name_nor_for_one_that_was_revoked(certificate):
    person = certificate.achievement.person
    with pytest.raises(certificates.NotReissued, match="already"):
        certificates.reissue(certificate=certificate, by=person, at=NOW)
    Person.objects.filter(pk=person.pk).update(family_name="Newname")
    revoked(certificate, holding("lead"))
    with pytest.raises(certificates.NotReissued, match="revoked"):
        certificates.reissue(certificate=certificate, by=person, at=NOW)
    assert not FormerNumber.objects.exists()


def test_the_old_number_of_one_that_is_revoked_since_says_so(certificate):
    person, old = certificate.achievement.person, certificate.number
    Person.objects.filter(pk=person.pk).update(family_name="Newname")
    revoked(certificates.reissue(certificate=certificate, by=person, at=NOW), holding("lead"))
    assert "This certificate was revoked on" in Client().get(f"/certificates/{old}/").content.decode()
