"""Taking in files of people in a browser: from the file to its undoing."""

from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from academy.privacy import retention
from partners.importers import loads
from partners.models import Agency, Employment, Import, ImportLine, JobRole, Person, PersonVersion, Team, User
from partners.permissions import AccessRole
from tests.factories import NOW, AgencyFactory, booked, employed, granted, holding, planned_run
from tests.partners.files import Line, a_line, bo, current_facts, everything, take_in, taken, text_of

pytestmark = pytest.mark.django_db
S = Import.State


@pytest.fixture
def larkshire():
    return AgencyFactory(name="Larkshire")


@pytest.fixture
def coordinator(larkshire):
    return holding(AccessRole.COORDINATOR, agency=larkshire, scoped=True)


@pytest.fixture
def browser(coordinator, as_person):
    return as_person(coordinator)


def tick(at=NOW) -> None:
    loads.do_waiting(at)


def sent(browser: Client, data: bytes | str, name: str = "staff.csv", agency: Agency | None = None) -> Import:
    """A file sent by the page and read by the tick."""
    file = SimpleUploadedFile(name, data.encode() if isinstance(data, str) else data)
    whose = agency or Agency.objects.get(name="Larkshire")
    page = browser.post("/people/import/", {"file": file, "agency": str(whose.pk)})
    assert page.status_code == 302, page.content.decode()
    tick()
    return Import.objects.latest("pk")


def chosen(browser: Client, load: Import, **changes: str) -> dict[str, str]:
    """What the page on columns has chosen, with changes."""
    form = browser.get(f"/people/import/{load.pk}/").context["form"]
    shown = {name: form[name].value() or "" for name in form.fields}
    return shown | changes


def checked(browser: Client, data: bytes | str, **changes: str) -> Import:
    """A file that was sent, matched and checked."""
    load = sent(browser, data)
    page = browser.post(f"/people/import/{load.pk}/columns/", chosen(browser, load, **changes))
    assert page.status_code == 302, page.context["form"].errors
    tick()
    load.refresh_from_db()
    return load


def imported(browser: Client, data: bytes | str, **changes: str) -> Import:
    load = checked(browser, data, **changes)
    page = browser.post(f"/people/import/{load.pk}/confirm/", {"shorter": "on", "leaving": "on"})
    assert page.status_code == 302
    tick()
    load.refresh_from_db()
    return load


def lines_of(load: Import, verdict: str) -> list[tuple[int | None, str, str]]:
    return list(load.lines.filter(verdict=verdict).values_list("line", "who", "what"))


# --- The way through ----------------------------------------------------------------------------------------------


def test_a_file_is_sent_matched_checked_confirmed_and_taken_in(browser):
    load = imported(browser, text_of([a_line(), bo()]))
    assert load.state == S.IMPORTED
    assert set(Person.objects.filter(employments__agency__name="Larkshire").values_list("given_name", flat=True)) >= {
        "Adaeze",
        "Bo",
    }
    page = browser.get(f"/people/import/{load.pk}/").content.decode()
    assert "2 people new" in page


def test_dates_in_a_column_that_was_not_recognised_can_be_read_as_they_are_written(browser):
    file = "Payroll,Forename,Surname,In post from\n7,Ivo,Ash,03/09/2024\n"
    load = imported(browser, file, employee_number="Payroll", start_date="In post from", dates="day_first")
    assert (load.state, Employment.objects.get(employee_number="7").start_date) == (S.IMPORTED, date(2024, 9, 3))


def test_nothing_is_changed_before_it_is_confirmed(browser):
    before = everything()
    checked(browser, text_of([a_line(), bo()]))
    assert {name: rows for name, rows in everything().items() if name != "AuditEvent"} == {
        name: rows for name, rows in before.items() if name != "AuditEvent"
    }


def test_the_page_counts_what_lines_do_and_lists_each_with_its_line(browser):
    taken(take_in(a_line(), bo()))
    load = checked(
        browser,
        text_of(
            [
                a_line(fte="0.6"),
                bo(end_date="2026-10-31", leaving_reason="1"),
                bo(employee_number="3", given_name="Cleo", family_name="Ashdown", email=""),
                bo(employee_number="4", start_date="soon"),
            ]
        ),
    )
    assert lines_of(load, "changed") == [(2, "Adaeze Thornhill", "full-time equivalent 1 → 0.6")]
    assert lines_of(load, "leaving") == [
        (3, "Bo Lindqvist", "last day none → 31 October 2026; reason for leaving none → Resignation")
    ]
    assert lines_of(load, "new") == [(4, "Cleo Ashdown", "Social worker, Larkshire, from 2 September 2019")]
    assert lines_of(load, "wrong") == [(5, "", "Start date: 'soon' is not a date like 2026-11-21")]
    page = browser.get(f"/people/import/{load.pk}/?show=leaving")
    assert [line.who for line in page.context["page"]] == ["Bo Lindqvist"]


def test_those_who_are_not_in_the_file_are_listed_and_nothing_happens_to_them(browser, coordinator):
    taken(take_in(a_line(), bo()))
    load = imported(browser, text_of([a_line()]))
    missing = {who for _, who, _ in lines_of(load, "missing")}
    assert missing == {"Bo Lindqvist", coordinator.name}
    assert Employment.objects.in_post(NOW.date()).filter(employee_number="0018").exists()


def test_a_file_that_says_nothing_new_changes_nothing(browser, coordinator):
    file = text_of([a_line(team="Families > Red"), bo()])
    imported(browser, file)
    before = current_facts()
    names = list(PersonVersion.objects.order_by("pk").values())
    again = imported(browser, file)
    assert (current_facts(), list(PersonVersion.objects.order_by("pk").values())) == (before, names)
    assert set(again.lines.values_list("verdict", flat=True)) <= {"missing"}


def test_the_page_says_how_many_people_are_known_and_how_many_the_file_names(browser):
    load = checked(browser, text_of([a_line(), bo()]))
    said = "1 person is known to work at Larkshire; the file names 2."
    assert said in browser.get(f"/people/import/{load.pk}/").content.decode()


# --- Stopped for a decision ---------------------------------------------------------------------------------------


def test_an_empty_file_is_refused_and_says_so(browser):
    load = sent(browser, "employee_number,given_name\n")
    assert load.state == S.REFUSED
    assert "nothing beneath it" in browser.get(f"/people/import/{load.pk}/").content.decode()


def test_a_file_of_no_bytes_is_refused_by_the_form(browser, larkshire):
    file = SimpleUploadedFile("none.csv", b"")
    page = browser.post("/people/import/", {"file": file, "agency": str(larkshire.pk)})
    assert "The file is empty" in page.content.decode()
    assert not Import.objects.exists()


def many(count: int, **values: str) -> list[Line]:
    return [bo(employee_number=f"1{n:03}", given_name=f"Given{n}", email="", **values) for n in range(count)]


def test_a_much_shorter_file_needs_a_tick(browser):
    taken(take_in(*many(10)))
    load = checked(browser, text_of(many(4)))
    page = browser.post(f"/people/import/{load.pk}/confirm/", {})
    assert "this short" in page.content.decode()
    load.refresh_from_db()
    assert load.state == S.CHECKED
    browser.post(f"/people/import/{load.pk}/confirm/", {"shorter": "on"})
    load.refresh_from_db()
    assert load.state == S.IMPORTING


@pytest.mark.parametrize(("leavers", "asks"), [(2, False), (3, True)])
def test_more_than_one_in_ten_leaving_needs_a_tick(browser, leavers, asks):
    taken(take_in(*many(19)))  # and the coordinator: twenty
    file = many(19)
    for line in file[:leavers]:
        line["end_date"] = "2026-10-31"
    load = checked(browser, text_of(file))
    page = browser.post(f"/people/import/{load.pk}/confirm/", {})
    assert (page.status_code == 200) == asks


def test_lines_that_are_wrong_stop_the_file_until_somebody_leaves_them_out(browser):
    load = checked(browser, text_of([a_line(), bo(fte="lots")]))
    assert loads.undecided(load) == ["wrong"]
    browser.post(f"/people/import/{load.pk}/confirm/", {})
    load.refresh_from_db()
    assert load.state == S.CHECKED
    browser.post(f"/people/import/{load.pk}/decide/", {"wrong": "left_out"})
    tick()
    browser.post(f"/people/import/{load.pk}/confirm/", {})
    tick()
    load.refresh_from_db()
    assert load.state == S.IMPORTED
    assert set(Employment.objects.filter(agency__name="Larkshire").values_list("employee_number", flat=True)) >= {
        "0017"
    }
    assert not Employment.objects.filter(employee_number="0018").exists()


def test_the_wrong_lines_can_be_downloaded_with_what_is_wrong(browser):
    load = checked(browser, text_of([a_line(), bo(fte="lots", given_name="=cmd()")]))
    answer = browser.get(f"/people/import/{load.pk}/to-fix.csv")
    [header, line] = answer.content.decode("utf-8-sig").splitlines()
    assert header.endswith("What is wrong")
    assert "Full-time equivalent: 'lots' is not a number" in line
    assert "'=cmd()" in line, "a formula is inert"
    assert answer["Content-Disposition"].startswith("attachment")


def test_lost_zeros_are_asked_about_and_put_back(browser):
    taken(take_in(a_line(employee_number="0017")))
    load = checked(browser, text_of([a_line(employee_number="17", fte="0.5")]))
    assert loads.undecided(load) == ["zeros"]
    browser.post(f"/people/import/{load.pk}/decide/", {"zeros": "lost"})
    tick()
    load.refresh_from_db()
    assert [what for _, _, what in lines_of(load, "changed")] == ["full-time equivalent 1 → 0.5"]
    assert not load.lines.filter(verdict="new").exists()


def test_numbers_that_have_lost_nothing_are_two_people(browser):
    taken(take_in(a_line(employee_number="0017")))
    load = checked(browser, text_of([bo(employee_number="17")]))
    browser.post(f"/people/import/{load.pk}/decide/", {"zeros": "right"})
    tick()
    load.refresh_from_db()
    assert loads.undecided(load) == []
    assert [who for _, who, _ in lines_of(load, "new")] == ["Bo Lindqvist"]


def test_a_new_post_ends_the_former_one_only_where_somebody_says_so(browser):
    taken(take_in(a_line(team="Red"), bo()))
    file = text_of([a_line(team="Blue", start_date="2026-03-02"), bo()])
    load = checked(browser, file)
    assert lines_of(load, "moved") == [
        (2, "Adaeze Thornhill", "Social worker, Red → Social worker, Blue, from 2 March 2026")
    ]
    browser.post(f"/people/import/{load.pk}/decide/", {"former": "ended"})
    tick()
    browser.post(f"/people/import/{load.pk}/confirm/", {"leaving": "on"})
    tick()
    ends = dict(
        Employment.objects.filter(employee_number="0017", versions__is_current=True).values_list(
            "team__name", "versions__end_date"
        )
    )
    assert {team: end and end.isoformat() for team, end in ends.items()} == {"Red": "2026-03-01", "Blue": None}


def test_both_posts_are_kept_where_somebody_holds_both(browser):
    taken(take_in(a_line(team="Red")))
    load = checked(browser, text_of([a_line(team="Blue", start_date="2026-03-02")]))
    browser.post(f"/people/import/{load.pk}/decide/", {"former": "kept"})
    tick()
    browser.post(f"/people/import/{load.pk}/confirm/", {"shorter": "on"})
    tick()
    assert Employment.objects.in_post(NOW.date()).filter(employee_number="0017").count() == 2


# --- Whose people -------------------------------------------------------------------------------------------------


def test_a_coordinator_can_choose_no_agency_but_the_own(browser):
    other = AgencyFactory(name="Riverbank")
    file = SimpleUploadedFile("staff.csv", text_of([a_line()]).encode())
    page = browser.post("/people/import/", {"file": file, "agency": str(other.pk)})
    assert page.status_code == 200
    assert not Import.objects.exists()


def test_a_line_that_names_another_agency_is_wrong_and_shows_nobody_of_it(browser):
    taken(take_in(bo(agency="Riverbank", employee_number="77", given_name="Secret", family_name="Name")))
    file = [a_line(), bo(agency="Riverbank")]
    load = checked(browser, text_of(file))
    assert [line for line, _, _ in lines_of(load, "wrong")] == [3]
    assert "Secret Name" not in {line.who for line in load.lines.all()}


def test_another_agencys_import_is_not_there(browser, as_person):
    load = sent(browser, text_of([a_line()]))
    stranger = as_person(holding(AccessRole.COORDINATOR, scoped=True))
    for address in ("", "columns/", "decide/", "confirm/", "cancel/", "undo/", "to-fix.csv"):
        path = f"/people/import/{load.pk}/{address}"
        assert 404 in {stranger.get(path).status_code, stranger.post(path, {}).status_code}
        assert {stranger.get(path).status_code, stranger.post(path, {}).status_code} <= {404, 405}
    assert Import.objects.get().state == S.MATCHING


def test_a_lead_may_send_a_file_of_several_agencies(as_person, larkshire):
    browser = as_person(holding(AccessRole.LEAD))
    file = SimpleUploadedFile("all.csv", text_of([a_line(), bo(agency="Riverbank")]).encode())
    browser.post("/people/import/", {"file": file, "agency": "several"})
    tick()
    load = Import.objects.get()
    browser.post(f"/people/import/{load.pk}/columns/", chosen(browser, load))
    tick()
    browser.post(f"/people/import/{load.pk}/confirm/", {})
    tick()
    assert Agency.objects.filter(name="Riverbank").exists()


def test_a_coordinator_cannot_open_the_record_of_somebody_elsewhere_by_their_public_number(browser):
    """The register of social workers is public: a number in a file proves nothing."""
    taken(take_in(bo(agency="Riverbank", swe_number="SW7")))
    load = checked(browser, text_of([a_line(swe_number="SW7")]))
    assert "ask an academy lead" in lines_of(load, "wrong")[0][2]
    lead = holding(AccessRole.LEAD)
    Import.objects.filter(pk=load.pk).update(by=lead)
    loads.check(load=load, how=loads.Reading.from_json(load.reading))
    tick()
    assert not load.lines.filter(verdict="wrong").exists()


def test_a_coordinator_cannot_give_a_new_address_to_somebody_with_rights(browser, larkshire):
    """Whoever reads that mailbox could sign in as them."""
    taken(take_in(a_line()))
    ada = Person.objects.get(given_name="Adaeze")
    ada.grants.create(access_role=AccessRole.DIRECTOR, from_date=NOW.date() - timedelta(days=1), reason="a test")
    load = imported(browser, text_of([a_line(email="mine@elsewhere.example")]))
    ada.refresh_from_db()
    assert ada.email == "adaeze.thornhill@larkshire.example"
    assert any("the address stays as it is" in note for note in load.notes)


def test_a_lead_cannot_give_a_new_address_to_an_administrator(as_person, larkshire):
    taken(take_in(a_line()))
    granted(Person.objects.get(given_name="Adaeze"), AccessRole.ADMINISTRATOR)
    imported(as_person(holding(AccessRole.LEAD)), text_of([a_line(email="mine@elsewhere.example")]))
    assert User.objects.get(person__given_name="Adaeze").email == "adaeze.thornhill@larkshire.example"


def test_a_coordinator_cannot_give_a_new_address_to_somebody_who_works_elsewhere_too(browser):
    taken(take_in(a_line(swe_number="SW1"), a_line(agency="Riverbank", employee_number="R1", swe_number="SW1")))
    imported(browser, text_of([a_line(email="mine@elsewhere.example")]))
    assert User.objects.get(person__swe_number="SW1").email == "adaeze.thornhill@larkshire.example"


# --- Undo ---------------------------------------------------------------------------------------------------------


def undo(browser: Client, load: Import) -> Import:
    browser.post(f"/people/import/{load.pk}/undo/")
    tick()
    load.refresh_from_db()
    return load


def as_known() -> tuple:
    """All that a file can change, but for when and by which file it was said."""
    people = Person.objects.order_by("pk").values_list("pk", "given_name", "family_name", "email", "swe_number")
    accounts = User.objects.order_by("person").values_list("person", "email", "is_active")
    versions = PersonVersion.objects.order_by("pk").values_list("pk", "email", "is_current")
    made = [list(model.objects.order_by("pk").values()) for model in (Agency, Team, JobRole, Employment)]
    return list(people), list(accounts), list(versions), made, current_facts()


def test_undoing_makes_everything_what_it_was(browser):
    taken(take_in(a_line(team="Red"), bo()))
    before = as_known()
    load = imported(
        browser,
        text_of(
            [
                a_line(team="Red", family_name="Okafor", email="adaeze.okafor@larkshire.example", fte="0.5"),
                bo(end_date="2026-10-31"),
                *many(5, team="Families > New", job_role="Family worker"),
            ]
        ),
    )
    assert as_known() != before
    assert undo(browser, load).state == S.UNDONE
    assert as_known() == before


def test_somebody_who_has_booked_since_is_kept_with_what_the_import_said(browser):
    load = imported(browser, text_of([a_line(), bo()]))
    booked(planned_run(), Person.objects.get(given_name="Adaeze"))
    undo(browser, load)
    assert Person.objects.filter(given_name="Adaeze", employments__employee_number="0017").exists()
    assert not Person.objects.filter(given_name="Bo").exists()
    assert load.counts["people_kept"] == 1


def test_the_later_import_is_undone_first(browser):
    first = imported(browser, text_of([a_line()]))
    imported_later = checked(browser, text_of([a_line(), bo()]))
    browser.post(f"/people/import/{imported_later.pk}/confirm/", {})
    tick(NOW + timedelta(minutes=5))
    undo(browser, first)
    assert first.state == S.IMPORTED
    assert "Undo that one first" in browser.get(f"/people/import/{first.pk}/undo/").content.decode()


@pytest.mark.parametrize(("days", "is_over"), [(30, False), (32, True)])
def test_an_import_can_be_undone_for_thirty_days_and_its_file_is_kept_for_as_long(browser, days, is_over):
    load = imported(browser, text_of([a_line()]))
    at = load.ended_at + timedelta(days=days)
    retention.run(at)
    assert ("30 days" in loads.why_not_undone(load, at)) == is_over
    load.refresh_from_db()
    assert (bytes(load.file) == b"", load.sheet == {}, not ImportLine.objects.exists()) == (is_over,) * 3


def test_an_import_with_which_nobody_goes_on_is_given_up(browser):
    load = checked(browser, text_of([a_line()]))
    loads.give_up_idle(NOW + timedelta(days=29))
    load.refresh_from_db()
    assert load.state == S.CHECKED
    loads.give_up_idle(NOW + timedelta(days=31))
    load.refresh_from_db()
    assert (load.state, bytes(load.file)) == (S.CANCELLED, b"")


# --- What else can happen -----------------------------------------------------------------------------------------


def test_a_cancelled_import_forgets_the_file_at_once(browser):
    load = checked(browser, text_of([a_line()]))
    browser.post(f"/people/import/{load.pk}/cancel/")
    load.refresh_from_db()
    assert (load.state, bytes(load.file), load.lines.count()) == (S.CANCELLED, b"", 0)
    assert not Person.objects.filter(given_name="Adaeze").exists()


def test_two_tabs_take_a_file_in_once(browser):
    load = checked(browser, text_of([a_line()]))
    for _ in range(2):
        browser.post(f"/people/import/{load.pk}/confirm/", {})
    tick()
    answer = browser.post(f"/people/import/{load.pk}/confirm/", {}, follow=True)
    assert "how it stands now" in answer.content.decode()
    assert Person.objects.filter(given_name="Adaeze").count() == 1


def test_a_worker_that_died_leaves_the_import_to_the_next(browser):
    load = checked(browser, text_of([a_line()]))
    browser.post(f"/people/import/{load.pk}/confirm/", {})
    assert loads._claim(NOW)  # and is killed
    tick(NOW + timedelta(minutes=1))
    load.refresh_from_db()
    assert load.state == S.IMPORTING, "the lease still runs"
    tick(NOW + timedelta(minutes=11))
    load.refresh_from_db()
    assert load.state == S.IMPORTED


def test_columns_are_matched_as_the_last_time(browser):
    first = text_of([a_line()]).replace("given_name", "Chosen Name").replace("family_name", "Clan")
    imported(browser, first, given_name="Chosen Name", family_name="Clan")
    load = sent(browser, first)
    form = browser.get(f"/people/import/{load.pk}/").context["form"]
    assert (form["given_name"].value(), form["family_name"].value()) == ("Chosen Name", "Clan")


def test_a_form_without_what_a_file_needs_keeps_what_was_chosen(browser):
    load = sent(browser, text_of([a_line()]))
    said = chosen(browser, load, employee_number="", job_role="email", given_name="email")
    page = browser.post(f"/people/import/{load.pk}/columns/", said)
    text = page.content.decode()
    assert "Choose the column with employee numbers" in text
    assert "is chosen twice" in text
    assert page.context["form"]["job_role"].value() == "email"


@pytest.mark.parametrize("role", [AccessRole.DIRECTOR, AccessRole.ADMINISTRATOR, None])
def test_nobody_but_coordinators_and_leads_imports(role, as_person):
    person = holding(role) if role else employed()
    assert as_person(person).get("/people/import/").status_code == 403


def test_names_of_a_file_are_on_no_page_of_someone_who_may_not_see_them(browser):
    load = sent(browser, text_of([a_line(given_name="<script>alert(1)</script>")]))
    page = browser.get(f"/people/import/{load.pk}/").content.decode()
    assert "<script>alert" not in page
