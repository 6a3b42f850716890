"""What people are called stays out of the headers of letters, whatever it holds."""

from email import message_from_bytes, policy

import pytest

from academy.lib import registry
from partners.actions import deputies
from partners.actions.people import add
from partners.models import Person
from tests.factories import TODAY, AgencyFactory, employed

pytestmark = pytest.mark.django_db
BREAKS_OUT = "Ada\r\nBcc: everyone@evil.example\r\n\r\n=HYPERLINK(1)\t"


def test_a_name_breaks_out_of_no_header_of_a_letter(at, mailoutbox):
    manager, agency = employed(), AgencyFactory()
    Person.objects.filter(pk=manager.pk).update(given_name=BREAKS_OUT)
    manager.refresh_from_db()
    deputies.name(manager=manager, deputy=employed(), from_date=TODAY, until=TODAY, by=manager, at=at)
    said = {"given_name": BREAKS_OUT, "family_name": "Thornhill", "email": "ada@elm.example", "employee_number": ""}
    add(**said, agency=agency, team=None, job_role=None, start_date=TODAY, by=manager, at=at)
    registry.run_due(at)
    assert len(mailoutbox) == 2
    for letter in mailoutbox:
        read = message_from_bytes(letter.message().as_bytes(), policy=policy.default)
        assert read["Bcc"] is None
        assert read["To"] == letter.to[0]
        assert len(letter.recipients()) == 1
