"""An address in a file opens the record of whoever has it now."""

from datetime import timedelta

import pytest

from partners.models import Person, User
from tests.factories import NOW, TODAY
from tests.partners.files import a_line, bo, everything, take_in, taken

pytestmark = pytest.mark.django_db
YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)
LATER = NOW + timedelta(days=60)


SHARED = "duty.desk@larkshire.example"


def owner_of(address: str) -> str | None:
    return User.objects.filter(email=address, is_active=True).values_list("person__given_name", flat=True).first()


def test_a_recycled_address_opens_the_newcomers_record_and_closes_the_leavers():
    taken(take_in(a_line(email=SHARED)))
    leaver = Person.objects.get()
    taken(take_in(a_line(email=SHARED, end_date="2020-06-30"), bo(email=SHARED), at=LATER))
    assert owner_of(SHARED) == "Bo"
    leaver.refresh_from_db()
    assert (leaver.email, leaver.user.email, leaver.user.is_active) == ("", None, False)


@pytest.mark.parametrize("newcomer_first", [True, False])
def test_a_recycled_address_in_one_file_goes_to_the_one_at_work(newcomer_first):
    lines = [bo(email=SHARED), a_line(email=SHARED, end_date="2020-06-30")]
    taken(take_in(*(lines if newcomer_first else reversed(lines))))
    assert owner_of(SHARED) == "Bo"
    assert Person.objects.get(given_name="Adaeze").email == ""


def test_a_leavers_line_that_is_still_in_the_file_does_not_take_the_address_back():
    lines = [a_line(email=SHARED, end_date="2020-06-30"), bo(email=SHARED)]
    taken(take_in(*lines))
    before = everything()
    taken(take_in(*lines, at=LATER))
    assert everything() == before


def test_a_leaver_who_comes_back_signs_in_again():
    taken(take_in(a_line(email=SHARED, end_date="2020-06-30"), bo(email=SHARED)))
    taken(take_in(a_line(start_date="2022-01-10", email="ada@larkshire.example"), at=LATER))
    assert owner_of("ada@larkshire.example") == "Adaeze"
    assert owner_of(SHARED) == "Bo"


def test_two_colleagues_with_one_address_are_listed_and_the_first_keeps_it():
    outcome = taken(take_in(a_line(email=SHARED), bo(email=SHARED)))
    assert owner_of(SHARED) == "Adaeze"
    assert not User.objects.filter(person__given_name="Bo").exists()
    assert any("Adaeze" in note and "Bo" in note and SHARED in note for note in outcome.notes)
    again = taken(take_in(bo(email=SHARED)))
    assert owner_of(SHARED) == "Adaeze"
    assert any("Adaeze" in note and "Bo" in note for note in again.notes)


def test_someone_who_starts_next_week_does_not_lose_an_address_as_a_leaver_would():
    taken(take_in(a_line(email=SHARED, start_date=(TODAY + timedelta(days=7)).isoformat())))
    taken(take_in(bo(email=SHARED)))
    assert owner_of(SHARED) == "Adaeze"


def test_colleagues_can_swap_addresses():
    first, second = a_line()["email"], bo()["email"]
    taken(take_in(a_line(), bo()))
    taken(take_in(a_line(email=second), bo(email=first)))
    assert (owner_of(first), owner_of(second)) == ("Bo", "Adaeze")


def test_an_address_passes_on_when_its_holder_moves_to_another_in_the_same_file():
    taken(take_in(a_line()))
    old = a_line()["email"]
    taken(take_in(bo(email=old), a_line(email="adaeze.okoro@larkshire.example")))
    assert (owner_of(old), owner_of("adaeze.okoro@larkshire.example")) == ("Bo", "Adaeze")


def test_an_address_is_the_same_in_any_capitals():
    taken(take_in(a_line(email="Adaeze@Larkshire.Example")))
    assert User.objects.get().email == "adaeze@larkshire.example"


def test_nobody_without_an_address_has_an_account():
    taken(take_in(a_line(email="")))
    assert not User.objects.exists()
