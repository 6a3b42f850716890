"""Two records of one human being become one, nothing is lost, and it can be undone."""

from datetime import timedelta

import pytest

from courses.actions import bookings
from courses.models import Booking, Run
from partners.actions import merges, search
from partners.actions.merges import CannotMerge
from partners.models import Deputy, Employment, Merge, NotDuplicates, OutboxMessage, Person, PersonVersion, User
from partners.models.merges import possible_duplicates
from partners.permissions import AccessRole
from tests.factories import (
    NOW,
    TODAY,
    AgencyFactory,
    achieved,
    asye_cohort,
    booked,
    employ,
    employed,
    enrolled,
    granted,
    holding,
    planned_run,
)
from tests.partners.files import a_line, take_in, taken

pytestmark = pytest.mark.django_db
REASON = "She says so herself"
TOLD = {"partners.OutboxMessage.person": "whoever signs in with another address is told"}


@pytest.fixture
def lead():
    return holding(AccessRole.LEAD)


@pytest.fixture
def browser(lead, as_person):
    return as_person(lead)


@pytest.fixture
def kept():
    return employed()


@pytest.fixture
def absorbed():
    return employed(agency=AgencyFactory(name="Riverbank"))


def merge(kept: Person, absorbed: Person, by: Person) -> Merge:
    return merges.merge(kept=kept, absorbed=absorbed, by=by, at=NOW, reason=REASON)


def everything_of(*people: Person) -> dict:
    """Every row that points at one of these people, and what their records hold."""
    rows = {}
    for relation in merges._relations():
        label, name = merges._label(relation), relation.field.name
        found = relation.related_model._base_manager.filter(**{f"{name}__in": people}).order_by("pk")
        rows[label] = list(found.values_list("pk", name))
    held = Person.objects.filter(pk__in=[person.pk for person in people]).order_by("pk")
    accounts = User.objects.filter(person__in=people).order_by("pk").values_list("email", "is_active")
    return rows | {"held": list(held.values()), "accounts": list(accounts)}


def with_everything(person: Person) -> Person:
    """Somebody with a row in every table that speaks of people."""
    booked(planned_run(), person)
    achieved(person, on=TODAY)
    enrolled(asye_cohort(), person, AgencyFactory(), start=TODAY)
    Deputy.objects.create(manager=person, deputy=employed(), from_date=TODAY, until=TODAY, named_at=NOW)
    employed(manager=person)
    planned_run().trainers.add(person)
    return person


def test_everything_moves_to_the_record_that_is_kept(kept, absorbed, lead):
    with_everything(absorbed)
    before = everything_of(absorbed)
    merge(kept, absorbed, lead)
    assert all(not rows for label, rows in everything_of(absorbed).items() if label not in ("held", "accounts"))
    after = everything_of(kept)
    for label, rows in before.items():
        if label not in ("held", "accounts"):
            assert {pk for pk, _ in rows} <= {pk for pk, _ in after[label]}, label


def test_undoing_gives_everything_back(kept, absorbed, lead):
    taken(take_in(a_line(swe_number="SW1")))
    absorbed = with_everything(Person.objects.get(swe_number="SW1"))
    kept.access_needs = "Large print"
    kept.save()
    search.refresh([kept.pk, absorbed.pk])
    before = everything_of(kept, absorbed)
    done = merge(kept, absorbed, lead)
    assert Person.objects.get(pk=kept.pk).swe_number == "SW1"
    merges.undo(merge=done, by=lead, at=NOW)
    assert everything_of(kept, absorbed) | TOLD == before | TOLD


def test_what_came_since_stays_with_the_kept_record(kept, absorbed, lead):
    done = merge(kept, absorbed, lead)
    since = booked(planned_run(), kept)
    merges.undo(merge=done, by=lead, at=NOW + timedelta(days=1))
    since.refresh_from_db()
    assert since.person == kept


def test_a_merge_is_undone_once(kept, absorbed, lead):
    done = merge(kept, absorbed, lead)
    merges.undo(merge=done, by=lead, at=NOW)
    with pytest.raises(CannotMerge):
        merges.undo(merge=done, by=lead, at=NOW)


def test_the_absorbed_record_is_shown_nowhere_and_signs_nobody_in(kept, absorbed, lead, as_person):
    gone = as_person(absorbed)
    merge(kept, absorbed, lead)
    assert absorbed not in Person.objects.visible_to(lead, TODAY)
    assert as_person(lead).get(f"/people/{absorbed.pk}/").status_code == 404
    assert gone.get("/bookings/").status_code == 302, "signed out at once"


def test_people_are_found_by_the_name_that_was_absorbed(kept, lead):
    taken(take_in(a_line(family_name="Okafor")))
    merge(kept, Person.objects.get(family_name="Okafor"), lead)
    assert list(Person.objects.visible_to(lead, TODAY).matching("okafor")) == [kept]


def test_the_address_of_a_record_without_one_is_the_others(kept, absorbed, lead):
    address = absorbed.email
    Person.objects.filter(pk=kept.pk).update(email="")
    User.objects.filter(person=kept).delete()
    merge(kept, absorbed, lead)
    assert User.objects.get(email=address, is_active=True).person == kept


def test_the_next_file_finds_the_kept_record_under_both_numbers(lead):
    taken(take_in(a_line(), a_line(agency="Riverbank", employee_number="R1", family_name="Okafor", email="")))
    ada, other = Person.objects.order_by("family_name").exclude(pk=lead.pk).filter(given_name="Adaeze").order_by("-pk")
    merge(other, ada, lead)
    outcome = taken(take_in(a_line(), a_line(agency="Riverbank", employee_number="R1", email="")))
    assert outcome.counts["people_new"] == 0
    assert set(Employment.objects.filter(person=other).values_list("employee_number", flat=True)) == {"0017", "R1"}


def asks(run: Run, person: Person) -> Booking:
    """A booking as people make them: a place, or a place in the queue."""
    return bookings.book(run=run, person=person, by=person, at=NOW)


# --- What nobody can have twice ------------------------------------------------------------------------------------


def test_the_lesser_of_two_bookings_for_one_run_is_given_up_and_the_next_in_line_gets_the_place(kept, absorbed, lead):
    run = planned_run(capacity=2)
    first, second, waiting = (asks(run, person) for person in (kept, absorbed, employed()))
    seen = merges.preview(kept=kept, absorbed=absorbed, by=lead, at=NOW)
    assert second.reference in seen.told[0]
    merge(kept, absorbed, lead)
    states = dict(Booking.objects.values_list("pk", "state"))
    assert (states[first.pk], states[second.pk], states[waiting.pk]) == ("booked", "given_up", "booked")


def test_a_place_goes_before_a_place_in_the_queue_whoever_is_kept(kept, absorbed, lead):
    run = planned_run(capacity=1)
    place, queued = asks(run, absorbed), asks(run, kept)
    merge(kept, absorbed, lead)
    states = dict(Booking.objects.values_list("pk", "state"))
    assert (states[place.pk], states[queued.pk]) == ("booked", "left_queue")


def test_what_the_database_refuses_twice_stays_with_the_former_record(kept, absorbed, lead):
    own = achieved(kept, on=TODAY)
    twin = achieved(absorbed, on=TODAY, course=own.course)
    seen = merges.preview(kept=kept, absorbed=absorbed, by=lead, at=NOW)
    assert seen.stays == {"achievements": 1}
    merge(kept, absorbed, lead)
    twin.refresh_from_db()
    assert twin.person == absorbed


@pytest.mark.parametrize("why", ["one cohort", "two numbers", "rights", "oneself", "merged before"])
def test_what_cannot_be_one_is_refused_in_a_sentence(kept, absorbed, lead, why):
    if why == "one cohort":
        cohort = asye_cohort()
        for person in (kept, absorbed):
            enrolled(cohort, person, AgencyFactory(), start=TODAY)
    if why == "two numbers":
        Person.objects.filter(pk=kept.pk).update(swe_number="SW1")
        Person.objects.filter(pk=absorbed.pk).update(swe_number="SW2")
    if why == "rights":
        granted(absorbed, AccessRole.ADMINISTRATOR)
    if why == "oneself":
        absorbed = kept
    if why == "merged before":
        merge(employed(), absorbed, lead)
    before = everything_of(kept, absorbed)
    with pytest.raises(CannotMerge):
        merge(kept, absorbed, lead)
    assert everything_of(kept, absorbed) == before


# --- In the browser -------------------------------------------------------------------------------------------------


def test_a_preview_changes_nothing_and_tells_nobody(browser, kept, absorbed):
    run = planned_run()
    booked(run, kept)
    booked(run, absorbed)
    before = (everything_of(kept, absorbed), OutboxMessage.objects.count())
    page = browser.get(f"/people/{kept.pk}/merge/{absorbed.pk}/").content.decode()
    assert "is given up, and the other kept" in page
    assert (everything_of(kept, absorbed), OutboxMessage.objects.count()) == before


def test_a_lead_merges_with_a_reason_and_undoes_it(browser, kept, absorbed):
    path = f"/people/{kept.pk}/merge/{absorbed.pk}/"
    assert "Say how you know" in browser.post(path, {"reason": " "}).content.decode()
    browser.post(path, {"reason": REASON})
    done = Merge.objects.get()
    assert (done.kept, done.absorbed, done.reason) == (kept, absorbed, REASON)
    browser.post(f"/people/merges/{done.pk}/undo/")
    absorbed.refresh_from_db()
    assert absorbed.merged_into is None


def test_possible_duplicates_are_listed_until_somebody_tells_them_apart(browser, kept, absorbed):
    Person.objects.filter(pk__in=[kept.pk, absorbed.pk]).update(name_key="ashdown ivo")
    assert possible_duplicates(10) == [(kept, absorbed)]
    browser.post(f"/people/{absorbed.pk}/merge/{kept.pk}/apart/")
    assert possible_duplicates(10) == []
    assert NotDuplicates.objects.get().one == kept


@pytest.mark.parametrize("role", [AccessRole.COORDINATOR, AccessRole.DIRECTOR, AccessRole.ADMINISTRATOR])
def test_nobody_but_a_lead_merges(role, as_person, kept, absorbed):
    browser = as_person(holding(role, scoped=role == AccessRole.COORDINATOR))
    for path in ("/people/duplicates/", f"/people/{kept.pk}/merge/{absorbed.pk}/"):
        assert browser.get(path).status_code == 403


def test_a_version_of_a_name_is_current_once_after_a_merge(kept, lead):
    taken(take_in(a_line()))
    absorbed = Person.objects.get(given_name="Adaeze")
    done = merge(kept, absorbed, lead)
    assert PersonVersion.objects.filter(identity=kept, is_current=True).count() == 1
    merges.undo(merge=done, by=lead, at=NOW)
    assert PersonVersion.objects.filter(identity=absorbed, is_current=True).count() == 1


def test_employments_of_both_are_one_persons(kept, absorbed, lead):
    employ(kept, agency=AgencyFactory(), employee_number="x")
    merge(kept, absorbed, lead)
    assert Employment.objects.filter(person=kept).count() == 3
