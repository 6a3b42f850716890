"""One's own page: the password, where one is signed in, and showing again that it is oneself."""

import time
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from academy.lib import clock, registry
from partners.actions.accounts import open_accounts
from partners.models import AuditEvent, OutboxMessage, SignIn, User
from tests.factories import NOW, employed
from tests.signing.steps import (
    PASSWORD,
    app_code,
    by_code,
    by_password,
    code_in,
    is_signed_in,
    later,
    path,
    with_app,
    with_password,
)
from tests.signing_in import signed_in

pytestmark = pytest.mark.django_db
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:130.0) Gecko/20100101 Firefox/130.0"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Version/17.5 Safari/604.1"


def told() -> list[str]:
    return list(OutboxMessage.objects.order_by("pk").values_list("kind", flat=True))


# --- Passwords ----------------------------------------------------------------------------------------------------


def test_a_password_is_set_used_and_removed(mailoutbox):
    ann = employed()
    browser = signed_in(ann.user)
    browser.post("/account/password/", {"password": PASSWORD})
    assert browser.get("/bookings/").status_code == 200, "still signed in here"
    other = Client()
    by_password(other, ann)
    assert is_signed_in(other)
    assert "looking" not in told()
    browser.get("/account/password/remove/")
    assert User.objects.get(person=ann).has_usable_password(), "looking removes nothing"
    browser.post("/account/password/remove/")
    assert browser.get("/bookings/").status_code == 200
    assert other.get("/bookings/").status_code == 302, "signed out everywhere else"
    by_password(third := Client(), ann)
    assert not is_signed_in(third)
    assert [kind for kind in told() if "password" in kind] == ["partners.password_set", "partners.password_removed"]


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        ("short-one", "at least 12 characters"),
        ("qwerty123456", "too common"),
        ("", "Enter a password"),
        ("x" * 1001, "1,000 characters or fewer"),
    ],
)
def test_a_poor_password_is_refused_with_a_sentence(typed, error):
    ann = employed()
    page = signed_in(ann.user).post("/account/password/", {"password": typed})
    assert error in page.content.decode()
    assert not User.objects.get(person=ann).has_usable_password()


def test_a_password_like_ones_own_name_is_refused():
    ann = employed()
    type(ann).objects.filter(pk=ann.pk).update(given_name="Bartholomew", family_name="Featherstonehaugh")
    page = signed_in(User.objects.get(person=ann)).post("/account/password/", {"password": "Featherstonehaugh1"})
    assert "too similar to the family_name" in page.content.decode().replace("family name", "family_name")


def test_a_forgotten_password_is_chosen_anew_from_a_mail(mailoutbox):
    ann = with_password(employed())
    inside = signed_in(ann.user)
    browser = Client()
    browser.post("/sign-in/forgotten-password/", {"email": ann.email.upper()})
    link = next(word for word in mailoutbox[-1].body.split() if "/forgotten-password/" in word)
    page = browser.get(link, follow=True)
    assert "set-password" in page.redirect_chain[-1][0], "the address that is shown holds no key"
    here = page.redirect_chain[-1][0]
    assert "at least 12" in browser.post(here, {"password1": "short"}).content.decode()
    browser.post(here, {"password1": "another lantern thimble"})
    assert "partners.password_reset" in told()
    assert inside.get("/bookings/").status_code == 302, "signed out everywhere"
    assert not is_signed_in(browser), "a link in a mail signs nobody in"
    by_password(browser, ann, "another lantern thimble")
    assert is_signed_in(browser)
    assert Client().get(link, follow=True).status_code == 404, "it works once"


@pytest.mark.parametrize("ends", ["closed", "another address", "an hour later"])
def test_a_link_dies(ends, mailoutbox, settings):
    ann = with_password(employed())
    Client().post("/sign-in/forgotten-password/", {"email": ann.email})
    link = next(word for word in mailoutbox[-1].body.split() if "/forgotten-password/" in word)
    if ends == "closed":
        User.objects.update(is_active=False)
    elif ends == "another address":
        User.objects.update(email="other@agency.example")
    else:
        settings.PASSWORD_RESET_TIMEOUT = -1
    assert Client().get(link, follow=True).status_code == 404


# --- Where one is signed in ---------------------------------------------------------------------------------------


def sign_in(person, mailoutbox, agent: str = FIREFOX) -> Client:
    browser = Client(HTTP_USER_AGENT=agent)
    by_code(browser, person, mailoutbox)
    return browser


def test_the_page_lists_where_one_is_signed_in_without_any_address_of_a_network(mailoutbox):
    ann = employed()
    browser = sign_in(ann, mailoutbox)
    sign_in(ann, mailoutbox, IPHONE)
    page = browser.get("/account/").content.decode()
    assert "Firefox on Windows" in page
    assert "Safari on an iPhone" in page
    assert page.count("This one") == 1
    assert not [field.name for field in SignIn._meta.fields if "ip" in field.name]


def test_the_page_takes_as_many_queries_for_three_as_for_one(mailoutbox):
    ann = employed()
    counts = []
    for more in (1, 2):
        for _ in range(more):
            browser = sign_in(ann, mailoutbox)
        with CaptureQueriesContext(connection) as queries:
            browser.get("/account/")
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_one_is_ended_all_others_are_ended(mailoutbox):
    ann = employed()
    here, phone, desk = (sign_in(ann, mailoutbox) for _ in range(3))
    chosen = SignIn.objects.get(session_key=phone.session.session_key)
    assert "Firefox on Windows" in here.get(f"/account/signed-in/{chosen.pk}/end/").content.decode()
    assert phone.get("/bookings/").status_code == 200, "looking ends nothing"
    here.post(f"/account/signed-in/{chosen.pk}/end/")
    assert phone.get("/bookings/").status_code == 302
    here.post("/account/signed-in/others/end/")
    assert desk.get("/bookings/").status_code == 302
    assert here.get("/bookings/").status_code == 200
    assert AuditEvent.objects.filter(kind="sign_in.ended", person=ann).count() == 2


def test_nobody_ends_someone_elses(mailoutbox):
    ann, bob = employed(), employed()
    theirs = sign_in(bob, mailoutbox)
    row = SignIn.objects.get(user=bob.user)
    assert sign_in(ann, mailoutbox).post(f"/account/signed-in/{row.pk}/end/").status_code == 404
    assert theirs.get("/bookings/").status_code == 200


def test_last_seen_is_written_every_few_minutes_and_pages_in_between_only_read(mailoutbox):
    ann = employed()
    browser = sign_in(ann, mailoutbox)
    for minutes, writes in ((4, 0), (6, 1), (9, 0), (12, 1)):
        moment = NOW + timedelta(minutes=minutes)
        clock.use(lambda moment=moment: moment)
        with CaptureQueriesContext(connection) as queries:
            browser.get("/bookings/")
        assert len([query for query in queries if query["sql"].startswith('UPDATE "partners_signin"')]) == writes
    assert SignIn.objects.get().last_seen_at == NOW + timedelta(minutes=12)


def test_a_session_ends_twelve_hours_later_however_much_is_done_in_it(mailoutbox):
    browser = sign_in(with_password(employed()), mailoutbox)
    ends = browser.session.get_expiry_date()
    clock.use(lambda: NOW + timedelta(minutes=30))
    browser.get("/bookings/")
    assert browser.session.get_expiry_date() == ends
    by_password(other := Client(), SignIn.objects.get().user.person)
    assert isinstance(other.session["_session_expiry"], str), "a moment, that nothing moves on"


def test_a_new_password_keeps_the_row_of_this_browser(mailoutbox):
    ann = employed()
    here, other = sign_in(ann, mailoutbox), sign_in(ann, mailoutbox)
    here.post("/account/password/", {"password": PASSWORD})
    assert other.get("/bookings/").status_code == 302
    assert here.get("/account/").content.decode().count("This one") == 1
    assert here.session.session_key in SignIn.objects.values_list("session_key", flat=True)


def test_a_leavers_account_closes_every_door_at_once(mailoutbox):
    ann = with_password(employed())
    inside = sign_in(ann, mailoutbox)
    asked = Client()
    asked.post("/sign-in/", {"email": ann.email})
    code = code_in(mailoutbox[-1])
    User.objects.filter(person=ann).update(is_active=False)
    assert inside.get("/bookings/").status_code == 302
    assert asked.post("/sign-in/code/", {"code": code})["Location"] == "/sign-in/closed/"
    by_password(other := Client(), ann)
    assert not is_signed_in(asked)
    assert not is_signed_in(other)


def test_what_has_ended_is_forgotten_by_the_tick(mailoutbox):
    ann = employed()
    out, expired, kept = (sign_in(ann, mailoutbox) for _ in range(3))
    out.post("/sign-out/")
    assert SignIn.objects.count() == 2
    Session.objects.filter(session_key=expired.session.session_key).update(expire_date=NOW - timedelta(days=900))
    registry.run_due(NOW)
    assert list(SignIn.objects.values_list("session_key", flat=True)) == [kept.session.session_key]
    assert Session.objects.filter(session_key=kept.session.session_key).exists()


def test_a_new_browser_is_told_of_and_a_known_one_is_not(mailoutbox):
    ann = employed()
    own = sign_in(ann, mailoutbox)
    assert told() == [], "nobody is told of the first time"
    own.post("/sign-out/")
    by_code(own, ann, mailoutbox)
    assert told() == []
    sign_in(ann, mailoutbox, IPHONE)
    assert told() == ["partners.new_browser"]
    registry.run_due(NOW)
    mail = mailoutbox[-1]
    assert (mail.to, mail.subject) == ([ann.email], "You signed in on a new device")
    assert "/account/" in mail.body


def test_a_browser_that_knows_somebody_else_is_new_and_its_cookie_names_nobody(mailoutbox):
    ann, bob = employed(), employed()
    sign_in(bob, mailoutbox)
    shared = sign_in(ann, mailoutbox)
    shared.post("/sign-out/")
    by_code(shared, bob, mailoutbox)
    assert told() == ["partners.new_browser"]
    assert ann.email not in shared.cookies["known_browser"].value
    assert shared.cookies["known_browser"]["httponly"]


def test_a_forged_cookie_makes_no_browser_known(mailoutbox):
    ann = employed()
    sign_in(ann, mailoutbox)
    forged = Client()
    forged.cookies["known_browser"] = "WyJhIl0:1abc:forged"
    by_code(forged, ann, mailoutbox)
    assert told() == ["partners.new_browser"]


# --- Showing again that it is oneself -----------------------------------------------------------------------------

SENSITIVE = [
    "/account/password/",
    "/account/password/remove/",
    "/account/app/",
    "/account/passkeys/new/",
    "/account/app/remove/",
    "/account/passkeys/1/remove/",
    "/account/recovery-codes/",
    "/account/recovery-codes/download/",
    "/account/signed-in/others/end/",
    "/account/signed-in/1/end/",
    "/account/work-accounts/x/link/",
    "/account/work-accounts/1/unlink/",
]


@pytest.mark.parametrize("address", SENSITIVE)
def test_what_is_sensitive_asks_again_after_ten_minutes(address):
    browser = later(signed_in(employed().user), 11)
    answer = browser.get(address)
    assert answer["Location"] == f"/account/confirm/?next={address.replace('/', '%2F')}"
    assert "Show that it is you first" in later(browser, 41).post(address).content.decode()


def test_what_is_typed_for_half_an_hour_is_taken():
    ann = employed()
    browser = later(signed_in(ann.user), 35)
    browser.post("/account/password/", {"password": PASSWORD})
    assert User.objects.get(person=ann).has_usable_password()


def test_whoever_has_a_second_factor_shows_that_and_nothing_less(mailoutbox):
    ann = with_password(employed())
    secret = with_app(ann)
    browser = later(signed_in(ann.user, second_factor=False), 11)
    here = browser.get("/account/password/")["Location"]
    browser.post(here, {"password": PASSWORD})
    browser.post(here, {"action": "send"})
    assert not mailoutbox
    assert browser.get("/account/password/").status_code == 302
    assert browser.post(here, {"code": app_code(secret)})["Location"] == "/account/password/"
    assert browser.get("/account/password/").status_code == 200


def test_a_code_of_a_moment_ago_is_not_enough_for_whoever_has_a_second_factor():
    ann = employed()
    browser = signed_in(ann.user, second_factor=False)
    assert browser.get("/account/password/").status_code == 200
    with_app(ann)
    assert path(browser.get("/account/password/")) == "/account/confirm/"


def test_a_password_or_a_mailed_code_does_for_others(mailoutbox):
    ann = with_password(employed())
    browser = later(signed_in(ann.user, second_factor=False), 11)
    assert "That is not your password" in browser.post("/account/confirm/", {"password": "wrong"}).content.decode()
    browser.post("/account/confirm/", {"password": PASSWORD})
    assert browser.get("/account/password/").status_code == 200
    later(browser, 11)
    browser.post("/account/confirm/?next=/account/password/", {"action": "send"})
    assert "not the code" in browser.post("/account/confirm/", {"code": "AAAA-AAAA"}).content.decode()
    answer = browser.post("/account/confirm/?next=/account/password/", {"code": code_in(mailoutbox[-1])})
    assert answer["Location"] == "/account/password/"
    assert browser.get("/account/password/").status_code == 200


def test_a_mailed_code_has_three_tries_and_fifteen_minutes(mailoutbox):
    browser = later(signed_in(employed().user, second_factor=False), 11)
    browser.post("/account/confirm/", {"action": "send"})
    for _ in range(3):
        page = browser.post("/account/confirm/", {"code": "AAAA-AAAA"})
    assert "three times. Ask for another" in page.content.decode()
    browser.post("/account/confirm/", {"code": code_in(mailoutbox[-1])})
    assert browser.get("/account/password/").status_code == 302
    browser.post("/account/confirm/", {"action": "send"})
    session = browser.session
    session["confirm_code"] = {**session["confirm_code"], "at": time.time() - 16 * 60}
    session.save()
    browser.post("/account/confirm/", {"code": code_in(mailoutbox[-1])})
    assert browser.get("/account/password/").status_code == 302


def test_a_code_of_another_session_confirms_nothing(mailoutbox):
    ann, bob = employed(), employed()
    for person in (ann, bob):
        later(signed_in(person.user, second_factor=False), 11).post("/account/confirm/", {"action": "send"})
    mine = later(signed_in(ann.user, second_factor=False), 11)
    mine.post("/account/confirm/", {"action": "send"})
    mine.post("/account/confirm/", {"code": code_in(mailoutbox[1])})
    assert mine.get("/account/password/").status_code == 302


# --- A changed address --------------------------------------------------------------------------------------------


def test_somebody_whose_address_changes_is_told_at_the_new_one_and_it_alone_signs_in(mailoutbox, at):
    ann = employed()
    old = ann.email
    ann.email = "new.name@agency.example"
    ann.save()
    open_accounts([ann], at=at)
    assert told() == ["partners.address_changed"]
    registry.run_due(NOW)
    assert mailoutbox[-1].to == ["new.name@agency.example"]
    Client().post("/sign-in/", {"email": old})
    assert "We have no record of it." in mailoutbox[-1].body
    by_code(browser := Client(), ann, mailoutbox)
    assert is_signed_in(browser)


def test_a_first_account_is_not_told_of_a_change(at):
    ann = employed()
    User.objects.all().delete()
    open_accounts([ann], at=at)
    assert told() == []
