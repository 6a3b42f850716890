"""What the frame of every page needs."""

from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import cached_property

from academy.lib import clock
from partners.acting import Acting
from partners.permissions import May

NAVIGATION = [
    ("Your list", "home", May.USE_OWN_RECORD),
    ("Find training", "catalogue", May.USE_OWN_RECORD),
    ("My training", "bookings", May.USE_OWN_RECORD),
    ("People", "people", May.SEE_PEOPLE),
    ("Registers", "registers", May.TAKE_REGISTERS),
    ("Plan training", "planning", May.PLAN_TRAINING),
    ("Who was trained", "training_report", May.SEE_TRAINING_REPORTS),
    ("ASYE cohorts", "cohorts", May.SEE_COHORTS),
    ("Who stays", "retention", May.SEE_RETENTION),
    ("System", "system", May.SEE_SYSTEM),
    ("Access roles", "access_roles", May.GIVE_ACCESS),
    ("What happened", "events", May.SEE_EVENTS),
]
# Pages within another one's, for those who may open that: a menu of nine is read, one of eleven is searched.
WITHIN = {"people": ("agencies",), "planning": ("registers",)}


@dataclass(frozen=True)
class NavItem:
    """One entry of the navigation."""

    text: str
    url: str
    current: bool


class Frame:
    """Names, navigation and the day, worked out only when a template asks."""

    academy_name = settings.ACADEMY_NAME
    organisation_name = settings.ORGANISATION_NAME
    logo = settings.ACADEMY_LOGO
    support_email = settings.SUPPORT_EMAIL
    try_out = settings.TRY_OUT

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    @cached_property
    def signed_in(self) -> bool:
        return hasattr(self._request, "user") and self._request.user.is_authenticated

    @cached_property
    def person_name(self) -> str:
        return self._request.viewer.person.name if self.signed_in else ""

    @cached_property
    def acting(self) -> Acting | None:
        """Who really sits there, where somebody acts as the person signed in."""
        return self._request.viewer.acting if self.signed_in else None

    @cached_property
    def nav(self) -> list[NavItem]:
        if not self.signed_in:
            return []
        viewer = self._request.viewer
        shown = {name: text for text, name, may in NAVIGATION if viewer.may(may)}
        elsewhere = {within for name in shown for within in WITHIN.get(name, ())}
        return [self._item(text, name) for name, text in shown.items() if name not in elsewhere]

    def _item(self, text: str, name: str) -> NavItem:
        url, path = reverse(name), self._request.path
        begins = tuple(reverse(each) for each in (name, *WITHIN.get(name, ())))
        return NavItem(text, url, path == url if url == "/" else path.startswith(begins))

    @cached_property
    def today(self) -> date:
        return clock.today()

    @cached_property
    def clock_moved(self) -> bool:
        return clock.is_moved()


def frame(request: HttpRequest) -> dict[str, Frame]:
    """The context processor."""
    return {"frame": Frame(request)}
