"""What the academy already knows of the agencies in a file, held in memory while the file is taken in."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from academy.lib.text import sort_key
from partners.models import Agency, AgencyKind, Employment, EmploymentVersion, JobRole, Person, PersonVersion, Team

NumberKey = tuple[str, str]  # agency, employee number
SpellKey = tuple[str, str, str, tuple[str, ...], date]  # agency, number, job role, team from the top, start


class Directory:
    """Look-ups by the names that files use; makes agencies, teams and job roles that are new."""

    def __init__(self, agency_keys: set[str]) -> None:
        self.agencies = {agency.name_key: agency for agency in Agency.objects.filter(name_key__in=agency_keys)}
        self.job_roles = {role.name_key: role for role in JobRole.objects.all()}
        self._paths: dict[int, tuple[str, ...]] = {}
        self.teams: dict[tuple[int, tuple[str, ...]], Team] = {}
        for team in Team.objects.filter(agency__in=self.agencies.values()).order_by("path"):
            self._add_team(team)
        spells = Employment.objects.filter(agency__in=self.agencies.values())
        self.spells: dict[SpellKey, Employment] = {}
        self.people: dict[NumberKey, Person] = {}
        one: dict[int, Person] = {}  # someone with several spells is one object, so that changes to them add up
        for spell in spells.select_related("person", "agency", "job_role"):
            self.spells[self._spell_key(spell)] = spell
            person = one.setdefault(spell.person_id, spell.person)
            self.people[spell.agency.name_key, spell.employee_number] = person
        self.loaded = {spell.agency_id for spell in self.spells.values()}
        self.versions: dict[int, list[EmploymentVersion]] = defaultdict(list)
        for version in EmploymentVersion.objects.filter(identity__in=spells).order_by("recorded_at", "pk"):
            self.versions[version.identity_id].append(version)
        self.names: dict[int, list[PersonVersion]] = defaultdict(list)
        for name in PersonVersion.objects.filter(identity__in=one).order_by("recorded_at", "pk"):
            self.names[name.identity_id].append(name)
        self.spells_of: dict[NumberKey, list[SpellKey]] = defaultdict(list)
        for key in self.spells:
            self.spells_of[key[:2]].append(key)
        self.made: dict[str, list[int]] = defaultdict(list)

    def is_first_load(self, agency: Agency) -> bool:
        """Whether nobody at this agency was known before this file."""
        return agency.pk not in self.loaded

    def adopt(self, number: NumberKey, placeholder: NumberKey) -> None:
        """Give the spells of somebody whose number was not known the number that it turns out to be."""
        for key in self.spells_of.pop(placeholder):
            spell = self.spells.pop(key)
            spell.employee_number = number[1]
            spell.save(update_fields=["employee_number"])
            self.spells[(*number, *key[2:])] = spell
            self.spells_of[number].append((*number, *key[2:]))
        self.people[number] = self.people.pop(placeholder)

    def known_of(self, key: SpellKey, moment: datetime | None = None) -> EmploymentVersion | None:
        """What is known of a spell, or was known of it at a moment."""
        spell = self.spells.get(key)
        versions = self.versions.get(spell.pk, []) if spell else []
        known = [version for version in versions if moment is None or version.recorded_at <= moment]
        return known[-1] if known else None

    def running(self, number: NumberKey, on: date) -> list[SpellKey]:
        """The spells under an employee number that run on a day or are still to come."""
        return [key for key in self.spells_of.get(number, ()) if _goes_on(self.known_of(key), on)]

    def make(self, agency: str, kind: str | None, team: Iterable[str], job_role: str) -> None:
        """Make the agency, teams from the top, and the job role, where they are new."""
        key = sort_key(agency)
        if key not in self.agencies:
            self.agencies[key] = self._made(Agency(name=agency, kind=kind or AgencyKind.OTHER))
        parent, path = None, ()
        for name in team:
            path = (*path, sort_key(name))
            if (self.agencies[key].pk, path) not in self.teams:
                self._add_team(self._made(Team(agency=self.agencies[key], parent=parent, name=name)))
            parent = self.teams[self.agencies[key].pk, path]
        if job_role and sort_key(job_role) not in self.job_roles:
            self.job_roles[sort_key(job_role)] = self._made(JobRole(name=job_role))

    def employment(self, key: SpellKey) -> Employment:
        """A new, unsaved spell for that key; its agency, team, job role and person must exist."""
        agency_key, number, role_key, team, start = key
        agency = self.agencies[agency_key]
        return Employment(
            person=self.people[agency_key, number],
            agency=agency,
            team=self.teams.get((agency.pk, team)),
            job_role=self.job_roles.get(role_key),
            employee_number=number,
            start_date=start,
        )

    def _made(self, new: Any) -> Any:
        new.save()
        self.made[new._meta.model_name].append(new.pk)
        return new

    def _add_team(self, team: Team) -> None:
        self._paths[team.pk] = (*self._paths.get(team.parent_id, ()), team.name_key)
        self.teams[team.agency_id, self._paths[team.pk]] = team

    def _spell_key(self, spell: Employment) -> SpellKey:
        role = spell.job_role.name_key if spell.job_role else ""
        team = self._paths.get(spell.team_id, ())
        return spell.agency.name_key, spell.employee_number, role, team, spell.start_date


def _goes_on(version: EmploymentVersion | None, on: date) -> bool:
    return version is not None and not version.retracted and (version.end_date is None or version.end_date > on)
