"""Asking to be added: an address, a code, who one is; and nothing until somebody at the agency answers."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.core import mail
from django.test import Client

from partners.actions import sign_ups as actions
from partners.models import Person, SignUp, User
from tests.factories import NOW, TODAY, AgencyFactory, TeamFactory, asking, employed
from tests.signing.steps import code_in, is_signed_in

pytestmark = pytest.mark.django_db
INES = "ines.larch@elm.example"
ABOUT = {"given_name": "Ines", "family_name": "Larch", "job": "Teaching assistant"}


@pytest.fixture
def school():
    return AgencyFactory(name="Elm Primary", domains=["elm.example"])


def with_code(address: str = INES, browser: Client | None = None) -> Client:
    """A browser in which somebody has typed the code that was mailed to that address."""
    browser = browser or Client()
    browser.post("/sign-in/new/", {"email": address})
    answer = browser.post("/sign-in/new/code/", {"code": code_in(mail.outbox[-1])})
    assert answer["Location"] == "/sign-in/new/about-you/"
    return browser


def ask(browser: Client, **more) -> str:
    return browser.post("/sign-in/new/about-you/", ABOUT | more, follow=True).content.decode()


def test_somebody_new_asks_to_be_added_and_waits(school):
    page = Client().get("/sign-in/").content.decode()
    assert 'href="/sign-in/new/"' in page
    browser = with_code("Ines.Larch@ELM.example")
    assert "You have asked to be added" in ask(browser, employee_number="17", manager_email="Head@Elm.example")
    made = SignUp.objects.get()
    assert (made.email, made.agency, made.state, made.job) == (INES, school, "waiting", "Teaching assistant")
    assert made.manager_email == "head@elm.example"


def test_until_somebody_answers_they_are_nobody_here_and_see_nothing(school):
    browser = with_code()
    ask(browser)
    assert not is_signed_in(browser)
    assert not Person.objects.exists()
    assert not User.objects.exists()
    assert browser.get("/courses/")["Location"].startswith("/sign-in/?next=")
    before = len(mail.outbox)
    browser.post("/sign-in/", {"email": INES})
    assert "We have no record of it" in mail.outbox[before].body


def test_who_comes_back_with_a_code_sees_that_they_wait_and_asks_no_second_time(school):
    ask(with_code())
    assert "You have asked to be added" in with_code().get("/sign-in/new/about-you/").content.decode()
    ask(with_code(), job="Cook")
    assert SignUp.objects.get().job == "Teaching assistant"


def test_the_same_button_twice_is_one_that_waits(school):
    said = {"agency": school, "team": None, "employee_number": "", "manager_email": "", "start_date": None}
    made = [actions.ask(email=INES, **ABOUT, **said, at=NOW) for _ in range(2)]
    assert made[0] == made[1]


def test_nobody_says_who_they_are_without_the_code(school):
    browser = Client()
    assert browser.post("/sign-in/new/about-you/", ABOUT)["Location"] == "/sign-in/new/"
    browser.post("/sign-in/new/", {"email": INES})
    assert browser.post("/sign-in/new/about-you/", ABOUT)["Location"] == "/sign-in/new/"
    for _ in range(settings.ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS):
        browser.post("/sign-in/new/code/", {"code": "AAAA-AAAA"})
    assert browser.post("/sign-in/new/code/", {"code": code_in(mail.outbox[-1])})["Location"] == "/sign-in/new/"
    assert not SignUp.objects.exists()


def test_what_was_shown_lasts_an_hour(school, monkeypatch):
    browser = with_code()
    assert browser.get("/sign-in/new/about-you/").status_code == 200
    later = __import__("time").time() + 3601
    monkeypatch.setattr("partners.views.sign_up.time.time", lambda: later)
    assert browser.get("/sign-in/new/about-you/")["Location"] == "/sign-in/new/"


def test_a_scanner_that_opens_every_page_changes_nothing(school):
    browser = with_code()
    for method in ("get", "head"):
        for path in ("", "code/", "about-you/"):
            getattr(browser, method)(f"/sign-in/new/{path}", ABOUT)
    assert not SignUp.objects.exists()
    assert "http" not in next(m.body for m in mail.outbox), "the mail has a code, and no link to open"


def test_somebody_at_work_who_is_known_is_told_so_by_mail_alone(school):
    ann = employed(agency=school)
    User.objects.filter(person=ann).update(email=INES)
    Client().post("/sign-in/new/", {"email": INES})
    assert mail.outbox[-1].subject == "You are known here already"
    assert "/sign-in/" in mail.outbox[-1].body


def test_an_address_of_an_unregistered_domain_is_told_so_by_mail_alone(school):
    for address in ("ines@elsewhere.example", "ines@sub.elm.example", "ines@elm.example.evil.example"):
        Client().post("/sign-in/new/", {"email": address})
        assert mail.outbox[-1].subject == "We cannot add you with this address"


def test_a_leavers_address_that_was_given_to_somebody_new_may_ask(school):
    leaver = employed(agency=school, end_date=TODAY - timedelta(days=30))
    User.objects.filter(person=leaver).update(email=INES)
    assert "You have asked to be added" in ask(with_code())


def test_a_domain_that_several_share_lets_people_say_for_whom_they_work(school):
    other = AgencyFactory(name="Oak Secondary", domains=["elm.example"])
    third = AgencyFactory(name="Third", domains=["third.example"])
    browser = with_code()
    assert "Choose who you work for" in ask(browser)
    assert "Choose one of these" in ask(browser, agency=third.pk)
    ask(browser, agency=other.pk)
    assert SignUp.objects.get().agency == other


def test_the_agency_of_an_own_domain_cannot_be_changed_by_the_form(school):
    other = AgencyFactory()
    ask(with_code(), agency=other.pk, state="added", person="1", email="x@y.example")
    made = SignUp.objects.get()
    assert (made.agency, made.state, made.person, made.email) == (school, "waiting", None, INES)


def test_teams_of_the_agency_can_be_chosen_and_no_others(school):
    own, closed = TeamFactory(agency=school, name="Reception"), TeamFactory(agency=school, closed_on=TODAY)
    other = TeamFactory(agency=AgencyFactory(domains=["other.example"]), name="Secret team")
    browser = with_code()
    page = browser.get("/sign-in/new/about-you/").content.decode()
    assert "Reception" in page
    assert "Secret team" not in page
    for team in (other, closed):
        assert "Choose one of the teams" in ask(browser, team=team.pk)
    ask(browser, team=own.pk)
    assert SignUp.objects.get().team == own


def test_a_team_of_the_other_agency_that_shares_the_domain_is_refused(school):
    other = AgencyFactory(name="Oak Secondary", domains=["elm.example"])
    team = TeamFactory(agency=other, name="Year 7")
    assert "Year 7 is not a team of Elm Primary" in ask(with_code(), agency=school.pk, team=team.pk)


def test_what_was_typed_stays_where_something_is_missing(school):
    page = with_code().post("/sign-in/new/about-you/", ABOUT | {"job": ""}).content.decode()
    assert "Enter your job" in page
    assert 'value="Larch"' in page


def test_an_address_that_became_known_meanwhile_is_refused(school):
    browser = with_code()
    ann = employed(agency=school)
    User.objects.filter(person=ann).update(email=INES)
    assert "Somebody signs in with your address already" in ask(browser)
    assert not SignUp.objects.exists()


def test_a_domain_that_is_taken_away_meanwhile_lets_nobody_ask(school):
    browser = with_code()
    school.domains = []
    school.save()
    ask(browser)
    assert not SignUp.objects.exists()


def test_nobody_asks_an_agency_that_has_not_registered_their_domain(school):
    said = {"team": None, "employee_number": "", "manager_email": "", "start_date": None}
    with pytest.raises(actions.SignUpRefused, match="not one of Oak"):
        actions.ask(email=INES, agency=AgencyFactory(name="Oak"), **ABOUT, **said, at=NOW)


def test_a_mailbox_is_not_flooded_by_asking_and_signing_in_together(school):
    for n in range(12):
        Client(REMOTE_ADDR=f"198.51.100.{n}").post("/sign-in/new/", {"email": INES})
        page = Client(REMOTE_ADDR=f"198.51.100.{n}").post("/sign-in/", {"email": INES})
    assert len(mail.outbox) == 5
    assert "too many tries" in page.content.decode()


@pytest.mark.parametrize(
    "typed", ["", "nobody", "a@b", "a@-b.example", "a@b.example\r\nBcc: c@d.example", "\0@b.example"]
)
def test_what_is_no_address_is_refused_and_mails_nobody(typed):
    page = Client().post("/sign-in/new/", {"email": typed})
    assert page.status_code == 200
    assert "Error: " in page.content.decode()
    assert not mail.outbox


def test_one_mailbox_in_two_spellings_of_its_domain_is_one(school):
    school.domains = ["xn--bcher-kva.example"]
    school.save()
    ask(with_code("ines@bücher.example"))
    assert SignUp.objects.get().email == "ines@xn--bcher-kva.example"


def test_who_is_declined_may_ask_again(school):
    asking(school, state="declined", decided_at=NOW, reason="Who?")
    assert "About you" in with_code().get("/sign-in/new/about-you/").content.decode()
    ask(with_code())
    assert SignUp.objects.waiting().count() == 1
