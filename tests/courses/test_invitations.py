"""Places in people's calendars: entered, moved and taken out by mail that calendars understand, in whatever order."""

import email
import email.policy
from datetime import UTC, datetime, timedelta
from itertools import permutations

import icalendar
import pytest
from django.core import mail

from academy.lib import calendar
from academy.lib.calendar import Happening, Party
from academy.lib.dates import LONDON, at_hour
from courses import emails
from courses.actions import bookings
from courses.emails import invitations
from courses.models import Booking, Run, Session
from partners import outbox
from partners.models import OutboxMessage, Person
from tests.factories import NOW, booked, employed, planned_run
from tests.outbox.conftest import smtp  # noqa: F401  (a fixture)

pytestmark = pytest.mark.django_db
HALF_PAST_NINE = at_hour((NOW + timedelta(days=30)).date(), 9, 30)


class Client:
    """A calendar that follows the rules: for one uid the higher sequence counts, then the later stamp."""

    def __init__(self) -> None:
        self.known: dict[str, tuple[tuple, icalendar.Event, str]] = {}

    def take(self, letter) -> None:
        part = calendar_part(letter)
        (event,) = part.walk("VEVENT")
        order = (int(event["SEQUENCE"]), event.decoded("DTSTAMP"))
        if order >= self.known.get(event["UID"], (order,))[0]:
            self.known[event["UID"]] = (order, event, str(part["METHOD"]))

    @property
    def events(self) -> list[icalendar.Event]:
        return [event for _, event, method in self.known.values() if method == "REQUEST"]


def calendar_part(letter) -> icalendar.Calendar:
    part = next(part for part in letter.walk() if part.get_content_type() == "text/calendar")
    return icalendar.Calendar.from_ical(part.get_payload(decode=True))


def has_calendar(letter) -> bool:
    return any(part.get_content_type() == "text/calendar" for part in letter.walk())


def sent(at: datetime = NOW) -> list:
    """What goes out, as a mail program reads it."""
    mail.outbox.clear()
    outbox.send_due(at)
    return [email.message_from_bytes(item.message().as_bytes(), policy=email.policy.default) for item in mail.outbox]


def changed(booking: Booking, **facts) -> Booking:
    """The same booking after another change that calendars must show."""
    Booking.objects.filter(pk=booking.pk).update(calendar_sequence=booking.calendar_sequence + 1, **facts)
    return Booking.objects.get(pk=booking.pk)


def told_again(booking: Booking, at: datetime = NOW) -> None:
    """As whatever moves a run tells those who are booked on it."""
    key = f"{booking.pk}-{booking.calendar_sequence}"
    outbox.queue(outbox.new("courses.place_booked", key=key, person=booking.person, at=at, booking=booking.pk))


def place(**run) -> Booking:
    return booked(planned_run(**{"starts_at": HALF_PAST_NINE, "title": "Thresholds in practice"} | run))


def test_a_place_comes_with_an_invitation_that_a_calendar_takes(settings):
    settings.DEFAULT_FROM_EMAIL = "Larkshire Academy <academy@larkshire.example>"
    booking = place()
    emails.place_booked(booking, NOW)
    (letter,) = sent()
    assert letter.get_content_type() == "multipart/alternative"
    words, part = letter.iter_parts()
    assert "You have a place." in words.get_content()
    assert part["Content-Type"].params == {"method": "REQUEST"}
    assert part.get_content_disposition() is None
    found = calendar_part(letter)
    (event,) = found.walk("VEVENT")
    assert (found["METHOD"], event["STATUS"], event["SEQUENCE"]) == ("REQUEST", "CONFIRMED", 0)
    assert event["SUMMARY"] == "Thresholds in practice"
    assert event["LOCATION"] == "Room 2"
    assert event["ORGANIZER"] == "mailto:" + letter["From"].addresses[0].addr_spec
    assert event["ATTENDEE"] == f"mailto:{booking.person.email}"
    assert event["ATTENDEE"].params["RSVP"] == "FALSE"
    assert f"/bookings/{booking.reference}/" in event["DESCRIPTION"]


def test_over_smtp_it_arrives_as_it_was_written(smtp):  # noqa: F811
    booking = place(title="Zoë’s course: “Überblick”")
    emails.place_booked(booking, NOW)
    server = smtp()
    assert outbox.send_due(NOW) == {"messages_sent": 1}
    (letter,) = server.mail
    part = list(letter.iter_parts())[1]
    assert "SUMMARY:Zoë’s course: “Überblick”" in part.get_content()
    assert part["Content-Type"].params == {"method": "REQUEST", "charset": "utf-8"}
    assert calendar_part(letter).walk("VEVENT")[0]["SUMMARY"] == "Zoë’s course: “Überblick”"


@pytest.mark.parametrize("day", ["2027-03-26", "2027-03-29", "2027-10-29", "2027-11-01"])
def test_half_past_nine_stays_half_past_nine_across_the_change_of_clocks(day):
    starts_at = at_hour(datetime.fromisoformat(day).date(), 9, 30)
    emails.place_booked(place(starts_at=starts_at), NOW)
    (letter,) = sent()
    (event,) = calendar_part(letter).walk("VEVENT")
    assert event["DTSTART"].to_ical() == day.replace("-", "").encode() + b"T093000"
    assert event["DTSTART"].params["TZID"] == "Europe/London"
    assert event.decoded("DTSTART") == starts_at


def test_the_rule_by_which_clocks_change_travels_along_and_is_londons():
    emails.place_booked(place(), NOW)
    found = calendar_part(sent()[0])
    (zone,) = found.timezones
    ours = zone.to_tz(lookup_tzid=False)
    for year in range(2026, 2036):
        for month in range(1, 13):
            for day in (1, 15, 26, 28):
                local = datetime(year, month, day, 9, 30)  # noqa: DTZ001
                assert local.replace(tzinfo=ours).utcoffset() == local.replace(tzinfo=LONDON).utcoffset(), local


def test_each_further_session_comes_by_a_message_of_its_own():
    booking = place(sessions=3)
    emails.place_booked(booking, NOW)
    letters = sent()
    assert [letter["Subject"] for letter in letters] == [
        "Booked: Thresholds in practice",
        "Session 2 of 3: Thresholds in practice",
        "Session 3 of 3: Thresholds in practice",
    ]
    events = [event for letter in letters for event in calendar_part(letter).walk("VEVENT")]
    assert len({event["UID"] for event in events}) == len(events) == 3
    assert [e.decoded("DTSTART") for e in events] == [s.starts_at for s in booking.run.sessions.all()]
    assert all(letter["To"] == booking.person.email for letter in letters)


def test_a_place_that_is_given_up_leaves_the_calendar_with_all_its_sessions():
    booking = place(sessions=3)
    client = Client()
    emails.place_booked(booking, NOW)
    for letter in sent():
        client.take(letter)
    assert len(client.events) == 3
    gone = changed(booking, state=Booking.State.GIVEN_UP)
    emails.place_given_up(gone, NOW)
    for letter in sent():
        assert calendar_part(letter)["METHOD"] == "CANCEL"
        assert calendar_part(letter).walk("VEVENT")[0]["STATUS"] == "CANCELLED"
        client.take(letter)
    assert client.events == []


def test_booking_and_giving_up_by_the_ordinary_way_enters_and_takes_out(client):
    run, person = planned_run(starts_at=HALF_PAST_NINE), employed()
    booking = bookings.book(run=run, person=person, by=person, at=NOW)
    calendar_of = Client()
    calendar_of.take(sent()[0])
    assert len(calendar_of.events) == 1
    bookings.give_up(booking=booking, by=person, at=NOW + timedelta(minutes=5))
    calendar_of.take(sent(NOW + timedelta(minutes=6))[0])
    assert calendar_of.events == []


def moved_then_gone() -> list:
    """Three letters: booked, moved by a week, gone; each sent while it was the newest."""
    booking = place()
    emails.place_booked(booking, NOW)
    letters = sent()
    for rows in (Session.objects.filter(run=booking.run), Run.objects.filter(pk=booking.run_id)):
        row = rows.get()
        rows.update(starts_at=row.starts_at + timedelta(weeks=1), ends_at=row.ends_at + timedelta(weeks=1))
    booking = changed(booking)
    told_again(booking)
    letters += sent(NOW + timedelta(minutes=1))
    booking = changed(booking, state=Booking.State.CANCELLED)
    emails.place_given_up(booking, NOW + timedelta(minutes=2))
    return [*letters, *sent(NOW + timedelta(minutes=2))]


def test_a_run_that_moves_and_then_is_cancelled_is_gone_in_whatever_order_the_letters_arrive():
    letters = moved_then_gone()
    assert [int(calendar_part(letter).walk("VEVENT")[0]["SEQUENCE"]) for letter in letters] == [0, 1, 2]
    assert len({calendar_part(letter).walk("VEVENT")[0]["UID"] for letter in letters}) == 1
    for order in permutations(letters):
        client = Client()
        for letter in order:
            client.take(letter)
        assert client.events == []


def test_a_run_that_moved_is_where_it_is_now_in_whatever_order_the_letters_arrive():
    booked_letter, moved_letter, _ = moved_then_gone()
    for order in permutations([booked_letter, moved_letter]):
        client = Client()
        for letter in order:
            client.take(letter)
        assert [e.decoded("DTSTART") for e in client.events] == [HALF_PAST_NINE + timedelta(weeks=1)]


def test_a_letter_that_was_queued_before_a_change_says_what_is_true_when_it_is_sent():
    booking = place()
    emails.place_booked(booking, NOW)
    later = HALF_PAST_NINE + timedelta(hours=2)
    Session.objects.update(starts_at=later)
    changed(booking)
    (event,) = calendar_part(sent()[0]).walk("VEVENT")
    assert (event["SEQUENCE"], event.decoded("DTSTART")) == (1, later)


def test_letters_about_sessions_that_wait_while_the_place_goes_are_not_sent():
    booking = place(sessions=2)
    emails.place_booked(booking, NOW)
    changed(booking, state=Booking.State.GIVEN_UP)
    assert sent() == []


def test_a_session_that_is_no_longer_planned_is_taken_out_though_nothing_else_is_known_of_it():
    booking, client = place(sessions=2), Client()
    emails.place_booked(booking, NOW)
    for letter in sent():
        client.take(letter)
    gone = booking.run.sessions.last()
    pk = gone.pk
    gone.delete()
    invitations.session_gone(changed(booking), pk, NOW)
    (letter,) = sent()
    client.take(letter)
    assert len(client.events) == 1
    assert "no longer planned" in letter.get_body(("plain",)).get_content()


def test_whoever_only_waited_has_nothing_in_the_calendar_to_take_out():
    run = planned_run(capacity=1, sessions=2)
    booked(run)
    person = employed()
    waits = bookings.book(run=run, person=person, by=person, at=NOW)
    bookings.give_up(booking=waits, by=person, at=NOW)
    letters = sent()
    assert letters
    assert not any(has_calendar(letter) for letter in letters)


def test_the_joining_link_is_told_a_day_before_and_not_earlier():
    booking = place(starts_at=NOW + timedelta(hours=25))
    Session.objects.update(join_url="https://meet.example/secret")
    emails.place_booked(booking, NOW)
    early = calendar_part(sent()[0]).to_ical().decode()
    assert "meet.example" not in early
    assert "a day before" in early
    told_again(changed(booking), NOW + timedelta(hours=2))
    near = calendar_part(sent(NOW + timedelta(hours=2))[0])
    assert "https://meet.example/secret" in near.walk("VEVENT")[0]["DESCRIPTION"]


PROPERTIES = {
    *("UID", "SEQUENCE", "DTSTAMP", "STATUS", "TRANSP", "DTSTART", "DTEND", "SUMMARY", "LOCATION"),
    *("DESCRIPTION", "URL", "ORGANIZER", "ATTENDEE"),
}
HEADERS = {"Content-Type", "MIME-Version", "Subject", "From", "To", "Date", "Message-ID", "Auto-Submitted"}
HOSTILE = [
    "x\r\nATTENDEE:mailto:evil@x.example",
    "x\nEND:VEVENT\nBEGIN:VEVENT",
    "a;b,c\\nd:e",
    '"; X=1: "',
    "\x01\x07\x1b[31m",
    "\u202egnp.exe",
    "=HYPERLINK(1)",
]


@pytest.mark.parametrize("typed", HOSTILE)
def test_what_somebody_typed_adds_no_line_to_a_calendar_and_no_header_to_a_mail(typed):
    booking = place(title=typed)
    Session.objects.update(venue=typed)
    Person.objects.filter(pk=booking.person_id).update(given_name=typed[:100])
    emails.place_booked(booking, NOW)
    (letter,) = sent()
    found = calendar_part(letter)
    (event,) = found.walk("VEVENT")
    assert event["ATTENDEE"] == f"mailto:{booking.person.email}"
    assert set(event) == PROPERTIES
    for char in "\r\n\x01\x07\x1b\u202e":
        assert char not in event["SUMMARY"] + event["LOCATION"]
    assert set(letter.keys()) == HEADERS


def test_a_message_is_to_one_person_and_says_nothing_of_others():
    run = planned_run(starts_at=HALF_PAST_NINE)
    people = [booked(run) for _ in range(3)]
    for booking in people:
        emails.place_booked(booking, NOW)
    for letter, booking in zip(sent(), people, strict=True):
        text = letter.as_string() + calendar_part(letter).to_ical().decode()
        assert booking.person.email in text
        assert not any(other.person.email in text for other in people if other != booking)


def test_lines_are_no_longer_than_the_format_allows():
    when = datetime(2027, 1, 5, 9, 30, tzinfo=UTC)
    said = Happening("a@b.example", 0, NOW, "é" * 300, when, when + timedelta(hours=1), description="ö" * 900)
    made = calendar.request(said, organiser=Party("A", "a@b.example"), attendee=Party("Ü" * 200, "b@b.example"))
    assert all(len(line.encode()) <= 75 for line in made.text.split("\r\n"))


def test_loading_what_messages_are_about_takes_as_many_queries_for_three_as_for_one(django_assert_num_queries):
    made = [place(sessions=2) for _ in range(3)]
    for some in (made[:1], made):
        pairs = {(b.pk, s.pk) for b in some for s in b.run.sessions.all()}
        with django_assert_num_queries(3):
            assert len(invitations._load_sittings(pairs, NOW)) == len(some) * 2


def test_a_message_without_a_calendar_is_plain_as_before():
    booking = place()
    Booking.objects.update(state="queued", queue_position=1)
    emails.place_in_queue(booking, NOW)
    (letter,) = sent()
    assert letter.get_content_type() == "text/plain"
    assert OutboxMessage.objects.get().state == "sent"
