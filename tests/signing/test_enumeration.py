"""Nobody can tell which addresses are known, or whose account is closed."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from partners.models import User
from tests.factories import TODAY, AgencyFactory, asking, employed
from tests.signing.steps import with_password

pytestmark = pytest.mark.django_db
WHO = ["known", "without password", "closed", "unknown"]


@pytest.fixture
def addresses() -> dict[str, str]:
    """One of each kind, all of the same length."""
    people = {name: employed() for name in WHO[:3]}
    with_password(people["known"])
    with_password(people["closed"])
    User.objects.filter(person=people["closed"]).update(is_active=False)
    for number, person in enumerate(people.values()):
        User.objects.filter(person=person).update(email=f"person.{number}@agency.example")
    return {name: f"person.{number}@agency.example" for number, name in enumerate(WHO)}


def bare(text: str, typed: str) -> str:
    """Without what was typed, and what differs between any two requests."""
    text = text.replace(typed or "\0", "ADDRESS")
    return re.sub(r'(csrfmiddlewaretoken|"challenge)[^>]*?value="[^"]+"|value="[\w-]{64}"', "TOKEN", text)


def seen(page: str, field: str, typed: str, mailoutbox, monkeypatch, **more) -> tuple:
    """All that somebody sees who types that address, and the kind of work that it took."""
    hashes = []
    encode = PBKDF2PasswordHasher.encode
    monkeypatch.setattr(PBKDF2PasswordHasher, "encode", lambda *args: hashes.append(1) or encode(*args))
    before, browser = len(mailoutbox), Client()
    answers = [browser.post(page, {field: typed, **more})]
    while answers[-1].status_code == 302:
        answers.append(browser.get(answers[-1]["Location"]))
    monkeypatch.setattr(PBKDF2PasswordHasher, "encode", encode)
    shown = [
        (answer.status_code, answer.get("Location"), sorted(answer.headers), bare(answer.content.decode(), typed))
        for answer in answers
    ]
    cookies = [(name, len(cookie.value), cookie["max-age"]) for name, cookie in sorted(browser.cookies.items())]
    return shown, cookies, len(mailoutbox) - before, len(hashes)


@pytest.mark.parametrize(
    ("page", "field", "more", "mails", "hashes"),
    [
        ("/sign-in/", "email", {}, 1, 0),
        ("/sign-in/password/", "login", {"password": "a wrong guess that is long"}, 0, 1),
        ("/sign-in/forgotten-password/", "email", {}, 1, 0),
        ("/sign-in/new/", "email", {}, 1, 0),
    ],
)
def test_the_same_page_headers_cookies_and_work_for_everyone(
    addresses, page, field, more, mails, hashes, mailoutbox, monkeypatch
):
    results = {name: seen(page, field, typed, mailoutbox, monkeypatch, **more) for name, typed in addresses.items()}
    assert results["known"][2:] == (mails, hashes)
    for name in WHO[1:]:
        assert results[name] == results["known"], name


def test_a_wrong_code_says_the_same_to_everyone(addresses, mailoutbox):
    pages = []
    for typed in addresses.values():
        browser = Client()
        browser.post("/sign-in/", {"email": typed})
        pages.append([bare(browser.post("/sign-in/code/", {"code": "AAAA-AAAA"}).content.decode(), typed)])
        pages[-1].append(
            bare(browser.post("/sign-in/code/", {"action": "resend"}, follow=True).content.decode(), typed)
        )
        for _ in range(2):
            last = browser.post("/sign-in/code/", {"code": "AAAA-AAAA"})
        pages[-1].append(last["Location"])
    assert all(page == pages[0] for page in pages)


def test_a_passkey_that_nobody_has_and_one_of_somebody_else_are_refused_alike():
    ann = employed()
    answers = []
    for user in (str(ann.user.pk), "987654"):
        browser = Client()
        browser.get("/sign-in/passkey/", HTTP_ACCEPT="application/json")
        forged = forged_credential(user)
        answers.append(browser.post("/sign-in/passkey/", {"credential": forged}, follow=True))
    assert bare(answers[0].content.decode(), "") == bare(answers[1].content.decode(), "")
    assert "That passkey did not work here" in answers[0].content.decode()


def forged_credential(user: str) -> str:
    import base64
    import json

    def text(value: bytes) -> str:
        return base64.urlsafe_b64encode(value).decode().rstrip("=")

    client_data = text(json.dumps({"type": "webauthn.get", "challenge": "x", "origin": "http://testserver"}).encode())
    response = {
        "clientDataJSON": client_data,
        "authenticatorData": text(bytes(37)),
        "signature": text(b"x"),
        "userHandle": text(user.encode()),
    }
    return json.dumps({"id": text(b"key"), "rawId": text(b"key"), "type": "public-key", "response": response})


@pytest.mark.parametrize(
    "sent",
    ["", "{}", "[]", "null", '"x"', "{", '{"id": 1}', '{"response": {"userHandle": "%%"}}', '{"response": 1}', "\0"],
)
def test_a_passkey_that_is_none_is_refused(sent):
    browser = Client()
    browser.get("/sign-in/passkey/", HTTP_ACCEPT="application/json")
    assert browser.post("/sign-in/passkey/", {"credential": sent})["Location"] == "/sign-in/"


def test_a_link_for_someone_else_and_for_nobody_say_the_same(mailoutbox):
    ann = employed()
    pages = [Client().get(f"/sign-in/forgotten-password/{pk}-abc-def/") for pk in (ann.user.pk, "zzzz")]
    assert [page.status_code for page in pages] == [404, 404]
    assert bare(pages[0].content.decode(), "") == bare(pages[1].content.decode(), "")


# --- Asking to be added -----------------------------------------------------------------------------------------------


@pytest.fixture
def askers(addresses) -> dict[str, str]:
    """Known, of a closed account, of one who waits, a leaver's, new; and of a domain that nobody registered."""
    school = AgencyFactory(domains=["school.example"])
    asking(school, email="person.5@school.example")
    leaver = employed(end_date=TODAY - timedelta(days=9))
    User.objects.filter(person=leaver).update(email="person.6@school.example")
    User.objects.filter(email="person.0@agency.example").update(email="person.0@school.example")
    return {
        "known": "person.0@school.example",
        "closed": "person.2@agency.example",
        "waits": "person.5@school.example",
        "leaver": "person.6@school.example",
        "new": "person.7@school.example",
        "unregistered": "person.8@nobody.example",
    }


def test_who_asks_to_be_added_sees_the_same_whatever_the_address(askers, mailoutbox, monkeypatch):
    results = {who: seen("/sign-in/new/", "email", typed, mailoutbox, monkeypatch) for who, typed in askers.items()}
    assert results["new"][2:] == (1, 0)
    for who, result in results.items():
        assert result == results["new"], who


def test_asking_to_be_added_asks_the_database_the_same_whatever_the_address(askers, mailoutbox):
    counts = {}
    for who, typed in askers.items():
        with CaptureQueriesContext(connection) as queries:
            Client().post("/sign-in/new/", {"email": typed})
        counts[who] = [re.sub(r"'[^']*'|\d+", "?", query["sql"]) for query in queries]
    for who, asked in counts.items():
        assert asked == counts["new"], who


def test_a_wrong_code_to_be_added_says_the_same_to_everyone(askers, mailoutbox):
    pages = {}
    for who, typed in askers.items():
        browser = Client()
        browser.post("/sign-in/new/", {"email": typed})
        answers = [browser.post("/sign-in/new/code/", {"code": "AAAA-AAAA"}) for _ in range(3)]
        pages[who] = [(a.status_code, a.get("Location"), bare(a.content.decode(), typed)) for a in answers]
        pages[who].append(browser.get("/sign-in/new/about-you/")["Location"])
    assert all(page == pages["new"] for page in pages.values())
