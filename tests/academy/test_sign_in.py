"""Signing in with a code from an e-mail, and being someone in the try-out."""

import re

import pytest
from django.core.cache import cache
from django.test import Client

from academy.tryout.models import Guide
from partners.models import User
from tests.factories import AgencyFactory, employed, planned_run

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh_limits():
    cache.clear()
    yield
    cache.clear()


def ask(client: Client, email: str, **extra):
    return client.post("/sign-in/", {"email": email}, follow=True, **extra)


def code_in(mailoutbox) -> str:
    return re.search(r"^[A-Z0-9]+-[A-Z0-9]+$", mailoutbox[-1].body, re.MULTILINE).group()


def words(response) -> str:
    """A page's main part, without what differs between any two requests."""
    return re.sub(r'value="[\w-]+"', "", response.content.decode().partition("<main")[2])


def test_a_code_from_the_e_mail_signs_in_and_leads_on(client, mailoutbox):
    ann = employed()
    course = planned_run().course
    assert client.get(f"/courses/{course.pk}/")["Location"] == f"/sign-in/?next=/courses/{course.pk}/"
    page = client.post(f"/sign-in/?next=/courses/{course.pk}/", {"email": ann.email, "next": f"/courses/{course.pk}/"})
    assert page.status_code == 302
    assert "Enter your code" in client.get(page["Location"]).content.decode()
    (mail,) = mailoutbox
    assert (mail.to, mail.subject) == ([ann.email], "Your sign-in code")
    page = client.post(page["Location"], {"code": code_in(mailoutbox)}, follow=True)
    assert f"Signed in as </span>{ann.name}" in page.content.decode()
    assert page.redirect_chain[-1][0] == f"/courses/{course.pk}/"


@pytest.mark.parametrize("change", [str.lower, lambda code: code.replace("-", ""), lambda code: f" {code} "])
def test_a_code_may_be_typed_as_people_type(client, mailoutbox, change):
    ann = employed()
    ask(client, ann.email.upper())
    page = client.post("/sign-in/code/", {"code": change(code_in(mailoutbox))}, follow=True)
    assert f"Signed in as </span>{ann.name}" in page.content.decode()


def test_an_unknown_address_gets_the_same_page_and_a_letter_that_says_so(mailoutbox):
    ann = employed()
    known, unknown = ask(Client(), ann.email), ask(Client(), "nobody@agency.example")
    assert known.redirect_chain == unknown.redirect_chain
    assert words(known).replace(ann.email, "") == words(unknown).replace("nobody@agency.example", "")
    letter = mailoutbox[-1]
    assert letter.to == ["nobody@agency.example"]
    assert "We have no record of it." in letter.body
    assert "/help/signing-in/" in letter.body
    assert Client().get("/help/signing-in/").status_code == 200


def test_a_wrong_code_does_not_sign_in_and_says_so(client, mailoutbox):
    ask(client, employed().email)
    page = client.post("/sign-in/code/", {"code": "AAAAAA"})
    assert "There is a problem" in page.content.decode()
    assert client.get("/").status_code == 302


def test_guessing_ends_after_three_tries(client, mailoutbox):
    ask(client, employed().email)
    for _ in range(3):
        client.post("/sign-in/code/", {"code": "AAAAAA"})
    client.post("/sign-in/code/", {"code": code_in(mailoutbox)})
    assert client.get("/")["Location"] != "/courses/"
    assert "_auth_user_id" not in client.session


def test_a_code_works_in_the_browser_that_asked_for_it_alone(client, mailoutbox):
    ask(client, employed().email)
    other = Client()
    ask(other, employed().email)
    other.post("/sign-in/code/", {"code": code_in(mailoutbox[:1])})
    assert "_auth_user_id" not in other.session


def test_a_closed_account_gets_no_code(client, mailoutbox):
    ann = employed()
    User.objects.filter(person=ann).update(is_active=False)
    ask(client, ann.email)
    assert not [mail for mail in mailoutbox if "Your code" in mail.body]


def test_a_closed_account_is_signed_out_everywhere(as_person):
    ann = employed()
    browser = as_person(ann)
    assert browser.get("/").status_code == 200
    User.objects.filter(person=ann).update(is_active=False)
    assert browser.get("/").status_code == 302


@pytest.mark.parametrize(("typed", "error"), [("", "Enter your work e-mail address"), ("ann", "like name@example.org")])
def test_an_address_that_is_none_is_asked_for_again(client, typed, error):
    page = client.post("/sign-in/", {"email": typed}).content.decode()
    assert error in page
    assert 'href="#id_email"' in page


def test_a_whole_council_behind_one_address_can_sign_in_at_nine(mailoutbox):
    people = [employed() for _ in range(60)]
    for person in people:
        page = ask(Client(), person.email, REMOTE_ADDR="192.0.2.1")
        assert "Enter your code" in page.content.decode()
    assert len(mailoutbox) == 60


def test_one_address_is_not_flooded_with_codes(client, mailoutbox):
    ann = employed()
    for _ in range(12):
        ask(Client(), ann.email)
    assert len(mailoutbox) <= 5


def test_signing_out_needs_a_press_and_ends_at_the_first_page(as_person):
    browser = as_person(employed())
    page = browser.post("/sign-out/")
    assert (page.status_code, page["Location"]) == (302, "/")
    assert browser.get("/courses/").status_code == 302


def test_nobody_signs_up_by_themselves(client):
    assert client.get("/accounts/signup/").status_code == 404
    client.post("/help/signing-in/", {"email": "new@agency.example"})
    assert not User.objects.exists()


# --- The try-out -------------------------------------------------------------------------------------------------


def guide(**facts) -> Guide:
    return Guide.objects.create(person=employed(), position=1, what="Trainer", see="Take a register.", **facts)


def test_signed_out_the_first_page_leads_to_the_demo_people(client):
    shown = guide()
    page = client.get("/", follow=True)
    assert page.redirect_chain == [("/try-out/", 302)]
    assert shown.person.name in page.content.decode()
    assert "Take a register." in page.content.decode()


def test_one_press_signs_in_as_that_person(client):
    shown = guide()
    page = client.post(f"/try-out/sign-in/{shown.person_id}/", follow=True)
    assert page.redirect_chain == [("/", 302)]
    assert f"Signed in as </span>{shown.person.name}" in page.content.decode()


def test_looking_at_someone_does_not_sign_in(client):
    shown = guide()
    assert client.get(f"/try-out/sign-in/{shown.person_id}/").status_code == 405
    assert client.post("/try-out/sign-in/0/").status_code == 404


@pytest.mark.parametrize(("target", "ends"), [("/courses/", "/courses/"), ("https://evil.example/", "/")])
def test_signing_in_leads_on_within_this_site_only(client, target, ends):
    page = client.post(f"/try-out/sign-in/{guide().person_id}/", {"next": target})
    assert page["Location"] == ends


def test_the_list_of_demo_people_asks_no_more_for_three_than_for_one(client):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            client.get("/try-out/")
        return len(seen)

    guide()
    one = queries()
    for position in (2, 3):
        Guide.objects.create(person=employed(agency=AgencyFactory()), position=position, what="x", see="y")
    assert queries() == one
