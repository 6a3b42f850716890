"""`manage.py grant`: how the first administrator and the first lead of an academy come by their access roles."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from academy.lib import clock, registry
from partners.models import AuditEvent, Grant
from tests.factories import AgencyFactory, employed

pytestmark = pytest.mark.django_db


def grant(*words: str) -> str:
    out = StringIO()
    call_command("grant", *words, stdout=out)
    return out.getvalue()


def roles(person) -> set[str]:
    return registry.roles_of(person, clock.today())


@pytest.mark.parametrize("role", ["lead", "director", "administrator"])
def test_whoever_signs_in_with_an_address_has_the_access_role_from_today_and_it_is_audited(role):
    person = employed()
    assert role in grant(f" {person.user.email.upper()} ", role).lower()
    assert role in roles(person)
    event = AuditEvent.objects.get(kind="grant.given")
    assert (event.by, event.person, event.details) == (None, person, {"access_role": role})


def test_a_coordinator_is_named_with_an_agency_whatever_the_case_of_its_name():
    person, agency = employed(), AgencyFactory(name="Sallow Vale NHS Trust")
    grant(person.user.email, "coordinator", "--agency", "sallow vale nhs trust")
    assert Grant.objects.get(person=person).agency == agency


@pytest.mark.parametrize("words", [("coordinator",), ("lead", "--agency", "Sallow Vale NHS Trust")])
def test_a_coordinator_and_nobody_else_needs_an_agency(words):
    AgencyFactory(name="Sallow Vale NHS Trust")
    with pytest.raises(CommandError, match="coordinator"):
        grant(employed().user.email, *words)
    assert not Grant.objects.exists()


def test_giving_it_twice_gives_it_once():
    person = employed()
    grant(person.user.email, "lead")
    assert "already" in grant(person.user.email, "lead")
    assert Grant.objects.count() == 1


def test_an_address_nobody_has_an_unknown_role_and_an_unknown_agency_are_refused():
    person = employed()
    with pytest.raises(CommandError, match=r"Nobody signs in as zed@example\.org"):
        grant("zed@example.org", "lead")
    with pytest.raises(CommandError, match="invalid choice: 'king'"):
        grant(person.user.email, "king")
    with pytest.raises(CommandError, match=r"No agency is called Atlantis\. There are: "):
        grant(person.user.email, "coordinator", "--agency", "Atlantis")
    assert not Grant.objects.exists()
