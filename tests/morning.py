"""What somebody finds on the first page in the morning."""

from academy.lib import registry
from partners.models import Person
from tests.factories import TODAY


def owed(person: Person) -> list[registry.Todo]:
    """The lines of their list."""
    return registry.todos(person, registry.roles_of(person, TODAY), TODAY)


def section(person: Person, title: str) -> registry.Section | None:
    """The section of that title, if they have it."""
    found = registry.sections(person, registry.roles_of(person, TODAY), TODAY)
    return next((section for section in found if section.title == title), None)


def said(section: registry.Section) -> list[str]:
    """What each line of it says, in one string."""
    return [" | ".join(filter(None, (line.text, line.detail, line.tag))) for line in section.lines]
