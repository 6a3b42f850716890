"""The coordinator of a school trust: takes in a list of staff, answers newcomers, and has the year's return."""

import io
import re
from datetime import date, timedelta

import pytest
from openpyxl import Workbook
from playwright.sync_api import FilePayload, expect
from pypdf import PdfReader

from courses.models import Attendance, Booking, Run
from partners.models import Agency, AgencyKind, Person, PersonVersion
from tests.browser.conftest import Walk
from tests.browser.judges import PHONE
from tests.browser.steps import link_in, open_menu, post, see, set_up_app, sign_in
from tests.factories import (
    LONG_AGO,
    NOW,
    AgencyFactory,
    JobRoleFactory,
    TeamFactory,
    booked,
    employed,
    granted,
    planned_run,
)
from tests.signing.steps import code_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
HEADER = ["Payroll no", "Surname", "Forename", "Work email", "School", "Job title", "Start date"]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
NEWCOMER, CHANCER = "ines@saltmarsh.example", "bruno@saltmarsh.example"


@pytest.fixture
def trust(later) -> Agency:
    """It has registered the addresses of its people."""
    trust = AgencyFactory(name="Saltmarsh Schools Trust", kind=AgencyKind.SCHOOL, domains=["saltmarsh.example"])
    TeamFactory(agency=trust, name="Elm Primary")
    JobRoleFactory(name="Teaching assistant")
    return trust


@pytest.fixture
def coordinator(trust) -> Person:
    return granted(stated(employed(agency=trust, employee_number="1")), "coordinator", agency=trust)


def stated(person: Person) -> Person:
    """Somebody whose name and address came with an earlier file."""
    facts = {name: getattr(person, name) for name in ("given_name", "family_name", "email")}
    PersonVersion.objects.create(identity=person, recorded_at=LONG_AGO, source="a test", **facts)
    return person


def workbook(people: list[list[object]]) -> FilePayload:
    """As a payroll system saves it: numbers as numbers, days as days."""
    book, file = Workbook(), io.BytesIO()
    for row in [HEADER, *people]:
        book.active.append(row)
    book.save(file)
    return {"name": "staff-november.xlsx", "mimeType": XLSX, "buffer": file.getvalue()}


def eighty(coordinator: Person, known: Person) -> list[list[object]]:
    """The coordinator as she is known, somebody with a new surname, 76 who are new, and two lines that are wrong."""
    long_ago, began = date(2020, 1, 6), date(2024, 9, 2)
    lines = [
        [1, coordinator.family_name, coordinator.given_name, coordinator.email, "", "", long_ago],
        [2, "Marchetti", known.given_name, known.email, "", "", long_ago],
    ]
    for n in range(3, 81):
        lines.append(
            [n, f"Invented{n}", "Robin", f"r{n}@saltmarsh.example", "Elm Primary", "Teaching assistant", began]
        )
    lines[40][-1], lines[60][3] = "soon", "r61"
    return lines


def came(person: Person, run: Run, agency: Agency) -> None:
    booking = booked(run, person)
    Booking.objects.filter(pk=booking.pk).update(agency=agency)
    Attendance.objects.create(booking=booking, session=run.sessions.get(), mark="present", marked_at=NOW)


def test_a_coordinator_takes_in_eighty_people_and_takes_them_back(walk, later, trust, coordinator):
    known, absent = (stated(employed(agency=trust, employee_number=number)) for number in ("2", "99"))
    me = walk()
    page = me.page
    sign_in(me, coordinator.email)
    set_up_app(me)
    expect(page.get_by_role("heading", name="Your list")).to_be_visible()
    see(me, "500-first-page")
    me.press("People", "link")
    me.press("Import people")
    see(me, "501-import")
    page.get_by_label("File").set_input_files(workbook(eighty(coordinator, known)))
    me.press("Send the file")
    expect(page.get_by_role("heading", name="The file is being read")).to_be_visible()
    see(me, "502-being-read")
    later()
    expect(page.get_by_role("heading", name="Match the columns")).to_be_visible()
    see(me, "503-columns")
    page.get_by_label("Team").select_option("School")
    me.press("Check the file")
    expect(page.get_by_role("heading", name="The file is being checked")).to_be_visible()
    later()
    expect(page.get_by_role("heading", name="What this file would do")).to_be_visible()
    expect(
        page.get_by_text("3 people are known to work at Saltmarsh Schools Trust; the file names 80.")
    ).to_be_visible()
    see(me, "504-preview")
    lines = page.get_by_role("navigation", name="What the lines do")
    for kind, count, words in (
        ("New", 76, "Robin Invented3"),
        ("Changed", 1, "Marchetti"),
        ("Not in the file", 1, absent.name),
        ("Wrong", 2, "Start date: "),
    ):
        lines.get_by_role("link", name=f"{kind} {count}").click()
        see(me, f"504-{kind}")
        expect(page.get_by_role("row").filter(has_text=words).first).to_be_visible()
    expect(page.get_by_role("row", name="42 Start date")).to_be_visible()
    expect(page.get_by_role("row", name="62 Work e-mail address")).to_be_visible()
    see(me, "505-wrong")
    page.get_by_label("Leave them out and take in the others").check()
    me.press("Check again")
    later()
    me.press("Take it in")
    expect(page.get_by_role("heading", name="The file is being taken in")).to_be_visible()
    expect(page.get_by_role("progressbar")).to_be_visible()
    assert Person.objects.filter(given_name="Robin").count() == 0
    lost = []  # a question for the progress that nobody answers, so that the page has to ask again
    page.route("**/people/import/*/", lambda route: route.continue_() if lost else lost.append(route))
    later()
    expect(page.get_by_role("heading", name="The file is taken in")).to_be_visible(timeout=20_000)
    assert lost
    me.troubles.clear()  # the browser remarks on it
    see(me, "506-taken-in")
    assert Person.objects.filter(given_name="Robin").count() == 76
    me.press("People", "link")
    expect(page.get_by_role("status")).to_have_text("78 people")  # besides the coordinator
    see(me, "507-people")
    me.press("Import people")
    me.press("staff-november.xlsx", "link")
    me.press("Undo this import", "link")
    see(me, "508-undo")
    me.press("Undo this import")
    later()
    expect(page.get_by_role("heading", name="The import is undone")).to_be_visible()
    expect(page.get_by_text("76 people whom it had added removed.")).to_be_visible()
    see(me, "509-undone")
    known.refresh_from_db()
    assert (Person.objects.filter(given_name="Robin").count(), known.family_name == "Marchetti") == (0, False)


def test_a_coordinator_sees_own_people_only_and_downloads_the_years_return(walk, trust, coordinator):
    other = AgencyFactory(name="Northfield Invented Academy")
    own, stranger = employed(agency=trust), employed(agency=other)
    run = planned_run(title="Noticing neglect", starts_at=NOW - timedelta(days=20))
    came(own, run, trust)
    came(stranger, run, other)
    Run.objects.filter(pk=run.pk).update(state=Run.State.COMPLETED)
    me = walk()
    me.page.set_viewport_size({"width": PHONE, "height": 800})
    page = me.page
    me.be(coordinator)
    me.to("/people/")
    expect(page.get_by_role("rowheader", name=own.name)).to_be_visible()
    expect(page.get_by_text(stranger.family_name)).to_have_count(0)
    see(me, "510-own-people")
    assert page.goto(f"{me.site}/people/{stranger.pk}/").status == 404
    see(me, "511-not-found")
    me.troubles.clear()  # the browser remarks that there was no such page
    me.to("/")
    see(me, "512-first-page")
    open_menu(me)
    me.press("Who was trained", "link")
    see(me, "513-report")
    me.press("Yearly letters", "link")
    see(me, "514-letters")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download PDF").click()
    text = " ".join(each.extract_text() for each in PdfReader(download.value.path()).pages)
    assert "took 1 place." in " ".join(text.split())


def test_newcomers_ask_to_be_added_and_the_coordinator_answers(walk, later, trust, coordinator):
    them, me = walk(), walk()
    them.page.set_viewport_size({"width": PHONE, "height": 800})
    for email, name in ((NEWCOMER, "Ines"), (CHANCER, "Bruno")):
        asks_to_be_added(them, email, name)
        them.context.clear_cookies()
    me.be(coordinator)
    me.to("/")
    see(me, "522-first-page")
    me.press(re.compile("asks? to be added"), "link")
    see(me, "523-asking")
    me.press("Ines Larch", "link")
    see(me, "524-one")
    me.page.get_by_label("First day").fill("2026-09-01")
    me.press("Add this person")
    expect(me.page.get_by_text("Ines Larch is added")).to_be_visible()
    see(me, "525-added")
    me.to("/people/asking/")
    me.press("Bruno Larch", "link")
    me.press("Decline", "link")
    me.page.get_by_label("Why are they not added?").fill("Nobody here knows you.")
    see(me, "526-decline")
    me.press("Decline and tell them")
    expect(me.page.get_by_text("Bruno Larch is not added, and is told why.")).to_be_visible()
    later()
    assert "Nobody here knows you." in post(CHANCER).body
    them.to(link_in(post(NEWCOMER), "sign-in"))
    sign_in(them, NEWCOMER)
    expect(them.page.get_by_role("heading", name="Your list")).to_be_visible()
    see(them, "527-newcomer")


def asks_to_be_added(me: Walk, email: str, name: str) -> None:
    """On a phone: an address, the code that was mailed to it, and who one is."""
    page = me.page
    me.to("/sign-in/")
    me.press("New here? Ask to be added", "link")
    page.get_by_label("Work e-mail address").fill(email)
    me.press("Send me a code")
    expect(page.get_by_role("heading", name="Enter your code")).to_be_visible()
    page.get_by_label("Code").fill(code_in(post(email)))
    me.press("Continue")
    page.get_by_label("First name").fill(name)
    page.get_by_label("Last name").fill("Larch")
    page.get_by_label("Your team").select_option(label="Elm Primary")
    page.get_by_label("Your job").fill("Teaching assistant")
    see(me, "520-about-you")
    me.press("Ask to be added")
    expect(page.get_by_role("heading", name="You have asked to be added")).to_be_visible()
    see(me, "521-asked")
