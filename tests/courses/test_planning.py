"""Planning: who may, courses, rooms, runs; publishing, moving and cancelling tell whom they concern, once."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from academy.lib import registry
from academy.lib.dates import at_hour, end_of_day, london_day
from courses.actions import bookings, clashes, runs
from courses.actions import courses as course_actions
from courses.actions.runs import Keeping, RunRefused, Slot, Terms
from courses.models import (
    Approval,
    Attendance,
    Booking,
    BookingQuestion,
    Charge,
    Course,
    Interest,
    KeptPlaces,
    Room,
    Run,
    Session,
)
from courses.models.states import WrongState
from partners import audit, outbox
from partners.models import AuditEvent, OutboxMessage
from tests.factories import (
    NOW,
    TODAY,
    AgencyFactory,
    CourseFactory,
    JobRoleFactory,
    booked,
    employed,
    granted,
    holding,
    planned_run,
)

pytestmark = pytest.mark.django_db
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture
def lead():
    return holding("lead")


@pytest.fixture
def browser(lead, as_person):
    return as_person(lead)


def draft(**course) -> Run:
    run = planned_run(**course)
    Run.objects.filter(pk=run.pk).update(state="draft")
    run.refresh_from_db()
    Course.objects.filter(pk=run.course_id).refresh_next_start(NOW)
    return run


def a_session(number: int = 0, **facts) -> dict[str, str]:
    said = {"day": "2027-01-12", "begins": "9:30", "ends": "16:00", "room": "", "venue": "", "join_url": ""} | facts
    return {f"session-{number}-{name}": value for name, value in said.items()}


def a_run(**facts) -> dict[str, str]:
    return {"rows": "1", "capacity": "12", "trainers": ""} | a_session() | facts


def sent(kind: str) -> list[str]:
    """Who is told so, by address."""
    found = OutboxMessage.objects.filter(kind=f"courses.{kind}").select_related("person")
    return sorted(message.person.email for message in found)


def mail(kind: str) -> str:
    message = OutboxMessage.objects.filter(kind=f"courses.{kind}").latest("pk")
    item = outbox._kinds[message.kind]
    pk = message.subjects[item.subject]
    written = item.render(item.load({pk}, NOW)[pk])
    return f"{written.subject}\n{written.text}"


def told() -> list[str]:
    return [line.text for line in audit.told(AuditEvent.objects.order_by("pk"))]


# --- Courses --------------------------------------------------------------------------------------------------------


def a_course(owner, **facts) -> dict[str, object]:
    said = {"title": "Seeing neglect", "summary": "See it early.", "kind": "classroom", "cpd_hours": "6"}
    return said | {"attendance_share": "100", "owner": owner.pk, "open_to": "everyone"} | facts


def test_a_course_is_added_with_all_its_facts_and_is_not_in_the_catalogue_until_published(browser, lead):
    owner, partner = AgencyFactory(), AgencyFactory()
    before, job, contact = CourseFactory(title="Basics"), JobRoleFactory(), employed()
    facts = {
        "requires": "basics\n",
        "job_roles": [job.pk],
        "contact": contact.email,
        "fee": "£1,045.50",
        "credits": "20",
    }
    facts |= {
        "open_to": "chosen",
        "open_to_kinds": ["school"],
        "open_to_agencies": [partner.pk],
        "needs_approval": "on",
    }
    response = browser.post("/planning/courses/add/", a_course(owner, **facts))
    made = Course.objects.get(title="Seeing neglect")
    assert response.headers["Location"] == f"/planning/courses/{made.pk}/"
    assert (made.published, made.fee, made.credits, made.needs_approval) == (False, 1045.5, 20, True)
    assert (list(made.requires.all()), list(made.job_roles.all()), made.contact) == ([before], [job], contact)
    assert (made.open_to_kinds, list(made.open_to_agencies.all())) == (["school"], [partner])
    assert browser.post(f"/planning/courses/{made.pk}/publish/").status_code == 302
    assert Course.objects.offered().filter(pk=made.pk).exists()
    assert told() == [f"{lead} added the course Seeing neglect.", f"{lead} published the course Seeing neglect."]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"title": ""}, "Enter the title"),
        ({"kind": ""}, "Choose the format"),
        ({"cpd_hours": "many"}, "CPD hours: enter a number"),
        ({"attendance_share": "101"}, "100 per cent is all of them"),
        ({"fee": "-3"}, "enter an amount like 45"),
        ({"requires": "No such course"}, "No course is called ‘No such course’"),
        ({"contact": "Nobody Atall"}, "We know nobody called ‘Nobody Atall’"),
        ({"open_to": "chosen"}, "Choose the agencies or kinds of agency"),
        ({"review_on": "soon"}, "enter a day like 27/3/2027"),
        ({"summary": "x" * 301}, "use 300 characters or fewer"),
    ],
)
def test_a_course_with_something_wrong_is_not_saved_and_keeps_what_was_typed(browser, wrong, said):
    page = browser.post("/planning/courses/add/", a_course(AgencyFactory(), audience="Visitors of homes", **wrong))
    text = page.content.decode()
    assert said in text
    assert "Visitors of homes" in text
    assert Course.objects.filter(summary="See it early.").count() == 0


def test_a_course_never_comes_before_itself(browser):
    first, second = CourseFactory(title="First"), CourseFactory(title="Second")
    second.requires.add(first)
    page = browser.post(f"/planning/courses/{first.pk}/change/", a_course(first.owner, requires="Second"))
    assert "needs this course itself" in page.content.decode()
    assert not first.requires.exists()


def test_a_change_of_fee_leaves_bookings_as_they_were_made(browser):
    run = planned_run(fee=20)
    held = booked(run)
    Booking.objects.filter(pk=held.pk).update(fee=20)
    browser.post(f"/planning/courses/{run.course_id}/change/", a_course(run.course.owner, fee="99"))
    held.refresh_from_db()
    run.course.refresh_from_db()
    assert (run.course.fee, held.fee) == (99, 20)


def test_a_course_taken_out_of_the_catalogue_keeps_its_runs_and_bookings(browser, lead):
    run = planned_run(title="Court skills")
    booked(run)
    browser.post(f"/planning/courses/{run.course_id}/publish/", {"withdraw": "1"})
    run.refresh_from_db()
    assert (run.course.published, run.state, run.bookings.live().count()) == (False, "published", 1)
    assert told() == [f"{lead} took the course Court skills out of the catalogue."]


def test_a_copy_of_a_course_has_its_questions_and_none_of_its_dates(browser):
    theme_of = planned_run(title="Court skills", aims="Be calm", fee=5).course
    theme_of.requires.add(CourseFactory(title="Basics"))
    BookingQuestion.objects.create(course=theme_of, text="Which court?")
    response = browser.post(f"/planning/courses/{theme_of.pk}/copy/")
    made = Course.objects.get(title="Court skills (copy)")
    assert response.headers["Location"] == f"/planning/courses/{made.pk}/change/"
    assert (made.published, made.next_start, made.runs.count(), made.aims, made.fee) == (False, None, 0, "Be calm", 5)
    assert [question.text for question in made.questions.all()] == ["Which court?"]
    assert [course.title for course in made.requires.all()] == ["Basics"]
    assert theme_of.questions.count() == 1


def test_questions_are_asked_in_order_and_go_when_their_words_do(browser):
    course = CourseFactory()
    address = f"/planning/courses/{course.pk}/questions/"
    choice = {"question-1-text": "Which day?", "question-1-kind": "choice", "question-1-choices": "Monday\nTuesday"}
    browser.post(address, {"question-0-text": "Why?", "question-0-kind": "text"} | choice)
    assert [(q.text, q.options) for q in course.questions.all()] == [
        ("Why?", []),
        ("Which day?", ["Monday", "Tuesday"]),
    ]
    browser.post(address, {"question-0-text": "", "question-0-kind": "text"} | choice)
    assert [question.text for question in course.questions.all()] == ["Which day?"]
    page = browser.post(address, {"question-0-text": "One?", "question-0-kind": "choice", "question-0-choices": "A"})
    assert "Enter at least two choices" in page.content.decode()


def test_a_question_that_people_to_come_have_answered_stays(lead):
    run = planned_run()
    asked = BookingQuestion.objects.create(course=run.course, text="Which court?")
    Booking.objects.filter(pk=booked(run).pk).update(answers={str(asked.pk): "Larkford"})
    with pytest.raises(course_actions.QuestionAnswered, match="1 person who is to come has answered"):
        course_actions.set_questions(course=run.course, questions=[], by=lead, at=NOW)
    assert run.course.questions.count() == 1


# --- Whose they are -------------------------------------------------------------------------------------------------


def test_a_coordinator_plans_the_own_agencys_training_and_nobody_elses(as_person):
    agency, other = AgencyFactory(), AgencyFactory()
    browser = as_person(holding("coordinator", agency=agency, scoped=True))
    own, theirs = planned_run(title="Ours", owner=agency), planned_run(title="Theirs", owner=other)
    page = browser.get("/planning/").content.decode() + browser.get("/planning/courses/").content.decode()
    assert "Ours" in page
    assert "Theirs" not in page
    for way in ("", "change/", "move/", "cancel/"):
        assert browser.get(f"/planning/runs/{own.pk}/{way}").status_code == 200
        assert browser.get(f"/planning/runs/{theirs.pk}/{way}").status_code == 404
    for way in ("", "change/", "questions/", "runs/add/"):
        assert browser.get(f"/planning/courses/{own.course_id}/{way}").status_code == 200
        assert browser.get(f"/planning/courses/{theirs.course_id}/{way}").status_code == 404


def test_a_coordinator_cannot_offer_a_course_in_the_name_of_another_agency(as_person):
    agency, other = AgencyFactory(), AgencyFactory()
    browser = as_person(holding("coordinator", agency=agency, scoped=True))
    assert "Choose who offers it" in browser.post("/planning/courses/add/", a_course(other)).content.decode()
    browser.post("/planning/courses/add/", a_course(agency, open_to="owner"))
    assert Course.objects.get().owner == agency


def test_a_coordinator_names_only_people_of_the_own_agency_as_trainers_and_keeps_those_there_are(as_person):
    agency = AgencyFactory()
    browser = as_person(holding("coordinator", agency=agency, scoped=True))
    outsider, colleague = employed(), employed(agency=agency)
    run = planned_run(owner=agency, trainers=[outsider])
    asked = {"capacity": "20", "trainers": f"{outsider.name}, {outsider.email}\n{colleague.email}"}
    browser.post(f"/planning/runs/{run.pk}/change/", asked)
    assert set(run.trainers.all()) == {outsider, colleague}
    page = browser.post(f"/planning/runs/{run.pk}/change/", asked | {"trainers": employed().email})
    assert "We know nobody called" in page.content.decode()


def test_only_a_lead_keeps_the_list_of_rooms(as_person, browser):
    room = Room.objects.create(name="Weir room", seats=8)
    coordinator = as_person(holding("coordinator", scoped=True))
    assert "Weir room" in coordinator.get("/planning/rooms/").content.decode()
    assert coordinator.get(f"/planning/rooms/{room.pk}/").status_code == 403
    assert browser.get(f"/planning/rooms/{room.pk}/").status_code == 200


# --- Rooms ----------------------------------------------------------------------------------------------------------


def test_a_room_is_added_renamed_and_taken_out_of_use(browser, lead):
    browser.post("/planning/rooms/add/", {"name": "Weir room", "area": "Saltmarsh", "seats": "12", "in_use": "on"})
    room = Room.objects.get()
    coming, past = planned_run(), planned_run(starts_at=NOW - 9 * DAY)
    Session.objects.filter(run__in=[coming, past]).update(room=room, venue="Weir room")
    browser.post(f"/planning/rooms/{room.pk}/", {"name": "Mill room", "area": "saltmarsh", "seats": "12"})
    room.refresh_from_db()
    assert (room.name, room.area, room.in_use) == ("Mill room", "saltmarsh", False)
    assert (coming.sessions.get().venue, past.sessions.get().venue) == ("Mill room", "Weir room")
    assert told() == [f"{lead} added the room Mill room.", f"{lead} changed the room Mill room."]


def test_an_area_is_written_as_other_rooms_write_it_and_a_name_is_there_once(browser):
    Room.objects.create(name="Weir room", area="Saltmarsh", seats=8)
    browser.post("/planning/rooms/add/", {"name": "Mill room", "area": " SALTMARSH", "seats": "12", "in_use": "on"})
    assert Room.objects.get(name="Mill room").area == "Saltmarsh"
    page = browser.post("/planning/rooms/add/", {"name": "weir  ROOM", "seats": "1"}).content.decode()
    assert "There is a room of this name already" in page


# --- Adding a run ---------------------------------------------------------------------------------------------------


def test_a_run_is_planned_as_a_draft_that_only_its_planners_see(browser, as_person):
    course, room = CourseFactory(), Room.objects.create(name="Weir room", seats=12)
    trainer = employed()
    said = a_run(
        rows="3", trainers=trainer.name, minimum="4", books_until="2027-01-05", cost="250", joining="Bring lunch"
    )
    said |= a_session(0, room=room.pk) | a_session(1, day="19/01/2027", begins="1pm", ends="3.30pm")
    response = browser.post(f"/planning/courses/{course.pk}/runs/add/", said)
    run = Run.objects.get()
    assert response.headers["Location"] == f"/planning/runs/{run.pk}/"
    assert (run.state, run.capacity, run.minimum, run.cost, run.joining) == ("draft", 12, 4, 250, "Bring lunch")
    assert run.books_until == end_of_day(TODAY.replace(year=2027, month=1, day=5))
    assert list(run.trainers.all()) == [trainer]
    first, second = run.sessions.all()
    assert (first.venue, first.room, second.venue, second.room) == ("Weir room", room, "Online", None)
    assert (run.starts_at, run.ends_at) == (first.starts_at, second.ends_at)
    assert second.starts_at == at_hour(TODAY.replace(year=2027, month=1, day=19), 13)
    assert as_person(employed()).get(f"/runs/{run.pk}/").status_code == 404
    course.refresh_from_db()
    assert course.next_start is None


def test_another_row_keeps_what_was_typed_and_complains_of_nothing(browser):
    course = CourseFactory()
    said = a_run(more="1", capacity="", trainers="Nobody Atall") | a_session(0, venue="The Barn", ends="")
    page = browser.post(f"/planning/courses/{course.pk}/runs/add/", said).content.decode()
    assert 'value="The Barn"' in page
    assert "Session 2" in page
    assert "There is a problem" not in page
    assert "govuk-error-message" not in page
    assert not Run.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (a_session(day="", begins="", ends=""), "at least one session"),
        (a_session(day=""), "Enter the day"),
        (a_session(ends="soon"), "enter a time like 9:30am"),
        (a_session(ends="9am"), "It would end before it starts"),
        (a_session(day="2027-03-28", begins="1:30", ends="3:00"), "there is no 1:30am that night"),
        (a_session(day="2027-10-31", begins="1:30", ends="3:00"), "1:30am comes twice"),
        ({"rows": "2"} | a_session(1, begins="15:00", ends="17:00"), "Two of these sessions are at the same time"),
        (a_session(join_url="javascript:alert(1)"), "Enter a joining link that starts with https://"),
        ({"capacity": "0"}, "enter a whole number, 1 or more"),
        ({"minimum": "13"}, "There are fewer places than that"),
        ({"books_from": "2027-01-10", "books_until": "2027-01-01"}, "Booking would close before it opens"),
        ({"trainers": "Nobody Atall"}, "We know nobody called ‘Nobody Atall’"),
    ],
)
def test_a_run_with_something_wrong_is_not_saved_and_says_what(browser, wrong, said):
    page = browser.post(f"/planning/courses/{CourseFactory().pk}/runs/add/", a_run(joining="Bring lunch") | wrong)
    assert said in page.content.decode()
    assert "Bring lunch" in page.content.decode()
    assert not Run.objects.exists()


def test_a_name_that_fits_two_people_asks_for_the_address(browser):
    for person in (employed(), employed()):
        person.given_name, person.family_name = "Sam", "Twin"
        person.save()
        person.search_key = f" twin sam {person.email}"
        person.save()
    page = browser.post(f"/planning/courses/{CourseFactory().pk}/runs/add/", a_run(trainers="Sam Twin"))
    assert "write the e-mail address instead" in page.content.decode()


def test_a_clash_is_shown_before_saving_and_saved_only_where_just_that_was_confirmed(browser):
    room, course = Room.objects.create(name="Weir room", seats=10), CourseFactory()
    taken = planned_run(title="Court skills", starts_at=at_hour(TODAY.replace(year=2027, month=1, day=12), 9))
    taken.sessions.update(room=room)
    address, said = f"/planning/courses/{course.pk}/runs/add/", a_run() | a_session(room=room.pk)
    response = browser.post(address, said)
    page = response.content.decode()
    assert "Weir room is taken by Court skills" in page
    assert "Weir room seats 10, and this run has 12 places" in page
    assert course.runs.count() == 0
    digest = response.context["digest"]
    browser.post(address, said | {"despite": clashes.digest(["something else"])})
    assert course.runs.count() == 0
    browser.post(address, said | {"despite": digest})
    assert course.runs.count() == 1


# --- Publishing -----------------------------------------------------------------------------------------------------


def test_a_draft_is_published_and_then_leads_the_catalogue(browser, lead):
    run = draft()
    browser.post(f"/planning/runs/{run.pk}/publish/")
    run.refresh_from_db()
    assert (run.state, run.course.next_start) == ("published", run.starts_at)
    assert told()[-1] == f"{lead} published {run}."
    assert not OutboxMessage.objects.exists()


def test_those_who_wait_for_a_date_hear_of_it(lead, monkeypatch):
    heard = []
    monkeypatch.setattr("courses.actions.interests.tell", lambda run, at: heard.append(run.pk))
    run = runs.publish_run(run=draft(), by=lead, at=NOW)
    assert heard == [run.pk]


@pytest.mark.parametrize(
    ("course", "said"),
    [({"published": False}, "The course is not published"), ({"starts_at": NOW - HOUR}, "Its first session has begun")],
)
def test_a_draft_that_nobody_could_book_is_not_published(lead, course, said):
    with pytest.raises(RunRefused, match=said):
        runs.publish_run(run=draft(**course), by=lead, at=NOW)


def test_what_is_published_is_not_published_again(lead):
    with pytest.raises(WrongState):
        runs.publish_run(run=planned_run(), by=lead, at=NOW)


def test_drafts_that_clash_are_not_ticked_and_those_that_nobody_could_book_have_nothing_to_tick(browser):
    trainer, at = employed(), NOW + 20 * DAY
    free, hidden = draft(title="Free"), draft(title="Hidden", published=False)
    busy = [draft(title=title, starts_at=at, trainers=[trainer]) for title in ("One", "Other")]
    Interest.objects.create(course=free.course, person=employed(), asked_at=NOW)
    page = browser.get("/planning/publish/")
    words = " ".join(page.content.decode().split())
    found = {run.pk: (len(clashing), waiting) for run, clashing, waiting in page.context["rows"]}
    assert found == {free.pk: (0, 1), hidden.pk: (0, 0)} | {run.pk: (1, 0) for run in busy}
    assert f'value="{free.pk}" data-row checked' in words
    assert all(f'value="{run.pk}" data-row>' in words for run in busy)
    assert f'value="{hidden.pk}"' not in words
    assert f"{trainer} teaches Other, " in words


def test_those_ticked_are_published_and_what_keeps_one_a_draft_keeps_no_other(browser):
    ticked, hidden, left = draft(), draft(title="Hidden", published=False), draft()
    page = browser.post("/planning/publish/", {"run": [ticked.pk, hidden.pk, "x", "9" * 30]}, follow=True)
    for run, state in ((ticked, "published"), (hidden, "draft"), (left, "draft")):
        run.refresh_from_db()
        assert run.state == state
    said = page.content.decode()
    assert "1 run is open for booking." in said
    assert "Hidden, " in said
    assert "The course is not published, so nobody would find this run." in said
    again = browser.post("/planning/publish/", {"run": [ticked.pk]}, follow=True).content.decode()
    assert "Nothing was published: tick the drafts to publish." in again


def test_a_coordinator_publishes_drafts_of_the_own_agency_alone(as_person):
    agency = AgencyFactory()
    own, other = draft(owner=agency), draft()
    browser = as_person(granted(employed(), "coordinator", agency=agency))
    assert [run.pk for run, _, _ in browser.get("/planning/publish/").context["rows"]] == [own.pk]
    browser.post("/planning/publish/", {"run": [own.pk, other.pk]})
    assert list(Run.objects.filter(state="published").values_list("pk", flat=True)) == [own.pk]


def test_the_drafts_ask_no_more_for_three_than_for_one(browser):
    counts = []
    for more in (1, 2):
        for _ in range(more):
            draft(trainers=[employed()])
        with CaptureQueriesContext(connection) as seen:
            browser.get("/planning/publish/")
        counts.append(len(seen))
    assert counts[0] == counts[1]


# --- Changing -------------------------------------------------------------------------------------------------------


def test_terms_are_changed_and_what_was_changed_is_told(lead):
    run, trainer = planned_run(), employed()
    terms = Terms(capacity=20, minimum=3, trainers=[trainer], kept=[Keeping(2, NOW + DAY, agency_kind="school")])
    runs.change_run(run=run, terms=terms, by=lead, at=NOW)
    run.refresh_from_db()
    assert (run.minimum, list(run.trainers.all()), run.kept_places.get().places) == (3, [trainer], 2)
    assert told() == [f"{lead} changed the minimum, trainers and places kept of {run}."]
    runs.change_run(run=run, terms=terms, by=lead, at=NOW)
    assert len(told()) == 1


def test_more_places_go_to_those_who_wait_and_fewer_than_are_held_are_refused(browser):
    run = planned_run(capacity=1)
    booked(run)
    waiting = booked(run)
    Booking.objects.filter(pk=waiting.pk).update(state="queued", queue_position=1, booked_at=None)
    address = f"/planning/runs/{run.pk}/change/"
    browser.post(address, {"capacity": "2", "trainers": ""})
    waiting.refresh_from_db()
    assert waiting.state in ("booked", "offered")
    page = browser.post(address, {"capacity": "1", "trainers": ""}).content.decode()
    assert "2 people hold a place on this run" in page
    run.refresh_from_db()
    assert run.capacity == 2


def test_places_are_kept_for_agencies_and_kinds_and_never_more_than_there_are(browser):
    run, agency = planned_run(capacity=4), AgencyFactory(name="Elm Primary")
    address, said = f"/planning/runs/{run.pk}/change/", {"capacity": "4", "trainers": ""}
    kept = {"kept-0-whose": f"agency:{agency.pk}", "kept-0-places": "2", "kept-0-until": "2026-12-01"}
    kept |= {"kept-1-whose": "kind:early_years", "kept-1-places": "1", "kept-1-until": "2026-12-01"}
    browser.post(address, said | kept)
    assert {str(each) for each in run.kept_places.all()} == {"2 for Elm Primary", "1 for early years"}
    page = browser.post(address, said | kept | {"kept-1-places": "3"}).content.decode()
    assert "More places are kept than the 4 that there are" in page
    assert (
        "Places are kept twice"
        in browser.post(address, said | kept | {"kept-1-whose": f"agency:{agency.pk}"}).content.decode()
    )
    page = browser.post(address, said | {"kept-0-whose": "kind:gp"}).content.decode()
    assert "Enter how many places are kept" in page
    browser.post(address, said | {"kept-0-whose": "", "kept-0-places": "", "kept-0-until": ""})
    assert not KeptPlaces.objects.exists()


def test_places_are_kept_from_the_first_on(browser):
    course = CourseFactory()
    address, said = f"/planning/courses/{course.pk}/runs/add/", {"rows": "1", "capacity": "4", "trainers": ""}
    said |= {"session-0-day": "2027-01-11", "session-0-begins": "9:30", "session-0-ends": "12:30"}
    kept = {"kept-0-whose": "kind:school", "kept-0-places": "5", "kept-0-until": "2027-01-04"}
    page = browser.post(address, said | kept).content.decode()
    assert '<a href="#id_kept-0-whose">More places are kept than the 4 that there are</a>' in page
    assert 'value="2027-01-04"' in page
    assert (
        "Enter how many" not in browser.post(address, said | kept | {"kept-0-places": "", "more": "1"}).content.decode()
    )
    browser.post(address, said | kept | {"kept-0-places": "2"})
    assert [str(each) for each in course.runs.get().kept_places.all()] == ["2 for school or college"]


def test_notes_and_the_recording_stand_on_the_page_of_a_run_that_was_held(browser):
    held, coming = planned_run(starts_at=NOW - 9 * DAY), planned_run()
    Run.objects.filter(pk=held.pk).update(notes="The room was cold", recording_url="https://video.example/7")
    page = browser.get(f"/planning/runs/{held.pk}/").content.decode()
    for part in (
        "The room was cold",
        "https://video.example/7",
        f"/runs/{held.pk}/notes/",
        f"/runs/{held.pk}/recording/",
    ):
        assert part in page
    assert f"/runs/{coming.pk}/notes/" not in browser.get(f"/planning/runs/{coming.pk}/").content.decode()


def test_who_is_told_leaves_out_those_who_are_none():
    assert [str(runs.Hearers(*counts)) for counts in ((1, 0, 2), (0, 3, 1), (2, 1, 1), (0, 0, 1))] == [
        "1 person with a place and 2 trainers",
        "3 in the queue and 1 trainer",
        "2 people with a place, 1 in the queue and 1 trainer",
        "1 trainer",
    ]


@pytest.mark.parametrize("state", ["cancelled", "completed"])
def test_what_is_over_can_no_longer_be_changed(browser, lead, state):
    run = planned_run()
    Run.objects.filter(pk=run.pk).update(state=state)
    slot = Slot(NOW + DAY, NOW + DAY + HOUR, "Online")
    for refused in (
        lambda: runs.change_run(run=run, terms=Terms(1), by=lead, at=NOW),
        lambda: runs.move_run(run=run, slots=[slot], by=lead, at=NOW),
        lambda: runs.cancel_run(run=run, reason="x", by=lead, at=NOW),
    ):
        with pytest.raises(RunRefused, match="can no longer be changed"):
            refused()
    for way in ("change", "move", "cancel"):
        assert browser.get(f"/planning/runs/{run.pk}/{way}/").headers["Location"] == f"/planning/runs/{run.pk}/"


# --- Moving ---------------------------------------------------------------------------------------------------------


def later(run: Run, by: timedelta = 7 * DAY) -> list[Slot]:
    return [
        Slot(s.starts_at + by, s.ends_at + by, s.venue, s.room, s.join_url, s.pk) for s in run.sessions.order_by("pk")
    ]


@pytest.fixture
def busy():
    """A run with a trainer, one who has a place and one who waits."""
    run = planned_run(title="Court skills", capacity=1, trainers=[employed()])
    booked(run)
    Booking.objects.filter(pk=booked(run).pk).update(state="queued", queue_position=1)
    return run


def test_a_run_that_moves_tells_everyone_once_and_their_calendars_follow(busy, lead):
    everyone = sorted(booking.person.email for booking in busy.bookings.all())
    gone = booked(busy, employed())
    Booking.objects.filter(pk=gone.pk).update(state="given_up")
    (before,) = busy.sessions.all()
    runs.move_run(run=busy, slots=later(busy), by=lead, at=NOW)
    busy.refresh_from_db()
    session = busy.sessions.get()
    assert (session.pk, session.starts_at) == (before.pk, before.starts_at + 7 * DAY)
    assert (busy.starts_at, busy.course.next_start) == (session.starts_at, session.starts_at)
    assert sent("run_moved") == everyone
    assert sent("run_moved_trainer") == [busy.trainers.get().email]
    assert list(busy.bookings.live().values_list("calendar_sequence", flat=True)) == [1, 1]
    gone.refresh_from_db()
    assert gone.calendar_sequence == 0
    assert told() == [f"{lead} changed the dates or places of {busy}, and 3 people were told."]
    assert "New date or place: Court skills" in mail("run_moved")
    assert "30 December 2026" in mail("run_moved")
    assert "30 December 2026" in mail("run_moved_trainer")


def test_half_past_nine_stays_half_past_nine_in_the_mail_about_a_move_to_summer(busy, browser):
    said = {"rows": "1"} | a_session(day="2027-07-01", begins="9.30am", session=busy.sessions.get().pk, venue="Room 2")
    browser.post(f"/planning/runs/{busy.pk}/move/", said)
    assert "Thursday 1 July 2027, 9:30am to 4pm" in mail("run_moved")
    assert "9:30am to 4pm" in browser.get(f"/planning/runs/{busy.pk}/").content.decode()


def test_giving_up_a_place_on_a_run_that_moved_is_never_late(busy, lead):
    busy.bookings.update(free_until_days=7)
    runs.move_run(run=busy, slots=later(busy, -29 * DAY), by=lead, at=NOW)
    held = busy.bookings.booked().select_related("run").get()
    assert not held.is_late(NOW)


def test_saving_the_same_dates_again_tells_nobody(busy, lead):
    runs.move_run(run=busy, slots=later(busy, 0 * DAY), by=lead, at=NOW)
    assert not OutboxMessage.objects.exists()
    assert told() == []


def test_each_move_is_told_once_more(busy, lead):
    for week in (1, 2):
        runs.move_run(run=busy, slots=later(busy), by=lead, at=NOW + week * HOUR)
    assert len(sent("run_moved")) == 4
    assert len(sent("run_moved_trainer")) == 2


def test_a_draft_moves_without_a_word(lead):
    run = draft(trainers=[employed()])
    runs.move_run(run=run, slots=later(run), by=lead, at=NOW)
    assert not OutboxMessage.objects.exists()
    assert told()[-1].endswith("and 0 people were told.")


def test_two_sessions_change_places_and_one_more_comes(lead):
    run = planned_run(sessions=2)
    one, two = run.sessions.all()
    slots = [
        Slot(two.starts_at, two.ends_at, "Here", session=one.pk),
        Slot(one.starts_at, one.ends_at, "There", session=two.pk),
        Slot(two.starts_at + DAY, two.ends_at + DAY, "Online"),
    ]
    runs.move_run(run=run, slots=slots, by=lead, at=NOW)
    assert [session.venue for session in run.sessions.all()] == ["There", "Here", "Online"]
    assert set(run.sessions.values_list("pk", flat=True)) > {one.pk, two.pk}
    run.refresh_from_db()
    assert run.ends_at == two.ends_at + DAY


def test_a_session_that_has_begun_stays_with_its_register(lead):
    run = planned_run(starts_at=NOW - DAY, sessions=2)
    begun = run.sessions.first()
    held = booked(run)
    Attendance.objects.create(booking=held, session=begun, mark="present", marked_at=NOW)
    stays, moves = later(run, 0 * DAY)
    runs.move_run(run=run, slots=[stays, later(run)[1]], by=lead, at=NOW)
    for slots in ([moves], [later(run, HOUR)[0], moves]):
        with pytest.raises(RunRefused, match="A session that has begun"):
            runs.move_run(run=run, slots=slots, by=lead, at=NOW)
    assert held.attendances.count() == 1


def test_a_session_of_another_run_is_not_taken_along(lead):
    run, other = planned_run(), planned_run()
    (slot,) = later(other)
    runs.move_run(run=run, slots=[slot], by=lead, at=NOW)
    assert other.sessions.get().starts_at == other.starts_at
    assert run.sessions.get().starts_at == slot.starts_at


def test_the_page_says_who_will_be_told_and_whom_it_puts_in_two_places(busy, browser):
    address = f"/planning/runs/{busy.pk}/move/"
    page = browser.get(address).content.decode()
    assert "3 people will be told by e-mail, each once: 1 person with a place, 1 in the queue and 1 trainer." in page
    elsewhere = planned_run(starts_at=at_hour(TODAY.replace(year=2027, month=1, day=12), 9))
    booked(elsewhere, busy.bookings.booked().get().person)
    said = {"rows": "1"} | a_session(session=busy.sessions.get().pk, venue="Room 2")
    response = browser.post(address, said)
    assert "1 person with a place on this run will have another at the same time" in response.content.decode()
    assert not OutboxMessage.objects.exists()
    browser.post(address, said | {"despite": response.context["digest"]})
    assert len(sent("run_moved")) == 2


def test_what_is_typed_as_a_session_reads_as_it_was_saved(browser):
    run = planned_run(starts_at=at_hour(TODAY.replace(year=2027, month=7, day=1), 9, 30))
    page = browser.get(f"/planning/runs/{run.pk}/move/").content.decode()
    assert 'value="09:30"' in page
    assert 'value="2027-07-01"' in page
    assert 'value="Room 2"' in page


# --- Cancelling -----------------------------------------------------------------------------------------------------


def test_a_run_that_is_cancelled_ends_every_booking_and_tells_everyone_why_once(busy, lead):
    everyone = sorted(booking.person.email for booking in busy.bookings.all())
    runs.cancel_run(run=busy, reason="The trainer is ill.", by=lead, at=NOW)
    busy.refresh_from_db()
    assert (busy.state, busy.cancel_reason, busy.course.next_start) == ("cancelled", "The trainer is ill.", None)
    ended = list(busy.bookings.values_list("state", "calendar_sequence", "ended_at", "queue_position"))
    assert ended == [("cancelled", 1, NOW, None)] * 2
    assert sent("run_cancelled") == everyone
    assert sent("run_cancelled_trainer") == [busy.trainers.get().email]
    assert "The reason: The trainer is ill." in mail("run_cancelled")
    assert "Cancelled: Court skills" in mail("run_cancelled_trainer")
    assert told() == [f"{lead} cancelled {busy}, and 3 people were told."]
    with pytest.raises(RunRefused):
        runs.cancel_run(run=busy, reason="Again", by=lead, at=NOW)
    assert registry.broken_invariants() == []


def test_who_waits_for_approval_waits_no_longer_and_no_fee_is_due(busy, lead):
    held = busy.bookings.booked().get()
    approval = Approval.objects.create(booking=held, step="manager", asked_at=NOW, due_at=NOW + DAY)
    charge = Charge.objects.create(booking=held, agency=AgencyFactory(), kind="fee", amount=40, made_at=NOW)
    runs.cancel_run(run=busy, reason="x", by=lead, at=NOW)
    approval.refresh_from_db()
    charge.refresh_from_db()
    assert (approval.state, approval.decided_at) == ("dropped", NOW)
    assert (charge.due, charge.waiver_reason) == (0, "The run was cancelled")
    assert Charge.objects.count() == 1


def test_a_draft_is_cancelled_without_a_word(lead):
    run = draft(trainers=[employed()])
    runs.cancel_run(run=run, reason="x", by=lead, at=NOW)
    assert not OutboxMessage.objects.exists()


def test_a_run_whose_register_was_taken_is_closed_and_not_cancelled(lead):
    run = planned_run(starts_at=NOW - HOUR)
    Attendance.objects.create(booking=booked(run), session=run.sessions.get(), mark="late", marked_at=NOW)
    with pytest.raises(RunRefused, match="Close it instead"):
        runs.cancel_run(run=run, reason="x", by=lead, at=NOW)


def test_the_page_asks_why_and_says_who_will_be_told(busy, browser):
    address = f"/planning/runs/{busy.pk}/cancel/"
    assert "3 people will be told" in browser.get(address).content.decode()
    assert "Say why it is cancelled" in browser.post(address, {"reason": " "}).content.decode()
    browser.post(address, {"reason": "Snow"})
    assert "Cancelled: Snow" in browser.get(f"/planning/runs/{busy.pk}/").content.decode()


def test_moved_then_cancelled_the_later_message_is_the_one_that_counts(busy, lead):
    runs.move_run(run=busy, slots=later(busy), by=lead, at=NOW)
    runs.cancel_run(run=busy, reason="x", by=lead, at=NOW)
    assert set(busy.bookings.values_list("calendar_sequence", flat=True)) == {2}
    outbox.send_due(NOW)
    states = dict(OutboxMessage.objects.values_list("kind", "state"))
    assert states == {
        "courses.run_moved": "skipped",
        "courses.run_moved_trainer": "skipped",
        "courses.run_cancelled": "sent",
        "courses.run_cancelled_trainer": "sent",
    }


def test_nobody_books_a_run_while_it_is_cancelled(lead, busy):
    runs.cancel_run(run=busy, reason="x", by=lead, at=NOW)
    with pytest.raises(bookings.NotEligible, match="This run was cancelled"):
        bookings.book(run=busy, person=employed(), by=lead, at=NOW)


# --- Lists ----------------------------------------------------------------------------------------------------------


def listed(page) -> list[str]:
    return [run.course.title for run in page.context["page"]]


def test_runs_are_listed_by_state_where_full_is_one(browser):
    draft(title="Draft")
    planned_run(title="Open", starts_at=NOW + 2 * DAY, trainers=[employed()])
    booked(planned_run(title="Full", starts_at=NOW + 3 * DAY, capacity=1))
    for state in ("cancelled", "completed"):
        Run.objects.filter(pk=planned_run(title=state, starts_at=NOW - 9 * DAY).pk).update(state=state)
    assert listed(browser.get("/planning/")) == ["Open", "Full", "Draft"]
    for state, titles in {
        "draft": ["Draft"],
        "published": ["Open", "Full"],
        "full": ["Full"],
        "cancelled": ["cancelled"],
        "completed": ["completed"],
    }.items():
        assert listed(browser.get(f"/planning/?state={state}")) == titles
    assert listed(browser.get("/planning/?state=full&state=draft")) == ["Full", "Draft"]
    assert listed(browser.get(f"/planning/?first={TODAY + 3 * DAY}&last={TODAY + 3 * DAY}")) == ["Full"]
    trainer = Run.objects.get(course__title="Open").trainers.get()
    assert listed(browser.get("/planning/", {"q": trainer.family_name})) == ["Open"]
    assert listed(browser.get("/planning/?q=ful")) == ["Full"]


def test_courses_are_listed_by_state(browser):
    CourseFactory(title="Shown")
    CourseFactory(title="Hidden", published=False)
    CourseFactory(title="Old", review_on=TODAY)
    for query, titles in {
        "": ["Hidden", "Old", "Shown"],
        "state=hidden": ["Hidden"],
        "state=review": ["Old"],
        "state=published&q=sho": ["Shown"],
    }.items():
        assert [course.title for course in browser.get(f"/planning/courses/?{query}").context["page"]] == titles


def wants(course: Course, **facts) -> Interest:
    return Interest.objects.create(course=course, person=employed(), asked_at=NOW, **facts)


def test_what_most_people_wait_for_comes_first_with_the_days_and_areas_they_can_come(browser):
    little, much = CourseFactory(title="Little"), CourseFactory(title="Much")
    wants(little)
    wants(little, state="ended")
    wants(much, wants_place=True, days=[2], areas=["Saltmarsh"])
    wants(much, days=[2, 3])
    page = browser.get("/planning/wanted/")
    assert [(course.title, course.waiting, course.want_place) for course, _ in page.context["rows"]] == [
        ("Much", 2, 1),
        ("Little", 1, 0),
    ]
    text = page.content.decode()
    assert "Tuesday (2), Wednesday (1)" in text
    assert "Saltmarsh (1)" in text
    assert f"/planning/courses/{much.pk}/runs/add/" in text


@pytest.mark.parametrize("address", ["/planning/", "/planning/courses/", "/planning/rooms/", "/planning/wanted/"])
def test_lists_take_as_many_queries_for_one_as_for_three(browser, address):
    def one_more() -> None:
        run = planned_run(trainers=[employed()])
        Room.objects.create(name=f"Room {run.pk}", seats=1)
        wants(run.course)

    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert browser.get(address).status_code == 200
        return len(seen)

    one_more()
    queries()
    one = queries()
    one_more()
    one_more()
    assert queries() == one


def test_a_lead_who_coordinates_too_still_plans_everything(as_person):
    person = granted(holding("lead"), "coordinator", agency=AgencyFactory())
    run = planned_run()
    assert as_person(person).get(f"/planning/runs/{run.pk}/").status_code == 200
    assert london_day(run.starts_at) > TODAY


# --- Your list ------------------------------------------------------------------------------------------------------


def lines(person) -> list[str]:
    return [line.text for line in registry.todos(person, registry.roles_of(person, TODAY), TODAY)]


def test_planners_hear_of_runs_with_too_few_people_and_of_courses_to_look_at_again(lead):
    run = planned_run(title="Court skills", starts_at=NOW + 10 * DAY, review_on=TODAY)
    Run.objects.filter(pk=run.pk).update(minimum=1)
    wanted = ["Hold it or cancel it: Court skills", "Look at the content again: Court skills"]
    assert sorted(lines(lead)) == wanted
    assert sorted(lines(holding("coordinator", agency=run.course.owner, scoped=True))) == wanted
    assert lines(holding("coordinator", scoped=True)) == []
    assert sorted(lines(granted(lead, "coordinator", agency=run.course.owner))) == wanted
    booked(run)
    assert lines(lead) == ["Look at the content again: Court skills"]
