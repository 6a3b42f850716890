"""Learning from a colleague: shadowing and coaching, from the offer to what both learnt."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from academy.lib import registry
from courses.actions import hostings, visits
from courses.models import Hosting, Interest, PracticeTheme, Visit
from courses.models.states import WrongState
from partners import outbox
from partners.actions import merges
from partners.models import Deputy, OutboxMessage, Person
from tests.courses.steps import told
from tests.factories import (
    NOW,
    TODAY,
    AgencyFactory,
    CourseFactory,
    PersonFactory,
    TeamFactory,
    achieved,
    employed,
    holding,
)

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
SOON = TODAY + 10 * DAY
State = Visit.State
HOPES = {"hopes": "How a first visit is prepared.", "times": "Any Tuesday in December"}


def offered(host: Person | None = None, themes=(), **facts) -> Hosting:
    facts = {
        "kind": "shadowing",
        "title": "A day with the health visiting team",
        "about": "Visits.",
        "hours": 7,
    } | facts
    hosting = Hosting(area="Larkton", when="Most Tuesdays", **facts)
    return hostings.offer(hosting=hosting, themes=themes, by=host or employed(), at=NOW)


def asked(hosting: Hosting | None = None, guest: Person | None = None, *, at=NOW) -> Visit:
    guest = guest or employed(manager=employed())
    return visits.ask(hosting=hosting or offered(), guest=guest, at=at, **HOPES)


def agree(visit: Visit, *, on: date = SOON, at=NOW) -> Visit:
    return visits.agree_as_host(visit=visit, on=on, arrangements="Come to the clinic.", by=visit.hosting.host, at=at)


def approve(visit: Visit, by: Person | None = None, *, at=NOW) -> Visit:
    return visits.approve(visit=visit, by=by or visit.deciders(TODAY).get(), at=at)


def settled(**facts) -> Visit:
    return approve(agree(asked(**facts)))


def write(visit: Visit, by: Person, *, at=NOW + 11 * DAY):
    return visits.reflect(visit=visit, learnt="They ask about sleep first.", will_do="", by=by, at=at)


def state(visit: Visit) -> str:
    return Visit.objects.get(pk=visit.pk).state


# --- Finding it ---------------------------------------------------------------------------------------------------


def found_by(person: Person, on: date = TODAY) -> list[Hosting]:
    return list(Hosting.objects.open(on).visible_to(person, on).best_first(person, on))


def test_what_is_for_other_agencies_is_not_found_in_the_hosts_own():
    agency = AgencyFactory()
    hosting = offered(employed(agency=agency), open_to="others")
    assert found_by(employed()) == [hosting]
    assert found_by(employed(agency=agency)) == []


def test_what_is_closed_or_over_or_of_somebody_who_left_is_not_found():
    closed, over = offered(), offered(closes_on=TODAY - DAY)
    offered(employed(end_date=TODAY + DAY), title="Leaves")
    last_day = offered(closes_on=TODAY)
    hostings.close(hosting=closed, by=closed.host, at=NOW)
    assert {hosting.title for hosting in found_by(employed())} == {last_day.title, "Leaves"}
    assert over not in found_by(employed())
    assert found_by(employed(), TODAY + DAY) == []


def test_what_fits_the_themes_somebody_learns_about_comes_first_and_shadowing_only_elsewhere():
    neglect = PracticeTheme.objects.create(name="Neglect", slug="neglect")
    course = CourseFactory()
    course.themes.add(neglect)
    agency = AgencyFactory()
    here, elsewhere = offered(employed(agency=agency), [neglect]), offered(themes=[neglect])
    coach, other = offered(employed(agency=agency), [neglect], kind="coaching"), offered()
    learnt, waits, neither = (employed(agency=agency) for _ in range(3))
    achieved(learnt, on=TODAY - DAY, course=course)
    Interest.objects.create(course=course, person=waits, asked_at=NOW)
    for person in (learnt, waits):
        assert found_by(person) == [coach, elsewhere, other, here]
        assert [hosting.for_you for hosting in found_by(person)] == [True, True, False, False]
    assert not any(hosting.for_you for hosting in found_by(neither))


def test_the_list_is_narrowed_by_its_address(as_person):
    neglect = PracticeTheme.objects.create(name="Neglect", slug="neglect")
    trust = AgencyFactory(name="Larkton Trust")
    offered(employed(agency=trust), [neglect], title="In Larkton")
    online = offered(kind="coaching", title="Coaching online")
    Hosting.objects.filter(pk=online.pk).update(area="")
    browser = as_person(employed())
    wanted = ("kind=shadowing", "theme=neglect", f"agency={trust.pk}", "area=Larkton")
    pages = [
        browser.get(f"/shadowing-and-coaching/?{each}").text for each in (*wanted, "area=online", "kind=x&agency=x")
    ]
    has = [("In Larkton" in page, "Coaching online" in page) for page in pages]
    assert has == [(True, False)] * 4 + [(False, True), (True, True)]


@pytest.mark.parametrize("address", ["/shadowing-and-coaching/", "/shadowing-and-coaching/own/"])
def test_a_list_takes_as_many_queries_for_three_as_for_one(as_person, address):
    guest, counts = employed(), []
    browser = as_person(guest)
    browser.get(address)
    for more in (1, 2):
        for _ in range(more):
            asked(offered(), guest)
        with CaptureQueriesContext(connection) as queries:
            assert browser.get(address).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


# --- Offering it --------------------------------------------------------------------------------------------------

FORM = {
    "kind": "coaching",
    "title": "Coaching for new team managers",
    "about": "An hour a month.",
    "when": "Friday mornings",
    "hours": "6",
    "open_to": "everyone",
}


def test_a_host_offers_changes_closes_and_reopens_it(as_person):
    host = employed()
    browser = as_person(host)
    assert browser.post("/shadowing-and-coaching/offer/", FORM | {"hours": "x"}).text.count(
        "Enter the hours as a number"
    )
    page = browser.post("/shadowing-and-coaching/offer/", FORM).url
    hosting = Hosting.objects.get()
    assert (hosting.host, hosting.agency, hosting.where) == (host, host.employment(TODAY).agency, "Online")
    browser.post(f"{page}change/", FORM | {"title": "Coaching"})
    browser.post(f"{page}close/")
    hosting.refresh_from_db()
    assert (hosting.title, hosting.state) == ("Coaching", "closed")
    browser.post(f"{page}close/", {"open": "1"})
    hosting.refresh_from_db()
    assert hosting.state == "open"


def test_somebody_without_a_job_cannot_offer_it_and_keeps_what_they_typed(as_person):
    page = as_person(PersonFactory()).post("/shadowing-and-coaching/offer/", FORM).text
    assert "Nothing is known of your job" in page
    assert FORM["about"] in page
    assert not Hosting.objects.exists()


# --- Asking -------------------------------------------------------------------------------------------------------


def test_a_guest_asks_and_host_and_manager_are_told(mailoutbox):
    visit = asked()
    manager = visit.deciders(TODAY).get()
    assert state(visit) == State.ASKED
    assert (told(visit.hosting.host), told(manager)) == (["visit_asked"], ["visit_approval_wanted"])
    outbox.send_due(NOW)
    assert all("How a first visit is prepared." in mail.body for mail in mailoutbox)
    assert all(f"/visits/{visit.pk}/" in mail.body for mail in mailoutbox)


def test_shadowing_is_for_another_agency_or_another_team_and_coaching_for_anyone():
    agency = AgencyFactory()
    own, other = TeamFactory(agency=agency), TeamFactory(agency=agency)
    hosting = offered(employed(agency=agency, team=own))
    with pytest.raises(visits.CannotAsk, match="You work in the host’s team"):
        asked(hosting, employed(agency=agency, team=own))
    asked(hosting, employed(agency=agency, team=other))
    asked(hosting, employed())
    asked(offered(hosting.host, kind="coaching"), employed(agency=agency, team=own))


def test_nobody_asks_themselves_twice_or_for_what_is_not_open_to_them():
    hosting, guest = offered(open_to="others"), employed()
    asked(hosting, guest)
    for person, why in (
        (guest, "You have asked already"),
        (hosting.host, "your own offer"),
        (employed(agency=hosting.agency), "people of other agencies"),
        (PersonFactory(), "nothing is known of your job"),
    ):
        with pytest.raises(visits.CannotAsk, match=why):
            asked(hosting, person)
    hostings.close(hosting=hosting, by=hosting.host, at=NOW)
    with pytest.raises(visits.CannotAsk, match="no more requests"):
        asked(hosting)


def test_whoever_has_ended_it_can_ask_again():
    visit = asked()
    visits.call_off(visit=visit, reason="Ill.", by=visit.guest, at=NOW)
    assert asked(visit.hosting, visit.guest).pk != visit.pk


def test_the_database_lets_nobody_ask_for_the_same_twice_at_a_time():
    visit = asked()
    Visit.objects.filter(pk=visit.pk).update(state=State.ASKED)
    visit.pk = None
    with pytest.raises(IntegrityError, match="one_asks_for_the_same_once"), transaction.atomic():
        visit.save(force_insert=True)


# --- Agreeing -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("steps", "between", "first"),
    [
        ((agree, approve), State.HOST_AGREED, "visit_host_agreed"),
        ((approve, agree), State.MANAGER_AGREED, "visit_manager_agreed"),
    ],
)
def test_both_must_agree_in_any_order_and_guest_and_host_are_told_of_each(steps, between, first):
    visit = asked()
    steps[0](visit)
    assert state(visit) == between
    steps[1](visit)
    found = Visit.objects.get(pk=visit.pk)
    assert (found.state, found.on) == (State.AGREED, SOON)
    assert told(visit.guest) == [first, "visit_agreed"]
    assert told(visit.hosting.host) == ["visit_asked", first, "visit_agreed"]


def test_host_and_manager_who_agree_from_pages_opened_before_both_count():
    visit = asked()
    as_the_host_saw_it, as_the_manager_saw_it = (Visit.objects.get(pk=visit.pk) for _ in range(2))
    agree(as_the_host_saw_it)
    approve(as_the_manager_saw_it)
    assert state(visit) == State.AGREED


def test_a_host_declines_and_a_manager_refuses_with_a_reason_that_is_told(mailoutbox):
    declined, refused = asked(), asked()
    visits.decline(visit=declined, reason="We move house.", by=declined.hosting.host, at=NOW)
    visits.refuse(visit=refused, reason="We are short.", by=refused.deciders(TODAY).get(), at=NOW)
    assert (state(declined), state(refused)) == (State.DECLINED, State.REFUSED)
    outbox.send_due(NOW)
    by_person = {mail.to[0]: mail.body for mail in mailoutbox}
    assert "We move house." in by_person[declined.guest.email]
    assert "We are short." in by_person[refused.guest.email]
    assert "We are short." in by_person[refused.hosting.host.email]


def test_nothing_is_settled_twice():
    visit = settled()
    for again in (agree, lambda visit: approve(visit, employed())):
        with pytest.raises(WrongState):
            again(visit)


def test_nobody_approves_their_own_request():
    manager = employed()
    visit = asked(guest=manager)
    with pytest.raises(WrongState, match="your own request"):
        approve(visit, manager)
    lead = holding("lead")
    own = asked(guest=lead)
    assert not Visit.objects.answered_for_by(lead, TODAY).filter(pk=own.pk).exists()
    assert Visit.objects.answered_for_by(lead, TODAY).filter(pk=visit.pk).exists()


def test_a_deputy_is_asked_too_and_where_there_is_no_manager_the_coordinator():
    manager, deputy = employed(), employed()
    Deputy.objects.create(manager=manager, deputy=deputy, from_date=TODAY, until=TODAY, named_at=NOW)
    assert set(asked(guest=employed(manager=manager)).deciders(TODAY)) == {manager, deputy}
    agency = AgencyFactory()
    coordinator = holding("coordinator", agency=agency, scoped=True)
    visit = asked(guest=employed(agency=agency))
    assert list(visit.deciders(TODAY)) == [coordinator]
    assert Visit.objects.answered_for_by(coordinator, TODAY).get() == visit


def test_host_and_manager_answer_on_pages_and_a_wrong_answer_keeps_what_was_typed(as_person):
    visit = asked()
    host, manager = as_person(visit.hosting.host), as_person(visit.deciders(TODAY).get())
    page = f"/visits/{visit.pk}/"
    wrong = host.post(f"{page}answer/", {"decision": "yes", "on": "2026-11-01", "arrangements": "Door 3"}).text
    assert "This day is over" in wrong
    assert "Door 3" in wrong
    assert "Say on which day" in host.post(f"{page}answer/", {"decision": "yes"}).text
    assert "Say why not" in manager.post(f"{page}approve/", {"decision": "no"}).text
    host.post(f"{page}answer/", {"decision": "yes", "on": str(SOON), "arrangements": "Door 3"})
    manager.post(f"{page}approve/", {"decision": "yes"})
    assert state(visit) == State.AGREED
    assert "Door 3" in as_person(visit.guest).get(page).text


def test_either_may_call_it_off_and_the_other_is_told():
    by_guest, by_host = settled(), settled()
    visits.call_off(visit=by_guest, reason="Ill.", by=by_guest.guest, at=NOW)
    visits.call_off(visit=by_host, reason="Ill.", by=by_host.hosting.host, at=NOW)
    assert {state(by_guest), state(by_host)} == {State.CALLED_OFF}
    assert "visit_called_off" in told(by_guest.hosting.host)
    assert "visit_called_off" not in told(by_guest.guest)
    assert "visit_called_off" in told(by_host.guest)
    over = settled()
    with pytest.raises(WrongState, match="day is over"):
        visits.call_off(visit=over, reason="Ill.", by=over.guest, at=NOW + 11 * DAY)


def test_who_sees_a_request():
    agency = AgencyFactory()
    manager = employed(agency=agency)
    visit = asked(guest=employed(agency=agency, manager=manager))
    coordinator = holding("coordinator", agency=agency, scoped=True)
    see = (visit.guest, visit.hosting.host, manager, coordinator, holding("lead"))
    do_not = (
        employed(agency=agency),
        employed(agency=visit.hosting.agency),
        holding("coordinator", agency=visit.hosting.agency, scoped=True),
        holding("director"),
    )
    sees = [Visit.objects.visible_to(person, TODAY).exists() for person in (*see, *do_not)]
    assert sees == [True] * len(see) + [False] * len(do_not)


# --- What falls due -----------------------------------------------------------------------------------------------


def test_what_nobody_decides_in_28_days_ends_and_both_are_told():
    visit, other = asked(), settled()
    assert visits.lapse(NOW + 28 * DAY) == 0
    assert visits.lapse(NOW + 29 * DAY) == 1
    assert (state(visit), state(other)) == (State.LAPSED, State.AGREED)
    assert told(visit.guest)[-1] == told(visit.hosting.host)[-1] == "visit_lapsed"
    assert visits.lapse(NOW + 30 * DAY) == 0


def test_what_the_manager_has_not_decided_when_the_day_passes_ends():
    visit = agree(asked(), on=TODAY)
    assert visits.lapse(NOW) == 0
    assert visits.lapse(NOW + DAY) == 1
    assert state(visit) == State.LAPSED


def test_the_day_after_both_are_asked_once_what_they_learnt():
    visit = settled()
    assert visits.ask_to_reflect(NOW + 10 * DAY) == 0
    assert [visits.ask_to_reflect(NOW + days * DAY) for days in (11, 11, 12)] == [1, 0, 0]
    wanted = OutboxMessage.objects.filter(kind="courses.visit_reflection_wanted")
    assert {message.person for message in wanted} == {visit.guest, visit.hosting.host}


def test_it_is_done_once_both_have_written_and_counts_its_hours():
    visit = settled()
    write(visit, visit.guest)
    assert not Visit.objects.done().exists()
    write(visit, visit.hosting.host)
    (done,) = Visit.objects.done()
    assert (done.guest, done.on, done.hours) == (visit.guest, SOON, 7)


def test_it_is_done_after_28_days_whether_they_wrote_or_not_and_they_still_can():
    visit = settled()
    assert visits.finish(NOW + 38 * DAY) == 0
    assert visits.finish(NOW + 39 * DAY) == 1
    assert visits.finish(NOW + 39 * DAY) == 0
    assert state(visit) == State.DONE
    write(visit, visit.guest, at=NOW + 50 * DAY)


def test_nobody_writes_before_it_is_over_or_twice():
    visit = settled()
    with pytest.raises(WrongState, match="once it is over"):
        write(visit, visit.guest, at=NOW + 10 * DAY)
    write(visit, visit.guest)
    with pytest.raises(WrongState, match="You have written"):
        write(visit, visit.guest)


def test_only_the_two_read_what_was_learnt(as_person):
    visit = settled()
    write(visit, visit.guest)
    manager = visit.deciders(TODAY).get()
    reads = {
        person: "They ask about sleep first." in as_person(person).get(f"/visits/{visit.pk}/").text
        for person in (visit.guest, visit.hosting.host, manager, holding("lead"))
    }
    assert list(reads.values()) == [True, True, False, False]


def lines(person: Person, on: date) -> list[str]:
    found = registry.todos(person, registry.roles_of(person, on) | {"learner"}, on)
    return [line.text for line in found if "visit" in line.url]


def test_your_list_says_whom_to_answer_what_to_approve_and_what_to_write():
    visit = asked()
    host, manager, guest = visit.hosting.host, visit.deciders(TODAY).get(), visit.guest
    assert lines(host, TODAY) == [f"Answer {guest.name}: {visit.hosting}"]
    assert lines(manager, TODAY) == [f"Say whether {guest.name} may go: {visit.hosting}"]
    approve(agree(visit))
    assert [lines(person, SOON) for person in (host, manager, guest)] == [[], [], []]
    after = SOON + DAY
    assert lines(host, after) == lines(guest, after) == [f"Write what you learnt: {visit.hosting}"]
    write(visit, guest)
    assert (lines(guest, after), len(lines(host, after))) == ([], 1)


def test_two_records_of_one_person_keep_one_request_for_the_same():
    hosting, lead = offered(), holding("lead")
    kept, absorbed = employed(), employed()
    first, second = asked(hosting, kept), asked(hosting, absorbed)
    of_themselves = asked(offered(kept), absorbed)
    merges.merge(kept=kept, absorbed=absorbed, by=lead, at=NOW, reason="The same")
    assert [state(each) for each in (first, second, of_themselves)] == [State.ASKED, *[State.CALLED_OFF] * 2]
