"""Finding training, and the pages of one's own bookings."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from academy.lib import registry
from courses.models import Achievement, Booking, Course, PracticeTheme, Run
from partners.models import Person
from tests.factories import NOW, TODAY, CourseFactory, achieved, booked, employed, holding, planned_run

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann():
    return employed()


@pytest.fixture
def browser(ann, as_person):
    return as_person(ann)


def titles(page) -> list[str]:
    return [course.title for course in page.context["page"]]


def queries(browser, address: str, data: dict | None = None) -> int:
    with CaptureQueriesContext(connection) as seen:
        response = browser.post(address, data) if data is not None else browser.get(address)
    assert response.status_code in (200, 302)
    return len(seen)


# --- Finding -----------------------------------------------------------------------------------------------------


def test_the_soonest_course_comes_first_and_those_without_dates_last(browser):
    CourseFactory(title="Someday")
    planned_run(title="Later", starts_at=NOW + timedelta(days=9))
    planned_run(title="Soon", starts_at=NOW + timedelta(days=2))
    assert titles(browser.get("/courses/")) == ["Soon", "Later", "Someday"]


@pytest.mark.parametrize("words", ["neglected", "neglecting", "NEGLECT", "neglect -thresholds", '"noticing neglect"'])
def test_a_word_is_found_in_any_of_its_forms(browser, words):
    planned_run(title="Noticing neglect")
    planned_run(title="Thresholds")
    assert titles(browser.get("/courses/", {"q": words})) == ["Noticing neglect"]


def test_a_title_counts_for_more_than_a_summary_and_a_summary_for_more_than_aims(browser):
    planned_run(title="One", aims="Work with neglect")
    planned_run(title="Two", summary="All about neglect.")
    planned_run(title="Neglect")
    assert titles(browser.get("/courses/?q=neglect")) == ["Neglect", "Two", "One"]


def test_filters_narrow_together(browser):
    theme = PracticeTheme.objects.create(name="Neglect", slug="neglect")
    for title, kind, tagged in [("A", "classroom", True), ("B", "online", True), ("C", "classroom", False)]:
        course = CourseFactory(title=title, kind=kind)
        if tagged:
            course.themes.add(theme)
        planned_run(course=course)
    assert titles(browser.get("/courses/?theme=neglect")) == ["A", "B"]
    assert titles(browser.get("/courses/?theme=neglect&kind=classroom")) == ["A"]
    assert titles(browser.get("/courses/?kind=classroom&kind=online")) == ["A", "B", "C"]


def test_two_themes_do_not_show_a_course_twice(browser):
    themes = [PracticeTheme.objects.create(name=slug, slug=slug) for slug in ("one", "two")]
    CourseFactory(title="Both").themes.set(themes)
    assert titles(browser.get("/courses/?theme=one&theme=two")) == ["Both"]


def test_only_with_places_left_leaves_out_full_runs_and_those_with_a_queue(browser):
    full = planned_run(title="Full", capacity=1)
    booked(full)
    waiting = planned_run(title="Waiting", capacity=2)
    Booking.objects.filter(pk=booked(waiting).pk).update(state="queued", queue_position=1)
    planned_run(title="Free", capacity=1)
    planned_run(title="Begun", starts_at=NOW - timedelta(hours=1))
    assert titles(browser.get("/courses/?places=1")) == ["Free"]
    page = browser.get("/courses/").content.decode()
    assert page.count("Full – join the queue") == 2


def test_what_was_chosen_stays_chosen(browser):
    PracticeTheme.objects.create(name="Neglect", slug="neglect")
    page = browser.get("/courses/?q=neglect&theme=neglect&kind=online&places=1").content.decode()
    assert 'value="neglect" autocomplete="off"' in page
    assert page.count(" checked") == 3
    assert "Clear filters" in page


@pytest.mark.parametrize(
    "query", ["theme=nonsense", "kind=nonsense", "page=minus", "page=99", "q=%00", "q=" + "x" * 201, "other=1"]
)
def test_nonsense_in_the_address_is_left_out(browser, query):
    planned_run(title="Thresholds")
    page = browser.get(f"/courses/?{query}")
    assert (page.status_code, titles(page)) == (200, ["Thresholds"])


def test_no_match_says_what_to_do(browser):
    page = browser.get("/courses/?q=astronomy").content.decode()
    assert "No course matches." in page
    assert "Try fewer filters or a different word." in page


def test_a_long_list_comes_in_pages_that_keep_the_filters(browser):
    for number in range(21):
        CourseFactory(title=f"Neglect {number:02}")
    page = browser.get("/courses/?q=neglect")
    assert len(titles(page)) == 20
    assert "?q=neglect&amp;page=2" in page.content.decode()
    assert titles(browser.get("/courses/?q=neglect&page=2")) == ["Neglect 20"]


def test_an_unpublished_course_is_not_found(browser):
    hidden = CourseFactory(published=False)
    assert titles(browser.get("/courses/")) == []
    assert browser.get(f"/courses/{hidden.pk}/").status_code == 404


def test_a_course_shows_its_coming_dates_only(browser):
    run = planned_run(title="Thresholds")
    planned_run(course=run.course, starts_at=NOW - timedelta(days=3))
    page = browser.get(f"/courses/{run.course_id}/").content.decode()
    assert page.count("places-left") == 0
    assert page.count("<h3") == 1
    assert "Wednesday 23 December 2026" in page
    assert "20 left" in page


def test_a_title_with_markup_is_shown_as_typed(browser):
    planned_run(title="<script>alert(1)</script>")
    assert "<script>alert" not in browser.get("/courses/").content.decode()


# --- Booking -----------------------------------------------------------------------------------------------------


def test_booking_from_the_page_leads_to_the_booking(browser, ann):
    run = planned_run(title="Thresholds")
    page = browser.post(f"/runs/{run.pk}/book/", {"access_needs": "Large print"}, follow=True)
    booking = Booking.objects.get()
    assert page.redirect_chain == [(f"/bookings/{booking.reference}/", 302)]
    assert "Place booked" in page.content.decode()
    assert booking.reference in page.content.decode()
    ann.refresh_from_db()
    assert ann.access_needs == "Large print"
    assert (
        "Large print"
        in browser.get(f"/runs/{planned_run(starts_at=NOW + timedelta(days=60)).pk}/book/").content.decode()
    )


def test_an_empty_form_books_too(browser):
    run = planned_run()
    assert browser.post(f"/runs/{run.pk}/book/").status_code == 302
    assert run.bookings.count() == 1


def test_opening_the_page_books_nothing(browser):
    run = planned_run()
    browser.get(f"/runs/{run.pk}/book/"), browser.head(f"/runs/{run.pk}/book/")
    assert not Booking.objects.exists()


def test_the_button_pressed_twice_leads_to_one_booking_twice(browser):
    run = planned_run()
    first, second = (browser.post(f"/runs/{run.pk}/book/", {}) for _ in range(2))
    assert first["Location"] == second["Location"]
    assert run.bookings.count() == 1


def test_fields_that_the_form_does_not_have_are_ignored(browser, ann):
    run, bob = planned_run(capacity=1), employed()
    booked(run)
    browser.post(
        f"/runs/{run.pk}/book/",
        {"state": "booked", "person": bob.pk, "queue_position": 0, "reference": "MINE", "agency": 1},
    )
    mine = Booking.objects.get(person=ann)
    assert (mine.state, mine.queue_position) == ("queued", 1)
    assert mine.reference != "MINE"
    assert not Booking.objects.filter(person=bob).exists()


def test_needs_that_are_too_long_keep_what_was_typed_and_say_what_to_do(browser):
    run = planned_run()
    page = browser.post(f"/runs/{run.pk}/book/", {"access_needs": "y" * 1001}).content.decode()
    assert "Use 1,000 characters or fewer" in page
    assert "<title>Error: " in page
    assert "y" * 1001 in page
    assert not Booking.objects.exists()


def test_a_full_run_offers_the_queue_and_shows_ones_place_in_it(browser):
    run = planned_run(capacity=1)
    booked(run)
    Booking.objects.filter(pk=booked(run).pk).update(state="queued", queue_position=7)
    assert "Join the queue" in browser.get(f"/runs/{run.pk}/").content.decode()
    page = browser.post(f"/runs/{run.pk}/book/", {}, follow=True).content.decode()
    assert "You are in the queue" in page
    assert "Your place in it<br><strong>2</strong>" in page


def test_the_page_says_why_one_cannot_book(as_person):
    trainer = employed()
    run = planned_run(trainers=[trainer])
    for address in (f"/runs/{run.pk}/", f"/runs/{run.pk}/book/"):
        page = as_person(trainer).get(address).content.decode()
        assert "You teach this run." in page
        assert "<button" not in page.partition("<main")[2]
    refused = as_person(trainer).post(f"/runs/{run.pk}/book/", {})
    assert "You teach this run." in refused.content.decode()
    assert not Booking.objects.exists()


def test_a_draft_cannot_be_seen_or_booked_by_its_address(browser):
    run = planned_run()
    Run.objects.filter(pk=run.pk).update(state="draft")
    assert browser.get(f"/runs/{run.pk}/").status_code == 404
    assert browser.post(f"/runs/{run.pk}/book/", {}).status_code == 404
    assert not Booking.objects.exists()


def test_a_run_that_never_was_cannot_be_booked(browser):
    assert browser.post("/runs/999999/book/", {}).status_code == 404


# --- One's own bookings ------------------------------------------------------------------------------------------


def test_giving_up_is_explained_then_done(browser, ann):
    booking = booked(planned_run(title="Thresholds"), ann)
    address = f"/bookings/{booking.reference}/give-up/"
    assert "Your place becomes free for someone else." in browser.get(address).content.decode()
    booking.refresh_from_db()
    assert booking.is_live
    page = browser.post(address, follow=True).content.decode()
    assert "You have given up your place on Thresholds." in page
    again = browser.post(address, follow=True).content.decode()
    assert "This booking is given up." in again


def test_leaving_the_queue_is_not_called_giving_up_a_place(browser, ann):
    booking = booked(planned_run(title="Thresholds"), ann)
    Booking.objects.update(state="queued", queue_position=1)
    page = browser.post(f"/bookings/{booking.reference}/give-up/", follow=True).content.decode()
    assert "You have left the queue for Thresholds." in page


def test_after_the_start_the_page_says_that_it_is_too_late(browser, ann):
    booking = booked(planned_run(starts_at=NOW), ann)
    assert "Give up my place" not in browser.get(f"/bookings/{booking.reference}/").content.decode()
    page = browser.post(f"/bookings/{booking.reference}/give-up/", follow=True).content.decode()
    assert "already started" in page


def test_nobody_opens_or_gives_up_someone_elses_booking(browser):
    booking = booked(planned_run())
    for address in (f"/bookings/{booking.reference}/", f"/bookings/{booking.reference}/give-up/"):
        assert browser.get(address).status_code == 404
    assert browser.post(f"/bookings/{booking.reference}/give-up/").status_code == 404
    booking.refresh_from_db()
    assert booking.is_live


@pytest.mark.parametrize(("who", "may"), [("trainer", False), ("lead", True), ("manager", True)])
def test_those_who_answer_for_somebody_may_give_up_their_booking_and_others_who_see_it_may_not(as_person, who, may):
    from tests.factories import employ

    bob = Person.objects.get(pk=employed().pk)
    trainer, lead, manager = employed(), holding("lead"), employed()
    booking = booked(planned_run(trainers=[trainer]), bob)
    employ(bob, manager=manager)
    browser = as_person({"trainer": trainer, "lead": lead, "manager": manager}[who])
    page = browser.get(f"/bookings/{booking.reference}/")
    assert page.status_code == 200
    assert bob.name in page.content.decode()
    assert ("Give up the place" in page.content.decode()) is may
    assert browser.post(f"/bookings/{booking.reference}/give-up/").status_code == (302 if may else 404)
    booking.refresh_from_db()
    assert booking.is_live is not may


def test_my_training_is_mine_alone_and_in_order(browser, ann):
    booked(planned_run(title="Next"), ann)
    booked(planned_run(title="Past", starts_at=NOW - timedelta(days=30)), ann)
    booked(planned_run(title="Someone else’s"))
    achieved(ann, on=(NOW - timedelta(days=30)).date(), course=CourseFactory(title="Done"))
    page = browser.get("/bookings/").content.decode()
    assert page.index("Next") < page.index("Done") < page.index("Past")
    assert "Someone else’s" not in page


# --- How often the database is asked -----------------------------------------------------------------------------


def full_row(ann: Person) -> Run:
    """Everything that a row of any of these lists may show."""
    run = planned_run(sessions=2, capacity=2, trainers=[employed()])
    run.course.themes.add(PracticeTheme.objects.create(name=f"T{run.pk}", slug=f"t{run.pk}"))
    booked(run), booked(run, ann)
    done = booked(planned_run(starts_at=NOW - timedelta(days=30)), ann)
    achieved(ann, on=(NOW - timedelta(days=30)).date(), course=done.run.course)
    return run


@pytest.mark.parametrize("address", ["/courses/", "/courses/?q=course&places=1", "/bookings/", "/"])
def test_lists_ask_the_database_no_more_for_three_rows_than_for_one(browser, ann, address):
    full_row(ann)
    one = queries(browser, address)
    full_row(ann), full_row(ann)
    assert queries(browser, address) == one


def test_the_catalogue_asks_at_most_ten_times(browser, ann):
    full_row(ann), full_row(ann)
    assert queries(browser, "/courses/?q=course") <= 10


def test_a_course_asks_no_more_for_three_dates_than_for_one(browser, ann):
    run = full_row(ann)
    one = queries(browser, f"/courses/{run.course_id}/")
    for day in (40, 50):
        booked(planned_run(course=run.course, starts_at=NOW + timedelta(days=day), sessions=2))
    assert queries(browser, f"/courses/{run.course_id}/") == one


def test_a_run_asks_no_more_for_a_crowd_than_for_one(browser, ann):
    run = full_row(ann)
    one = queries(browser, f"/runs/{run.pk}/")
    run.trainers.add(employed(), employed())
    run.course.themes.add(PracticeTheme.objects.create(name="X", slug="x"))
    assert queries(browser, f"/runs/{run.pk}/") == one


def test_booking_asks_no_more_on_a_busy_run_than_on_an_empty_one(as_person):
    quiet, busy = planned_run(), planned_run()
    for _ in range(3):
        booked(busy)
    counts = [queries(as_person(employed()), f"/runs/{run.pk}/book/", {}) for run in (quiet, busy)]
    assert counts[0] == counts[1]
    assert counts[0] <= 25


def test_earlier_bookings_say_what_came_of_them(as_person):
    me = employed()
    over = {"starts_at": NOW - timedelta(days=9)}
    completed, missed = (booked(planned_run(title=title, **over), me) for title in ("One", "Two"))
    Run.objects.filter(pk__in=[completed.run_id, missed.run_id]).update(state=Run.State.COMPLETED)
    Achievement.objects.create(
        person=me, course=completed.run.course, booking=completed, completed_on=TODAY, recorded_at=NOW
    )
    booked(planned_run(title="Three", **over), me)
    waited = booked(planned_run(title="Four", **over), me)
    Booking.objects.filter(pk=waited.pk).update(state=Booking.State.NO_PLACE)
    page = as_person(me).get("/bookings/").content.decode().partition("Earlier bookings")[2]
    said = re.findall(r'data-label="What came of it">([^<]*)<', page)
    assert sorted(said) == ["Completed", "No place came up", "Not completed", "Register still open"]


def test_the_catalogue_is_in_order_of_the_next_date_and_a_run_that_starts_moves_its_course_back():
    for title, days in (("Sooner", 1), ("Later", 2), ("Never", None)):
        course = CourseFactory(title=title)
        for start in [days, days + 40 - days * 10] if days else []:
            planned_run(course=course, starts_at=NOW + timedelta(days=start))

    def order() -> list[str]:
        return list(Course.objects.offered().soonest_first().values_list("title", flat=True))

    assert order() == ["Sooner", "Later", "Never"]
    registry.run_due(NOW + timedelta(days=1))
    assert order() == ["Later", "Sooner", "Never"]
    registry.run_due(NOW + timedelta(days=60))
    assert set(Course.objects.values_list("next_start", flat=True)) == {None}


def test_what_is_pasted_is_never_cut_without_a_word(as_person):
    ann = employed()
    run = planned_run()
    browser = as_person(ann)
    assert "maxlength" not in browser.get(f"/runs/{run.pk}/book/").content.decode()
    page = browser.post(f"/runs/{run.pk}/book/", {"access_needs": "x" * 1001}).content.decode()
    assert "Use 1,000 characters or fewer" in page
    assert "x" * 1001 in page


def test_a_place_given_up_before_is_shown_and_not_offered_again(as_person):
    booking = booked(planned_run())
    browser = as_person(booking.person)
    browser.post(f"/bookings/{booking.reference}/give-up/")
    assert browser.get(f"/bookings/{booking.reference}/give-up/").url == f"/bookings/{booking.reference}/"
