"""A restored backup erases again whoever was erased after it was made, and nobody else."""

import os
import threading
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import connection

from academy.lib import registry
from academy.privacy import erasing, holds, ledger
from academy.privacy.models import ERASED_NAME, Erasure
from partners.models import Person
from tests.factories import LONG_AGO, NOW, PersonFactory, employed, holding
from tests.privacy.someone import TELLING, found_in_the_database, zephyrine
from tests.test_backup import connected_to, do, fresh_database

LATER = NOW + timedelta(days=2)


def line(**facts) -> ledger.Line:
    return ledger.Line(**({"record": uuid4(), "person": 7, "at": NOW, "rule": "request"} | facts))


# --- The file -----------------------------------------------------------------------------------------------------


def test_what_is_written_is_read_and_only_its_owner_may(settings):
    lines = [line(), line()]
    ledger.write(lines[:1])
    assert list(ledger.read().values()) == lines[:1]
    ledger.write(lines[1:])
    assert list(ledger.read().values()) == lines
    assert settings.ERASURES_FILE.stat().st_mode & 0o777 == 0o600
    assert settings.ERASURES_FILE.parent.stat().st_mode & 0o777 == 0o700


def test_a_line_that_a_crash_tore_is_left_out_and_spoils_none_after_it(settings):
    first, torn, last = line(), line(), line()
    ledger.write([first])
    with settings.ERASURES_FILE.open("a") as file:
        file.write(str(torn)[:40])
    ledger.write([last])
    assert list(ledger.read().values()) == [first, last]


def test_each_line_is_on_the_disk_before_anyone_is_erased(monkeypatch):
    synced = []
    monkeypatch.setattr(os, "fsync", lambda file: synced.append(os.fstat(file).st_size))
    ledger.write([line()])
    assert len(synced) == 2, "the file, and the folder that names it"
    assert synced[0] > 0


def test_processes_that_write_at_once_mix_no_lines():
    threads = [threading.Thread(target=lambda: [ledger.write([line()]) for _ in range(20)]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ledger.read()) == 160


def test_a_line_holds_no_personal_data(db, settings):
    erasing.erase(person=zephyrine().person, by=None, at=NOW, reason="asked by letter")
    text = settings.ERASURES_FILE.read_text()
    assert not [word for word in (*TELLING, "asked") if word in text]
    assert set(eval(text)) == {"record", "person", "at", "rule"}


# --- Ledger and database ------------------------------------------------------------------------------------------


@pytest.mark.django_db
class TestTheTick:
    def test_whoever_the_ledger_names_and_has_a_name_is_erased_again_as_it_was(self):
        person = employed()
        ledger.write([line(record=person.uuid, person=person.pk, at=LONG_AGO, rule="schedule")])
        assert registry.run_due(NOW)["people_erased_again"] == 1
        person.refresh_from_db()
        assert person.name == ERASED_NAME
        assert (person.erasure.at, person.erasure.rule) == (LONG_AGO, "schedule")
        assert len(ledger.read()) == 1

    def test_it_does_not_wait_for_the_night(self):
        registry.run_due(NOW)
        person = employed()
        ledger.write([line(record=person.uuid)])
        assert registry.run_due(NOW + timedelta(seconds=5))["people_erased_again"] == 1

    def test_a_newcomer_with_the_same_id_is_left_alone(self):
        newcomer = employed()
        ledger.write([line(person=newcomer.pk)])
        registry.run_due(NOW)
        newcomer.refresh_from_db()
        assert newcomer.name != ERASED_NAME
        assert Erasure.objects.get().person is None

    def test_once_both_agree_a_tick_only_counts(self, django_assert_num_queries):
        ledger.write([line(), line()])
        registry.run_due(NOW)
        with django_assert_num_queries(1):
            assert erasing.heed_ledger(LATER) == {}

    def test_a_lost_file_is_written_again_from_the_database(self, settings):
        erasing.erase(person=employed(), by=None, at=NOW, reason="asked")
        before = ledger.read()
        settings.ERASURES_FILE.unlink()
        registry.run_due(NOW)
        assert ledger.read() == before

    def test_a_name_that_somebody_wrote_into_an_erased_record_goes_the_next_night(self):
        person = employed()
        erasing.erase(person=person, by=None, at=NOW, reason="asked")
        Person.objects.filter(pk=person.pk).update(given_name="Back")
        registry.run_due(LATER)
        person.refresh_from_db()
        assert person.name == ERASED_NAME

    def test_a_hold_keeps_also_whom_the_ledger_names_until_it_is_ended(self):
        person, administrator = employed(), holding("administrator")
        held = holds.place(on=person, by=administrator, at=NOW, reason="a claim", review_on=LATER.date())
        ledger.write([line(record=person.uuid)])
        registry.run_due(NOW)
        person.refresh_from_db()
        assert person.name != ERASED_NAME
        holds.end(hold=held, by=administrator, at=NOW)
        registry.run_due(NOW)
        person.refresh_from_db()
        assert person.name == ERASED_NAME


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("reseed")
def test_a_backup_restored_erases_again_and_spares_the_newcomer_with_the_same_id(tmp_path):
    """With the handbook's own commands: dump, erase, restore, somebody new under a reused id, tick."""
    someone, dump = zephyrine(), tmp_path / "academy.dump"
    with dump.open("wb") as file:
        do("pg_dump", connection.settings_dict["NAME"], stdout=file)
    after_the_dump = PersonFactory()
    for person in (someone.person, after_the_dump):
        erasing.erase(person=person, by=None, at=NOW, reason="asked by letter")

    with fresh_database() as empty:
        do("dropdb", empty)
        do("createdb", empty)
        with dump.open("rb") as file:
            do("pg_restore", empty, stdin=file)
        with connected_to(empty):
            newcomer = PersonFactory(given_name="Newcomer", created_at=NOW)
            assert newcomer.pk == after_the_dump.pk, "the restored sequence gives the id again"
            assert found_in_the_database(TELLING)
            call_command("run_due", at="2026-11-25T09:00")
            assert found_in_the_database(TELLING) == {}
            newcomer.refresh_from_db()
            assert newcomer.given_name == "Newcomer"
            assert Person.objects.get(pk=someone.person.pk).erasure.at == NOW
            assert Erasure.objects.get(record=after_the_dump.uuid).person is None
