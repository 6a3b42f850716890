"""Agencies: the list, one of them, and how their teams are arranged."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from academy.lib import registry
from partners import audit
from partners.actions import agencies as actions
from partners.models import Agency, AuditEvent, Employment, Person, Team
from partners.permissions import AccessRole
from tests.factories import NOW, TODAY, AgencyFactory, TeamFactory, employed, granted, holding
from tests.partners.files import a_line, take_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def school():
    return AgencyFactory(name="Elm Primary", kind="school")


@pytest.fixture
def coordinator(school):
    return holding(AccessRole.COORDINATOR, agency=school, scoped=True)


@pytest.fixture
def browser(coordinator, as_person):
    return as_person(coordinator)


@pytest.fixture
def lead(as_person):
    return as_person(holding(AccessRole.LEAD))


def nested(agency, *names) -> list[Team]:
    """Teams, each a part of the one before."""
    made: list[Team] = []
    for name in names:
        made.append(TeamFactory(agency=agency, name=name, parent=made[-1] if made else None))
    return made


def paths() -> set[str]:
    return {f"{team.parent.path if team.parent else '/'}{team.pk}/" for team in Team.objects.select_related("parent")}


def page_of(browser, address: str) -> str:
    return browser.get(address).content.decode()


def told() -> str:
    return audit.told(AuditEvent.objects.order_by("-pk")[:1])[0].text


# --- The list, and one ----------------------------------------------------------------------------------------------


def test_a_lead_sees_every_agency_with_how_many_work_there_and_who_coordinates_it(lead, school, coordinator):
    employed(agency=school)
    employed(agency=school, end_date=TODAY - timedelta(days=1))
    page = page_of(lead, "/agencies/?q=elm")
    assert "<strong>1</strong> agency" in page
    assert "<dd>2</dd>" in page
    assert coordinator.name in page
    assert "Add an agency" in page


def test_a_coordinator_sees_the_own_agency_and_no_other(browser, school):
    other = AgencyFactory(name="Oak Secondary")
    page = page_of(browser, "/agencies/")
    assert "Elm Primary" in page
    assert "Oak Secondary" not in page
    assert "Add an agency" not in page
    assert browser.get(f"/agencies/{other.pk}/").status_code == 404


def test_agencies_are_found_by_name_and_kind(lead, school):
    AgencyFactory(name="École de l’Orme", kind="school")
    assert "École" in page_of(lead, "/agencies/?q=ecole&kind=school")
    assert "Elm Primary" not in page_of(lead, "/agencies/?q=ecole&kind=nonsense&page=zzz")
    assert "No agency matches" in page_of(lead, "/agencies/?q=elm&kind=police&q=\0")


@pytest.mark.parametrize("address", ["/agencies/", "/agencies/{}/"])
def test_a_page_takes_as_many_queries_for_one_as_for_three(lead, school, address):
    def grow() -> None:
        team = nested(school, "A", "B") if not school.teams.exists() else [TeamFactory(agency=school)]
        granted(employed(agency=AgencyFactory(), team=None), AccessRole.COORDINATOR, agency=school, team=team[-1])
        employed(agency=school, team=team[-1])

    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            lead.get(address.format(school.pk))
        return len(seen)

    grow()
    lead.get("/")
    one = queries()
    grow(), grow()
    assert queries() == one


def test_a_teams_headcount_counts_each_person_in_it_and_below_once_and_leads_to_them(browser, school):
    directorate, service = nested(school, "Directorate", "Service")
    ann, bob = employed(agency=school, team=service), employed(agency=school, team=directorate)
    Employment.objects.create(person=ann, agency=school, team=directorate, employee_number="2", start_date=TODAY)
    spell = ann.employments.get(team=directorate)
    spell.versions.create(recorded_at=NOW, source="a test")
    page = page_of(browser, f"/agencies/{school.pk}/")
    assert f'?team={directorate.pk}">2<' in page
    assert f'?team={service.pk}">1<' in page
    shown = page_of(browser, f"/people/?team={directorate.pk}")
    assert "<strong>2</strong> people in post at Directorate" in shown
    assert ann.name in shown
    assert bob.name in shown
    assert bob.name not in page_of(browser, f"/people/?team={service.pk}")


def test_the_headcount_of_an_agency_is_the_list_it_leads_to_oneself_included(browser, school):
    employed(agency=school)
    assert ">2 people</a>" in page_of(browser, f"/agencies/{school.pk}/")
    assert "<strong>2</strong> people in post at Elm Primary" in page_of(browser, f"/people/?agency={school.pk}")


def test_a_team_of_another_agency_narrows_no_list_and_is_not_named(browser):
    other = TeamFactory(name="Secret team")
    page = page_of(browser, f"/people/?team={other.pk}&agency={other.agency_id}")
    assert "Secret team" not in page
    assert "in post at" not in page


def test_a_teams_coordinator_sees_that_team_and_what_is_in_it_and_arranges_nothing(school, as_person):
    top, own, below = nested(school, "Top", "Own", "Below")
    TeamFactory(agency=school, name="Beside")
    employed(agency=school, team=below)
    employed(agency=school, team=top)
    browser = as_person(granted(employed(), AccessRole.COORDINATOR, agency=school, team=own))
    page = page_of(browser, f"/agencies/{school.pk}/")
    assert "Beside" not in page
    assert ">Top<" not in page
    assert "In post in your teams" in page
    assert ">1 person</a>" in page
    for address in (f"/agencies/{school.pk}/teams/add/", f"/agencies/teams/{own.pk}/change/"):
        assert browser.get(address).status_code == 404
        assert browser.post(address, {"name": "New"}).status_code == 404


# --- Adding and changing an agency ----------------------------------------------------------------------------------


def test_a_lead_adds_an_agency_with_its_domains(lead):
    page = lead.post(
        "/agencies/add/", {"name": "Fir Nursery", "kind": "early_years", "domains": "@Fir.Example, bücher.example"}
    )
    made = Agency.objects.get(name="Fir Nursery")
    assert page.url == f"/agencies/{made.pk}/"
    assert made.domains == ["fir.example", "xn--bcher-kva.example"]
    assert told().endswith(
        "set the e-mail domains with which people ask to be added to Fir Nursery: fir.example, xn--bcher-kva.example."
    )


def test_two_agencies_may_share_a_domain(lead):
    for name in ("One Trust", "Another Trust"):
        lead.post("/agencies/add/", {"name": name, "kind": "health", "domains": "nhs.net"})
    assert Agency.objects.of_domain("nhs.net").count() == 2


@pytest.mark.parametrize(
    ("domains", "told"),
    [
        ("gmail.com", "Anybody can have an address at gmail.com"),
        ("Hotmail.co.uk", "Anybody can have an address"),
        ("fir", "‘fir’ is no domain"),
        ("a@fir.example", "is no domain"),
        ("<script>.uk", "&lt;script&gt;.uk"),
    ],
)
def test_a_domain_that_anybody_may_have_or_that_is_none_is_refused(lead, domains, told):
    page = lead.post(
        "/agencies/add/", {"name": "Fir Nursery", "kind": "early_years", "domains": domains}
    ).content.decode()
    assert told in page
    assert 'value="Fir Nursery"' in page
    assert not Agency.objects.filter(name="Fir Nursery").exists()


def test_two_agencies_cannot_have_one_name(lead, school):
    page = lead.post("/agencies/add/", {"name": "ELM primary", "kind": "school"}).content.decode()
    assert "There is an agency called ELM primary already" in page
    oak = AgencyFactory(name="Oak Secondary")
    page = lead.post(f"/agencies/{oak.pk}/change/", {"name": "Elm Primary", "kind": "school"}).content.decode()
    assert "There is an agency called Elm Primary already" in page
    assert "Oak Secondary" in page


def test_a_change_is_told_for_what_it_is(lead, school):
    lead.post(f"/agencies/{school.pk}/change/", {"name": "Elm Primary", "kind": "school", "domains": ""})
    assert not AuditEvent.objects.exists()
    lead.post(f"/agencies/{school.pk}/change/", {"name": "Elm Academy", "kind": "school", "domains": ""})
    assert told().endswith("changed the name or kind of Elm Academy.")


def test_a_coordinator_does_not_say_which_addresses_people_have(browser, school):
    assert (
        browser.post(f"/agencies/{school.pk}/change/", {"name": "X", "kind": "school", "domains": "x.uk"}).status_code
        == 403
    )
    school.refresh_from_db()
    assert school.domains == []


# --- Teams ----------------------------------------------------------------------------------------------------------


def test_a_coordinator_adds_a_team_within_another(browser, school, coordinator):
    [top] = nested(school, "Top")
    other = AgencyFactory()
    browser.post(
        f"/agencies/{school.pk}/teams/add/", {"name": "New", "parent": top.pk, "agency": other.pk, "path": "/9/"}
    )
    made = Team.objects.get(name="New")
    assert (made.agency, made.path) == (school, f"{top.path}{made.pk}/")
    assert told() == f"{coordinator.name} added the team New to Elm Primary."


@pytest.mark.parametrize("where", ["other agency", "closed"])
def test_a_team_cannot_be_made_a_part_of_anothers_or_a_closed_one(browser, school, where):
    parent = TeamFactory(name="There") if where == "other agency" else TeamFactory(agency=school, closed_on=TODAY)
    page = browser.post(f"/agencies/{school.pk}/teams/add/", {"name": "New", "parent": parent.pk}).content.decode()
    assert "Choose one of the teams" in page
    assert "There" not in page.partition("<form")[2].replace("There is a", "")
    with pytest.raises(actions.AgencyRefused):
        actions.add_team(agency=school, parent=parent, name="New", by=employed(), at=NOW)


def test_two_teams_of_one_name_cannot_stand_side_by_side(browser, school):
    top, _ = nested(school, "Top", "Reception")
    page = browser.post(f"/agencies/{school.pk}/teams/add/", {"name": "reception", "parent": top.pk}).content.decode()
    assert "There is a team called reception there already" in page
    browser.post(f"/agencies/{school.pk}/teams/add/", {"name": "reception"})
    assert school.teams.filter(parent=None, name="reception").exists()


def test_a_team_moves_with_all_that_is_nested_in_it_and_those_who_see_it_change(browser, school):
    old, moving, below = nested(school, "Old", "Moving", "Below")
    [new] = nested(school, "New")
    somebody = employed(agency=school, team=below)
    of_old = granted(employed(), AccessRole.COORDINATOR, agency=school, team=old)
    of_new = granted(employed(), AccessRole.COORDINATOR, agency=school, team=new)
    browser.post(f"/agencies/teams/{moving.pk}/change/", {"name": "Moved", "parent": new.pk})
    below.refresh_from_db()
    assert below.path == f"/{new.pk}/{moving.pk}/{below.pk}/"
    assert set(Team.objects.values_list("path", flat=True)) == paths()
    sees = [Person.objects.visible_to(viewer, TODAY).filter(pk=somebody.pk).exists() for viewer in (of_old, of_new)]
    assert sees == [False, True]
    assert "moved the team Moved of Elm Primary" in told()


def test_a_team_never_becomes_a_part_of_itself(browser, school):
    top, middle, low = nested(school, "Top", "Middle", "Low")
    for parent in (top, middle, low):
        page = browser.post(f"/agencies/teams/{top.pk}/change/", {"name": "Top", "parent": parent.pk}).content.decode()
        assert "Choose one of the teams" in page
        with pytest.raises(actions.AgencyRefused, match="is a part of Top"):
            actions.change_team(team=top, parent=parent, name="Top", by=employed(), at=NOW)
    assert set(Team.objects.values_list("path", flat=True)) == paths()


def test_a_team_that_is_not_where_its_path_says_is_found(school):
    _, low = nested(school, "Top", "Low")
    assert registry.broken_invariants() == []
    Team.objects.filter(pk=low.pk).update(path=f"/{low.pk}/")
    [problem] = registry.broken_invariants()
    assert problem.startswith(f"Team {low.pk} says")


def test_a_team_stands_by_itself_again(browser, school):
    _, low = nested(school, "Top", "Low")
    browser.post(f"/agencies/teams/{low.pk}/change/", {"name": "Low", "parent": ""})
    low.refresh_from_db()
    assert low.path == f"/{low.pk}/"


def test_teams_cannot_be_nested_deeper_than_their_paths_can_say(school):
    deep = nested(school, *map(str, range(40)))
    Team.objects.filter(pk=deep[-1].pk).update(path="/" + "1234567/" * 60)
    other = TeamFactory(agency=school)
    with pytest.raises(actions.AgencyRefused, match="so deep"):
        actions.change_team(team=other, parent=deep[-1], name="X", by=employed(), at=NOW)


def test_a_file_nests_a_team_where_its_parent_is_by_then(school):
    [top] = nested(school, "Top")
    stale = Team.objects.get(pk=top.pk)
    [new] = nested(school, "New")
    actions.change_team(team=top, parent=new, name="Top", by=employed(), at=NOW)
    made = TeamFactory(agency=school, parent=stale)
    assert made.path == f"/{new.pk}/{top.pk}/{made.pk}/"


def test_an_empty_team_is_closed_and_nobody_is_put_into_it_until_it_is_opened_again(browser, school):
    top, low = nested(school, "Top", "Low")
    for team in (low, top):
        browser.post(f"/agencies/teams/{team.pk}/close/")
    assert not school.teams.open().exists()
    page = page_of(browser, "/people/add/")
    assert f'<option value="{low.pk}"' not in page
    assert "Closed teams" in page_of(browser, f"/agencies/{school.pk}/")
    browser.post(f"/agencies/teams/{low.pk}/open/")
    assert set(school.teams.open()) == {top, low}, "with those that it is a part of"


def test_a_team_in_which_somebody_works_or_will_is_not_closed(browser, school):
    top, low = nested(school, "Top", "Low")
    employed(agency=school, team=low, start=TODAY + timedelta(days=9))
    for team in (low, top):
        page = browser.post(f"/agencies/teams/{team.pk}/close/", follow=True).content.decode()
        assert "People work in" in page
    assert school.teams.open().count() == 2


def test_a_team_with_open_teams_or_a_coordinator_is_not_closed(browser, school):
    top, low = nested(school, "Top", "Low")
    assert "has teams that are open" in browser.post(f"/agencies/teams/{top.pk}/close/", follow=True).content.decode()
    granted(employed(), AccessRole.COORDINATOR, agency=school, team=low)
    assert "Somebody coordinates" in browser.post(f"/agencies/teams/{low.pk}/close/", follow=True).content.decode()


def test_a_team_in_which_people_once_worked_is_closed_and_they_stay_told(browser, school):
    [team] = nested(school, "Old")
    employed(agency=school, team=team, end_date=TODAY - timedelta(days=1))
    browser.post(f"/agencies/teams/{team.pk}/close/")
    assert school.teams.get().closed_on == TODAY
    assert Employment.objects.filter(team=team).count() == 1


def test_a_file_that_names_a_closed_team_is_taken_in_and_the_page_says_so(browser, school):
    TeamFactory(agency=school, name="Old", closed_on=TODAY)
    take_in(a_line(agency="Elm Primary", team="Old"))
    assert "A file says that" in page_of(browser, f"/agencies/{school.pk}/")
