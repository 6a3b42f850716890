"""What a data protection officer looks for after an erasure, beyond somebody's rows as they are now."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction

from academy.privacy import erasing, retention
from academy.privacy.models import ERASED_NAME
from partners import audit
from partners.actions import characteristics, deputies, merges
from partners.importers import loads
from partners.importers.columns import Reading, match, read_file
from partners.models import Import, Merge, NotDuplicates, OutboxMessage, Person, PersonVersion
from partners.models.imports import wait_for_turn
from partners.permissions import AccessRole
from tests.factories import NOW, TODAY, employ, employed, holding
from tests.partners.files import a_line, take_in, taken, text_of
from tests.privacy.someone import FAMILY, GIVEN, NEEDS, TELLING, found_in_the_database, zephyrine

pytestmark = pytest.mark.django_db
FORMER, FORMER_ADDRESS = "Wintergreen", "z.wintergreen@larkshire.example"


@pytest.fixture
def administrator():
    return holding(AccessRole.ADMINISTRATOR)


def erased(person: Person, by: Person) -> None:
    erasing.erase(person=person, by=by, at=NOW, reason="asked by letter")


def renamed(person: Person) -> None:
    """What she was called and where she was written to is said by versions alone."""
    PersonVersion.objects.create(
        identity=person, given_name=GIVEN, family_name=FORMER, email=FORMER_ADDRESS, recorded_at=NOW, source="a.csv"
    )


def test_former_names_and_addresses_go_from_everywhere_too(administrator):
    """From others' words, and from messages that only an address leads to."""
    person = zephyrine().person
    renamed(person)
    other = employed()
    audit.record("person.access_needs", by=other, at=NOW, about=other, person=other, words=f"as {GIVEN} {FORMER} said")
    OutboxMessage.objects.create(
        kind="partners.address_left", key="k", address=FORMER_ADDRESS, due_at=NOW, created_at=NOW
    )
    assert {"partners_auditevent", "partners_outboxmessage"} <= set(found_in_the_database([FORMER]))
    erased(person, administrator)
    assert found_in_the_database([*TELLING, FORMER, FORMER_ADDRESS]) == {}


def test_nothing_is_left_of_somebody_who_was_merged_imported_told_apart_and_stood_in(administrator):
    someone = zephyrine()
    agency = someone.person.employments.get().agency
    renamed(someone.person)
    double = employ(employed(), agency=agency).person
    Person.objects.filter(pk=double.pk).update(given_name=GIVEN, family_name=FAMILY, access_needs=NEEDS)
    merges.merge(kept=someone.person, absorbed=Person.objects.get(pk=double.pk), by=administrator, at=NOW, reason=GIVEN)
    merges.tell_apart(one=someone.person, other=employed(), by=administrator, at=NOW)
    deputies.name(
        manager=someone.manager, deputy=someone.person, from_date=TODAY, until=TODAY, by=someone.manager, at=NOW
    )
    characteristics.answer(person=someone.person, answers={"religion": "none"}, on=TODAY)
    file = text_of([a_line(agency=agency.name, employee_number="ZQ-1", given_name=GIVEN, family_name=FAMILY, email="")])
    load = loads.send(file_name=f"{GIVEN} {FAMILY}.csv", data=file.encode(), agency=agency, by=administrator, at=NOW)
    Import.objects.filter(pk=load.pk).update(by=holding(AccessRole.LEAD))
    take_in_browser(load)
    erased(Person.objects.get(pk=someone.person.pk), administrator)
    for person in Person.objects.filter(given_name=GIVEN):  # the file made another of that name, who asks for it too
        erased(person, administrator)
    assert found_in_the_database([*TELLING, FORMER]) == {}
    assert not NotDuplicates.objects.exists()


def take_in_browser(load: Import) -> None:
    loads.do_waiting(NOW)
    load.refresh_from_db()
    columns = match(read_file(bytes(load.file)).header)
    loads.check(load=load, how=Reading(columns=columns, agency=load.agency.name))
    loads.do_waiting(NOW)
    load.refresh_from_db()
    loads.confirm(load=load, by=load.by, at=NOW)
    loads.do_waiting(NOW)
    load.refresh_from_db()
    assert load.state == Import.State.IMPORTED, load.notes


# --- Records made one ---------------------------------------------------------------------------------------------


def merged(by: Person) -> Merge:
    kept, absorbed = employed(), employed()
    Person.objects.filter(pk=absorbed.pk).update(access_needs=NEEDS)
    return merges.merge(kept=kept, absorbed=Person.objects.get(pk=absorbed.pk), by=by, at=NOW, reason="a test")


def test_what_two_records_held_is_kept_for_a_year_and_no_longer_so_that_needs_have_no_second_life(administrator):
    made = merged(administrator)
    retention.run(NOW + timedelta(days=360))
    assert NEEDS in str(Merge.objects.get(pk=made.pk).before)
    retention.run(NOW + timedelta(days=370))
    assert Merge.objects.get(pk=made.pk).before == {}


def test_a_merge_whose_people_were_erased_is_not_undone_and_the_page_says_so(administrator, as_person):
    made = merged(administrator)
    erased(made.kept, administrator)
    browser = as_person(holding(AccessRole.LEAD))
    answer = browser.post(f"/people/merges/{made.pk}/undo/", follow=True)
    assert "too long ago to be undone, or somebody has been erased" in answer.content.decode()


def test_the_second_record_of_somebody_who_works_here_is_no_leaver(administrator):
    """Nothing hangs on it any more, and its name is also that of somebody who is here."""
    made = merged(administrator)
    Person.objects.filter(pk=made.absorbed_id).update(created_at=NOW - timedelta(days=4000))
    retention.run(NOW)
    assert Person.objects.get(pk=made.absorbed_id).given_name != ERASED_NAME


# --- While a file is taken in -------------------------------------------------------------------------------------


@pytest.fixture
def import_at_work(transactional_db, reseed):
    """Another process takes in a file, which knows everybody's name by now."""
    begun, end = threading.Event(), threading.Event()

    def work() -> None:
        with transaction.atomic():
            wait_for_turn()
            begun.set()
            end.wait(20)
        connection.close()

    worker = threading.Thread(target=work)
    worker.start()
    begun.wait(20)
    yield
    end.set()
    worker.join()


@pytest.mark.django_db(transaction=True)
def test_nobody_is_erased_merged_or_made_two_again_meanwhile(import_at_work, administrator):
    """It would write the name again that was erased, or a post to a record that nothing shows any more."""
    with pytest.raises(erasing.CannotErase, match="being taken in"):
        erased(employed(), administrator)
    with pytest.raises(merges.CannotMerge, match="being taken in"):
        merged(administrator)
    leaver = employed(end_date=TODAY - timedelta(days=4000))
    assert erasing.erase_leavers(Person.objects.filter(pk=leaver.pk), at=NOW) == 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("reseed")
def test_no_import_begins_before_an_erasure_has_ended():
    taken(take_in(a_line()))
    ada = Person.objects.get(given_name="Adaeze")
    by, done = holding(AccessRole.ADMINISTRATOR), []

    def imports() -> None:
        done.append(take_in(a_line(family_name="Okafor")).ok)
        connection.close()

    with transaction.atomic():
        erased(ada, by)
        worker = threading.Thread(target=imports)
        worker.start()
        worker.join(1)
        assert done == [], "it waits"
    worker.join(20)
    assert done == [True]
    assert Person.objects.get(pk=ada.pk).given_name == ERASED_NAME
