"""Finding training: filters, words that are misspelt, the month, the themes, and what is near me."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from academy.lib.dates import at_hour
from courses.models import Course, Habits, PracticeTheme, Room, Run
from courses.spelling import distance
from tests.factories import NOW, TODAY, AgencyFactory, CourseFactory, booked, employed, holding, planned_run

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def ann():
    return employed()


@pytest.fixture
def browser(ann, as_person):
    return as_person(ann)


def titles(page) -> list[str]:
    return [course.title for course in page.context["page"]]


def room(area: str) -> Room:
    return Room.objects.create(name=f"Hall of {area}", area=area, seats=20)


def held_in(run: Run, *rooms: Room | None) -> Run:
    """Its sessions take place there; None is online."""
    for session, where in zip(run.sessions.all(), rooms, strict=True):
        session.room, session.venue = where, str(where or "Online")
        session.save()
    return run


def queries(browser, address: str) -> int:
    with CaptureQueriesContext(connection) as seen:
        assert browser.get(address).status_code == 200
    return len(seen)


# --- Words ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("neglekt", "neglect"),
        ("neglcet", "neglect"),
        ("Recogniising", "recognising"),
        ("safegarding", "safeguarding"),
        ("neglekt safegaurding", "neglect safeguarding"),
        ("the neglekt", "the neglect"),
    ],
)
def test_a_typing_error_is_forgiven_and_said(browser, typed, meant):
    planned_run(title="Recognising neglect: safeguarding in practice")
    planned_run(title="Court skills")
    response = browser.get("/courses/", {"q": typed})
    page = response.content.decode()
    assert titles(response) == ["Recognising neglect: safeguarding in practice"]
    assert f"Showing results for <strong>‘{meant}’</strong>" in page
    assert f"Search for ‘{typed}’ instead" in page


def test_one_may_insist_on_what_one_typed(browser):
    planned_run(title="Neglect")
    response = browser.get("/courses/?q=neglekt&exactly=1")
    assert titles(response) == []
    assert "Showing results for" not in response.content.decode()


def test_what_finds_something_is_never_corrected(browser):
    planned_run(title="Neglekt, a play")
    planned_run(title="Neglect")
    assert titles(browser.get("/courses/?q=neglekt")) == ["Neglekt, a play"]


def test_a_short_word_may_have_one_error_and_a_word_far_from_all_none(browser):
    planned_run(title="Trauma and court")
    assert titles(browser.get("/courses/?q=cuort")) == ["Trauma and court"]
    assert titles(browser.get("/courses/?q=cuorts+astronomy")) == []


def test_words_of_what_one_may_not_see_are_not_given_away(browser):
    planned_run(title="Xylophones", open_to="owner")
    page = browser.get("/courses/?q=xylophnes").content.decode()
    assert "ylophones" not in page


def test_a_course_is_found_by_the_name_of_its_theme(browser):
    course = CourseFactory(title="A day with the team")
    course.themes.add(PracticeTheme.objects.create(name="Exploitation", slug="exploitation"))
    CourseFactory(title="Exploitation")
    assert titles(browser.get("/courses/?q=exploitation")) == ["Exploitation", "A day with the team"]
    assert titles(browser.get("/courses/?q=exploitatoin")) == ["Exploitation", "A day with the team"]


@pytest.mark.parametrize(
    ("one", "other", "steps"),
    [("abc", "abc", 0), ("abc", "acb", 1), ("abc", "ab", 1), ("kitten", "sitting", 3), ("ca", "abc", 3)],
)
def test_the_distance_of_two_words_counts_a_swap_once(one, other, steps):
    assert distance(one, other, 9) == distance(other, one, 9) == steps
    assert distance(one, other, 0) == 0 if steps == 0 else distance(one, other, 0) > 0


# --- Filters --------------------------------------------------------------------------------------------------------


def test_dates_are_narrowed_by_the_days_on_which_they_begin_and_the_next_date_is_one_of_them(browser):
    course = planned_run(title="Twice", starts_at=NOW + 3 * DAY).course
    planned_run(course=course, starts_at=NOW + 40 * DAY)
    planned_run(title="Soon", starts_at=NOW + 4 * DAY)
    first = (NOW + 30 * DAY).date()
    response = browser.get(f"/courses/?first={first}&last={first + 20 * DAY}")
    assert titles(response) == ["Twice"]
    assert "2 January 2027" in response.content.decode()
    assert titles(browser.get(f"/courses/?last={TODAY + 3 * DAY}")) == ["Twice"]


def test_a_weekday_is_londons_and_every_session_must_be_on_it(browser):
    planned_run(title="Monday", starts_at=at_hour(TODAY + 7 * DAY, 0, 30), sessions=2)
    both = planned_run(title="Monday and Tuesday", starts_at=NOW + 7 * DAY, sessions=2)
    last = both.sessions.last()
    both.sessions.filter(pk=last.pk).update(starts_at=last.starts_at + DAY, ends_at=last.ends_at + DAY)
    assert titles(browser.get("/courses/?day=1")) == ["Monday"]
    assert titles(browser.get("/courses/?day=1&day=2")) == ["Monday", "Monday and Tuesday"]


def test_training_in_an_area_may_have_online_sessions_and_none_elsewhere(browser):
    here, there = room("Saltmarsh"), room("Northfield")
    held_in(planned_run(title="Here", sessions=2), here, None)
    held_in(planned_run(title="Here and there", sessions=2), here, there)
    held_in(planned_run(title="Online"), None)
    assert titles(browser.get("/courses/?area=Saltmarsh")) == ["Here"]
    assert titles(browser.get("/courses/?area=online")) == ["Online"]


def test_level_fee_and_who_offers_it_narrow(browser):
    council = AgencyFactory(name="Council")
    planned_run(title="Dear", fee=40, level="advanced", owner=council)
    planned_run(title="Free", level="foundation")
    assert titles(browser.get("/courses/?free=1")) == ["Free"]
    assert titles(browser.get("/courses/?level=advanced")) == ["Dear"]
    assert titles(browser.get(f"/courses/?owner={council.pk}")) == ["Dear"]


def test_near_me_and_on_my_days_is_what_i_said_once(browser, ann):
    here, there = room("Saltmarsh"), room("Northfield")
    held_in(planned_run(title="Near", starts_at=NOW + 7 * DAY), here)
    held_in(planned_run(title="Far", starts_at=NOW + 7 * DAY), there)
    held_in(planned_run(title="Online", starts_at=NOW + 7 * DAY), None)
    held_in(planned_run(title="Near, on a Tuesday", starts_at=NOW + 8 * DAY), here)
    assert "You have not said yet" in browser.get("/courses/?near=1").content.decode()
    response = browser.post("/courses/near-me/", {"days": ["1"], "areas": ["Saltmarsh"]})
    assert response.headers["Location"] == "/courses/?near=1"
    assert titles(browser.get("/courses/?near=1")) == ["Near", "Online"]
    browser.post("/courses/near-me/", {})
    assert Habits.objects.get(person=ann).days == []
    assert len(titles(browser.get("/courses/?near=1"))) == 4


def test_habits_that_are_none_are_refused_with_a_sentence(browser):
    page = browser.post("/courses/near-me/", {"areas": ["Atlantis"]}).content.decode()
    assert "There is a problem" in page
    assert not Habits.objects.exists()


@pytest.mark.parametrize(
    "query", ["first=soon", "last=0001-01-01", "day=9", "area=%00", "owner=x", "level=9", "month=x"]
)
@pytest.mark.parametrize("page", ["", "calendar/", "by-theme/"])
def test_nonsense_in_the_address_is_no_error_anywhere(browser, query, page):
    planned_run(title="Thresholds", starts_at=NOW + DAY)
    assert browser.get(f"/courses/{page}?{query}").status_code == 200


# --- The month, and the themes --------------------------------------------------------------------------------------


def test_a_month_shows_each_session_on_its_day_and_what_does_not_fit_as_a_link(browser):
    planned_run(title="In two weeks", starts_at=NOW + DAY, sessions=2)
    full = planned_run(title="Full", capacity=1, starts_at=NOW + 2 * DAY)
    booked(full)
    for number in range(7):
        planned_run(title=f"Busy {number}", starts_at=NOW + 3 * DAY)
    response = browser.get("/courses/calendar/")
    days = {day.on: day for week in response.context["weeks"] for day in week}
    assert [session.run.course.title for session in days[TODAY + DAY].sessions] == ["In two weeks"]
    assert (len(days[TODAY + 3 * DAY].sessions), days[TODAY + 3 * DAY].more) == (5, 2)
    page = response.content.decode()
    assert "November 2026" in page
    assert f"first={TODAY + 3 * DAY}" in page
    assert "full" in page
    after = browser.get("/courses/calendar/?month=2026-12")
    assert [s.run.course.title for w in after.context["weeks"] for d in w for s in d.sessions] == ["In two weeks"]
    assert "Nothing to book in this month" in browser.get("/courses/calendar/?month=2027-05").content.decode()


def test_the_weeks_of_a_month_begin_on_monday_and_hold_all_of_its_days(browser):
    for month, weeks in (("2027-02", 4), ("2027-05", 6), ("2027-03", 5)):
        shown = browser.get(f"/courses/calendar/?month={month}").context["weeks"]
        assert len(shown) == weeks
        assert all(week[0].on.weekday() == 0 for week in shown)
        inside = [day.on.day for week in shown for day in week if not day.outside]
        assert inside == list(range(1, len(inside) + 1))


def test_each_theme_shows_its_first_courses_and_says_how_many_there_are(browser):
    theme = PracticeTheme.objects.create(name="Neglect", slug="neglect")
    for number in range(6):
        run = planned_run(title=f"Neglect {number}", starts_at=NOW + (10 - number) * DAY)
        run.course.themes.add(theme)
    CourseFactory(title="Of no theme")
    response = browser.get("/courses/by-theme/")
    first, others = response.context["found"]
    assert ([c.title for c in first.courses], first.count) == ([f"Neglect {n}" for n in (5, 4, 3, 2)], 6)
    assert [c.title for c in others.courses] == ["Of no theme"]
    assert "All 6 courses about neglect" in response.content.decode()


# --- A course's page ------------------------------------------------------------------------------------------------


def test_a_course_says_everything_that_one_decides_by(browser):
    before = CourseFactory(title="Foundations of neglect")
    contact = employed()
    course = planned_run(
        title="Neglect, in depth",
        level="advanced",
        prior_knowledge="How thresholds work",
        provider="The Larkshire Players",
        accreditation="University of Larkshire",
        credits=20,
        credit_level="level 7",
        fee=45,
        needs_approval=True,
        contact=contact,
    ).course
    course.requires.add(before)
    page = browser.get(f"/courses/{course.pk}/").content.decode()
    facts = ["Advanced", "How thresholds work", "Foundations of neglect", "The Larkshire Players", "level 7"]
    facts += ["University of Larkshire", "20 academic credits", "£45 a place", "Your manager", contact.email]
    assert [fact for fact in facts if fact not in page] == []
    assert "Plan this course" not in page


def test_whoever_keeps_a_course_finds_the_way_to_plan_it(as_person):
    course = CourseFactory()
    page = as_person(holding("lead")).get(f"/courses/{course.pk}/").content.decode()
    assert f"/planning/courses/{course.pk}/" in page


# --- What it costs --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", ["", "calendar/", "by-theme/"])
def test_the_pages_take_as_many_queries_for_one_course_as_for_three(browser, page):
    theme = PracticeTheme.objects.create(name="Neglect", slug="neglect")
    planned_run(starts_at=NOW + DAY).course.themes.add(theme)
    browser.get(f"/courses/{page}")
    one = queries(browser, f"/courses/{page}")
    for _ in range(2):
        planned_run(starts_at=NOW + DAY).course.themes.add(theme)
    assert queries(browser, f"/courses/{page}") == one <= 11


def test_the_catalogue_takes_ten_queries_at_the_most(browser):
    planned_run(starts_at=NOW + DAY)
    assert queries(browser, "/courses/") <= 10


def test_a_course_takes_as_many_queries_for_one_date_as_for_three(browser):
    course = planned_run(starts_at=NOW + DAY).course
    one = queries(browser, f"/courses/{course.pk}/")
    for day in (2, 3):
        planned_run(course=course, starts_at=NOW + day * DAY)
    assert queries(browser, f"/courses/{course.pk}/") == one
    assert Course.objects.count() == 1


@pytest.mark.parametrize("address", ["/courses/", "/courses/calendar/?month={month}", "/courses/{course}/"])
def test_a_date_whose_booking_opens_later_says_when_and_not_how_many_places_are_left(browser, address):
    run = planned_run()
    where = address.format(course=run.course_id, month=f"{run.starts_at:%Y-%m}")
    Run.objects.update(books_from=NOW - DAY)
    assert "20 left" in browser.get(where).content.decode()
    Run.objects.update(books_from=NOW + 2 * DAY)
    page = browser.get(where).content.decode()
    assert "ooking opens on 25 November 2026" in page
    assert "20 left" not in page
