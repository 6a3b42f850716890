"""What coordinators and the academy lead find to decide: files of people on their way in, and possible duplicates."""

import csv
import io
from dataclasses import replace
from datetime import date, datetime, timedelta

from academy.demo.world import AGENCIES
from academy.lib.dates import london_day
from partners.actions import people
from partners.importers import loads
from partners.importers.columns import Reading
from partners.models import Agency, Employment, Import, Person

SCHOOLS, COLLEGE = AGENCIES[3], AGENCIES[4]
HEADER = ["Payroll No", "Forename", "Surname", "Work email", "Department", "Job title", "Start date"]


def files_of_people(coordinator: Person, lead: Person, now: datetime) -> None:
    """Of the schools trust one list was taken in and can be undone, and one waits for a decision; of the college one
    waits for its columns to be matched."""
    trust, today = Agency.objects.get(name=SCHOOLS.name), london_day(now)
    staff = _list_of(trust, today)
    starters = [_starter(n, name, today) for n, name in enumerate((("Ottilie", "Fernsby"), ("Kwabena", "Marlowe-Ash")))]
    begun = _sent(trust, coordinator, "skylark-staff-last-month.csv", [*staff, *starters], now - timedelta(days=6))
    _checked(begun)
    loads.confirm(load=begun, by=coordinator, at=now - timedelta(days=6))
    loads.do_waiting(now - timedelta(days=6))
    next_month = [*staff[3:], *starters, *_with_faults(today)]
    _checked(_sent(trust, coordinator, "skylark-staff-this-month.csv", next_month, now - timedelta(hours=16)))
    college = Agency.objects.get(name=COLLEGE.name)
    _sent(college, lead, "heron-college.csv", _list_of(college, today), now - timedelta(hours=15))


def _list_of(agency: Agency, on: date) -> list[list[str]]:
    """Everyone who works there, as its HR system lists them."""
    spells = Employment.objects.in_post(on).filter(agency=agency).select_related("person", "team", "job_role")
    return [
        [
            spell.employee_number,
            spell.person.given_name,
            spell.person.family_name,
            spell.person.email,
            spell.team.name if spell.team else "",
            spell.job_role.name,
            spell.start_date.isoformat(),
        ]
        for spell in spells.order_by("employee_number")
    ]


def _starter(place: int, name: tuple[str, str], today: date) -> list[str]:
    given, family = name
    address = f"{given}.{family}@{SCHOOLS.domain}".lower()
    return [
        f"S{place + 1:04}",
        given,
        family,
        address,
        "Brook Lane Primary",
        "Teacher",
        str(today - timedelta(days=20)),
    ]


def _with_faults(today: date) -> list[list[str]]:
    """New people as they come in a hurry: a day that is none, an address that is none, a name that is missing."""
    here = ["Larkhill Academy", "Teaching assistant"]
    return [
        ["S0003", "Solveig", "Brindle-Kaya", f"solveig@{SCHOOLS.domain}", *here, "31 September"],
        ["S0004", "Marius", "Oakapple", "marius.oakapple", *here, str(today)],
        ["S0005", "", "Petherick", "", *here, str(today)],
        ["S0006", "Ilse", "Quantock", f"ilse.quantock@{SCHOOLS.domain}", *here, str(today)],
    ]


def _sent(agency: Agency, by: Person, name: str, rows: list[list[str]], at: datetime) -> Import:
    """A file that was sent and read."""
    out = io.StringIO()
    csv.writer(out).writerows([HEADER, *rows])
    load = loads.send(file_name=name, data=out.getvalue().encode(), agency=agency, by=by, at=at)
    loads.do_waiting(at)
    load.refresh_from_db()
    return load


def _checked(load: Import) -> None:
    loads.check(load=load, how=replace(Reading.from_json(load.reading), agency=load.agency.name))
    loads.do_waiting(load.at)
    load.refresh_from_db()


def possible_duplicates(lead: Person, now: datetime) -> None:
    """One person entered twice, by two agencies; one twice under one address; and two people of one name."""
    today = london_day(now)
    at_college, at_homes, at_police = (_somebody(agency, today) for agency in (COLLEGE, AGENCIES[10], AGENCIES[2]))
    _added(at_college, "Open Door Youth Charity", f"{at_college.given_name.lower()}@opendoor-youth.example", lead, now)
    _added(at_homes, AGENCIES[10].name, at_homes.email, lead, now, given_name=f"{at_homes.given_name[0]}.")
    _added(at_police, "Acorn Nurseries", f"{at_police.family_name.lower()}@acorn-nurseries.example", lead, now)


def _somebody(agency, on: date) -> Person:
    spells = Employment.objects.in_post(on).filter(agency__name=agency.name).exclude(person__email="")
    return spells.order_by("employee_number").select_related("person")[3].person


def _added(like: Person, agency: str, email: str, by: Person, at: datetime, given_name: str = "") -> Person:
    """Somebody who was added by hand, called like a person who is known."""
    return people.add(
        given_name=given_name or like.given_name,
        family_name=like.family_name,
        email=email,
        agency=Agency.objects.get(name=agency),
        team=None,
        job_role=None,
        employee_number="",
        start_date=london_day(at) - timedelta(days=30),
        by=by,
        at=at,
        invite=False,
    )
