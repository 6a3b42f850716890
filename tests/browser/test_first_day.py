"""An academy on its first day: every page that lists something has nothing to list, and says so accessibly."""

import pytest

from partners.models import Grant
from tests.browser import judges
from tests.factories import TODAY, employed

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SAID = {
    "/": "Nothing waits for you.",
    "/courses/": "No course matches.",
    "/bookings/": "Nothing booked.",
    "/registers/": "No register is waiting.",
    "/people/": "Nobody matches.",
    "/cohorts/": "There is no cohort with anyone whom you may see.",
    "/retention/": "No cohort had begun by that day.",
    "/system/": "None: every message arrived, or will be tried again.",
    "/try-out/": "No demo people yet.",
    "/try-out/mailbox/": "No messages.",
}


def test_every_page_with_nothing_on_it_passes(walk):
    person = employed()
    for access_role in ("lead", "director", "administrator"):
        Grant.objects.create(
            person=person, access_role=access_role, from_date=TODAY.replace(year=2020), reason="a test"
        )
    me = walk()
    me.be(person)
    problems = []
    for address, words in SAID.items():
        me.to(address)
        assert me.page.get_by_text(words).is_visible(), address
        me.page.evaluate(judges.AXE)
        problems += [f"{address}, {each}" for each in judges.everything(me.page)]
    assert problems == [], "\n" + "\n".join(problems)
