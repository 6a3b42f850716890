"""Learning from a colleague: who offers shadowing or coaching, who asks for it, and what came of it."""

from datetime import date, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, ExpressionWrapper, OuterRef, Q

from academy.lib.dates import london_day
from courses.models.achievements import Achievement
from courses.models.approvals import deciders_of
from courses.models.bookings import Booking
from courses.models.courses import PracticeTheme
from courses.models.interests import Interest
from courses.models.states import WrongState
from partners.models import Agency, Employment, Grant, Person, Team


def themes_of(person: Person) -> models.QuerySet[PracticeTheme]:
    """The themes of what somebody has completed, waits for, or is in a queue for."""
    completed = Achievement.objects.standing().filter(person=person).values("course")
    wanted = Interest.objects.filter(person=person, state=Interest.State.WAITING).values("course")
    queued = Booking.objects.filter(person=person, state=Booking.State.QUEUED).values("run__course")
    return PracticeTheme.objects.filter(
        Q(courses__in=completed) | Q(courses__in=wanted) | Q(courses__in=queued)
    ).distinct()


def _works_at(person: Person, on: date) -> models.QuerySet:
    return Employment.objects.in_post(on).filter(person=person).values("agency")


def _open(on: date) -> Q:
    not_over = Q(closes_on=None) | Q(closes_on__gte=on)
    return Q(state=Hosting.State.OPEN) & not_over & Q(host__in=Person.objects.employed(on).values("pk"))


class HostingQuerySet(models.QuerySet):
    def open(self, on: date) -> Self:
        """What can be asked for that day: not closed, and the host still at work."""
        return self.filter(_open(on))

    def visible_to(self, person: Person, on: date) -> Self:
        """What is open to the agencies where `person` works, what they offer themselves and what they asked for; all of
        the own agency's for its coordinator, and all for a lead."""
        duties = Grant.objects.duties_of(person, on)
        if duties.leads:
            return self
        asked = Visit.objects.filter(guest=person).values("hosting")
        for_them = Q(open_to=Hosting.OpenTo.EVERYONE) | ~Q(agency__in=_works_at(person, on))
        own = Q(host=person) | Q(pk__in=asked) | Q(agency__in=duties.agencies)
        return self.filter(own | _open(on) & for_them)

    def best_first(self, person: Person, on: date) -> Self:
        """Adds `for_you`, and puts those first: about a theme of what `person` completed or waits for, and where it is
        shadowing, at another agency than theirs. Then the newest."""
        theirs = Hosting.themes.through.objects.filter(
            hosting=OuterRef("pk"), practicetheme__in=themes_of(person).values("pk")
        )
        elsewhere = Q(kind=Hosting.Kind.COACHING) | ~Q(agency__in=_works_at(person, on))
        fits = Exists(theirs) & elsewhere & ~Q(host=person)
        found = self.annotate(for_you=ExpressionWrapper(fits, output_field=models.BooleanField()))
        return found.order_by("-for_you", "-made_at", "-pk")


class Hosting(models.Model):
    """What a host offers colleagues: to come along for a day, or to be coached."""

    class Kind(models.TextChoices):
        SHADOWING = "shadowing", "Work shadowing"
        COACHING = "coaching", "Coaching"

    class OpenTo(models.TextChoices):
        EVERYONE = "everyone", "Everyone"
        OTHERS = "others", "People of other agencies only"

    class State(models.TextChoices):
        OPEN = "open", "Open"
        CLOSED = "closed", "Closed"

    NEXT = {State.OPEN: {State.CLOSED}, State.CLOSED: {State.OPEN}}

    host = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="hostings")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+", help_text="the host’s, then")
    team = models.ForeignKey(
        Team, null=True, blank=True, on_delete=models.PROTECT, related_name="+", help_text="the host’s, then"
    )
    kind = models.CharField(max_length=10, choices=Kind)
    title = models.CharField(max_length=200)
    about = models.TextField()
    themes = models.ManyToManyField(PracticeTheme, related_name="hostings", blank=True)
    area = models.CharField(max_length=100, blank=True, help_text="the town or district; empty: online")
    when = models.CharField(max_length=200, help_text="in words: most Tuesdays in term time")
    hours = models.DecimalField(max_digits=5, decimal_places=2, help_text="how long it takes altogether")
    open_to = models.CharField(max_length=10, choices=OpenTo, default=OpenTo.EVERYONE)
    closes_on = models.DateField(null=True, blank=True, help_text="the last day to ask; empty: until it is closed")
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    made_at = models.DateTimeField()

    objects = HostingQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(hours__gt=0), name="shadowing_and_coaching_take_some_time"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def where(self) -> str:
        return self.area or "Online"

    def is_open(self, on: date) -> bool:
        """Whether its host still takes requests that day."""
        return self.state == self.State.OPEN and (self.closes_on is None or self.closes_on >= on)

    def move_to(self, state: str) -> None:
        """Change state by the table NEXT, if nobody else was first. Raises WrongState."""
        moved = Hosting.objects.filter(pk=self.pk, state=self.state).update(state=state)
        if state not in self.NEXT.get(self.state, set()) or not moved:
            raise WrongState(f"This is {self.get_state_display().lower()} already.")
        self.state = state


class VisitQuerySet(models.QuerySet):
    def live(self) -> Self:
        """Those that are asked for or agreed, and not over."""
        return self.filter(state__in=Visit.LIVE)

    def done(self) -> Self:
        """Those that took place: each has the day (`on`) and how many hours it counts (`hours`)."""
        return self.filter(state=Visit.State.DONE)

    def visible_to(self, viewer: Person, on: date) -> Self:
        """Those in which one is guest or host, and those of guests whose record one may open."""
        return self.filter(Q(hosting__host=viewer) | Q(guest__in=Person.objects.visible_to(viewer, on).values("pk")))

    def answered_for_by(self, viewer: Person, on: date) -> Self:
        """Those whose guest is somebody of whom `viewer` may say whether they go: of the people below a manager, and of
        whoever they stand in for; of the own agency for its coordinator; all for a lead. Never one’s own."""
        return self.filter(guest__in=Person.objects.visible_to(viewer, on).values("pk")).exclude(guest=viewer)

    def waiting_for_manager(self) -> Self:
        return self.filter(state__in=Visit.WAITS_FOR_MANAGER)

    def to_reflect_on(self, on: date) -> Self:
        """Agreed, and the day is over."""
        return self.filter(state=Visit.State.AGREED, on__lt=on)


class Visit(models.Model):
    """A guest asks a host; host and the guest’s manager agree, in any order; afterwards both write what they learnt."""

    class State(models.TextChoices):
        ASKED = "asked", "Waits for the host and the manager"
        HOST_AGREED = "host_agreed", "Waits for the manager"
        MANAGER_AGREED = "manager_agreed", "Waits for the host"
        AGREED = "agreed", "Agreed"
        DECLINED = "declined", "Declined by the host"
        REFUSED = "refused", "Not approved"
        CALLED_OFF = "called_off", "Called off"
        LAPSED = "lapsed", "Nobody decided in time"
        DONE = "done", "Done"

    S = State
    LIVE = [S.ASKED, S.HOST_AGREED, S.MANAGER_AGREED, S.AGREED]
    WAITS_FOR_HOST = [S.ASKED, S.MANAGER_AGREED]
    WAITS_FOR_MANAGER = [S.ASKED, S.HOST_AGREED]
    NEXT = {
        S.ASKED: {S.HOST_AGREED, S.MANAGER_AGREED, S.DECLINED, S.REFUSED, S.CALLED_OFF, S.LAPSED},
        S.HOST_AGREED: {S.AGREED, S.REFUSED, S.CALLED_OFF, S.LAPSED},
        S.MANAGER_AGREED: {S.AGREED, S.DECLINED, S.CALLED_OFF, S.LAPSED},
        S.AGREED: {S.CALLED_OFF, S.DONE},
    }

    hosting = models.ForeignKey(Hosting, on_delete=models.PROTECT, related_name="visits")
    guest = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="visits")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+", help_text="the guest’s, then")
    state = models.CharField(max_length=15, choices=State, default=State.ASKED)
    hopes = models.TextField(help_text="what the guest hopes to learn")
    times = models.CharField(max_length=300, help_text="when the guest could, in words")
    hours = models.DecimalField(max_digits=5, decimal_places=2, help_text="as offered when it was asked for")
    asked_at = models.DateTimeField()
    on = models.DateField(null=True, blank=True, help_text="the day, or the last of several")
    arrangements = models.TextField(blank=True, help_text="what the guest should know before, from the host")
    host_agreed_at = models.DateTimeField(null=True, blank=True)
    manager_agreed_at = models.DateTimeField(null=True, blank=True)
    manager = models.ForeignKey(
        Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", help_text="who agreed, or did not"
    )
    reason = models.CharField(max_length=300, blank=True, help_text="why it was not to be; told to both")
    ended_at = models.DateTimeField(null=True, blank=True)
    reflection_asked_at = models.DateTimeField(null=True, blank=True)

    objects = VisitQuerySet.as_manager()

    class Meta:
        ordering = ["-asked_at", "-pk"]
        indexes = [models.Index(fields=["on"], condition=Q(state="agreed"), name="visits_that_are_agreed")]
        constraints = [
            models.UniqueConstraint(
                fields=["hosting", "guest"],
                condition=Q(state__in=["asked", "host_agreed", "manager_agreed", "agreed"]),
                name="one_asks_for_the_same_once_at_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["host_agreed", "agreed", "done"])
                | Q(on__isnull=False, host_agreed_at__isnull=False),
                name="a_host_agrees_to_a_day",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["manager_agreed", "agreed", "done"]) | Q(manager_agreed_at__isnull=False),
                name="nothing_is_agreed_without_the_manager",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.guest}: {self.hosting}"

    @property
    def is_live(self) -> bool:
        return self.state in self.LIVE

    @property
    def waits_for_host(self) -> bool:
        return self.state in self.WAITS_FOR_HOST

    @property
    def waits_for_manager(self) -> bool:
        return self.state in self.WAITS_FOR_MANAGER

    @property
    def answer_by(self) -> date:
        """The last day on which host and manager can say whether it is to be."""
        last = london_day(self.asked_at) + timedelta(days=settings.VISIT_ANSWER_WITHIN_DAYS)
        return min(last, self.on) if self.on else last

    @property
    def reflect_until(self) -> date:
        """The last day before it is done whether both wrote or not. Needs the day."""
        return self.on + timedelta(days=settings.VISIT_REFLECTION_DAYS)

    def is_over(self, on: date) -> bool:
        """Whether it was agreed and its day has passed: time to write what one learnt."""
        return self.state in (self.State.AGREED, self.State.DONE) and self.on < on

    def deciders(self, on: date) -> models.QuerySet[Person]:
        """Who is asked whether the guest may go."""
        return deciders_of(self.guest_id, self.agency_id, on)

    def move_to(self, state: str, **fields: object) -> None:
        """Change state by the table NEXT, if nobody else was first. Raises WrongState."""
        if state not in self.NEXT.get(self.state, set()):
            raise WrongState(f"This was settled before: {self.get_state_display().lower()}.")
        if not Visit.objects.filter(pk=self.pk, state=self.state).update(state=state, **fields):
            raise WrongState("Someone else changed this a moment ago. Look at it again.")
        for name, value in {"state": state, **fields}.items():
            setattr(self, name, value)


class Reflection(models.Model):
    """What the guest or the host wrote afterwards. Only these two read it."""

    visit = models.ForeignKey(Visit, on_delete=models.CASCADE, related_name="reflections")
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="reflections")
    learnt = models.TextField(help_text="what the guest saw and learnt; what the host learnt from the guest")
    will_do = models.TextField(blank=True, help_text="what the guest will do differently")
    written_at = models.DateTimeField()

    class Meta:
        ordering = ["written_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["visit", "by"], name="each_of_the_two_writes_once"),
        ]

    def __str__(self) -> str:
        return f"{self.by}: {self.visit}"
