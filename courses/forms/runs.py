"""Planning runs: what is agreed about one, its sessions, the places it keeps, and copies of it."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import pairwise
from typing import Any

from crispy_forms_gds.layout import Field
from django import forms
from django.db.models import Q, QuerySet

from academy.lib.wall_clock import NoSuchTime, london_moment
from courses.actions.runs import Keeping, Slot, Terms
from courses.forms import fields
from courses.models import KeptPlaces, Room, Run, Session
from partners.models import Agency, AgencyKind, Person

SPARE_ROWS, MOST_ROWS = 2, 60


class RunForm(forms.Form):
    """What is agreed about a run, apart from when and where."""

    capacity = fields.whole("Places", "Enter how many places there are", least=1)
    minimum = fields.whole(
        "Fewest people",
        help_text="With fewer it is not worth holding: you are warned two weeks before. Leave it empty for none.",
    )
    trainers = fields.LinesField(
        help_text="Their names or e-mail addresses, each on a line of its own. They must be known here.",
    )
    books_from = fields.StartOfDayField(
        label="Booking opens on", help_text="Leave it empty to open it as soon as the run is published."
    )
    books_until = fields.EndOfDayField(
        label="Last day of booking", help_text="Leave it empty to let people book until the run starts."
    )
    cost = fields.PoundsField(
        label="What holding it costs (£)",
        max_digits=9,
        required=False,
        help_text="Room, trainer and materials; only planners see it.",
    )
    joining = forms.CharField(
        label="Joining instructions",
        required=False,
        max_length=5000,
        widget=forms.Textarea,
        help_text="What to bring or to read before. Everyone with a place sees this.",
        error_messages={"max_length": "Joining instructions: use 5,000 characters or fewer"},
    )

    def __init__(self, *args, people: QuerySet[Person], run: Run | None = None, **kwargs) -> None:
        """`people`: whom this planner may name as trainers, besides those who train on it already."""
        self._people, self._known = people, list(run.trainers.all()) if run else []
        said = {name: getattr(run, name) for name in self.base_fields if name != "trainers"} if run else {}
        if run:
            said |= {"trainers": "\n".join(map(fields.named_as, self._known)), "minimum": run.minimum or None}
        super().__init__(*args, initial=kwargs.pop("initial", said), **kwargs)
        self.helper = fields.helper(
            fields.narrow("capacity"),
            fields.narrow("minimum"),
            Field.textarea("trainers", rows=3),
            fields.narrow("books_from", 10),
            fields.narrow("books_until", 10),
            fields.narrow("cost", 10),
            Field.textarea("joining", rows=4),
        )

    def clean_minimum(self) -> int:
        return self.cleaned_data["minimum"] or 0

    def clean_trainers(self) -> list[Person]:
        found, wrong = [], []
        for words in self.cleaned_data["trainers"]:
            try:
                found.append(fields.person_named(words, self._people, self._known))
            except forms.ValidationError as refusal:
                wrong += refusal.messages
        if wrong:
            raise forms.ValidationError(wrong)
        return list(dict.fromkeys(found))

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        opens, closes = said.get("books_from"), said.get("books_until")
        if opens and closes and closes <= opens:
            self.add_error("books_until", "Booking would close before it opens")
        if said.get("capacity") and said.get("minimum", 0) > said["capacity"]:
            self.add_error("minimum", "There are fewer places than that")
        return said

    def terms(self, kept: Sequence[Keeping] = ()) -> Terms:
        return Terms(**self.cleaned_data, kept=kept)


class SessionForm(forms.Form):
    """One session; a row that is left empty is none."""

    session = forms.IntegerField(required=False, widget=forms.HiddenInput)
    day = fields.DayField(label="Day")
    begins = fields.TimeField(label="Starts at")
    ends = fields.TimeField(label="Ends at")
    room = forms.ModelChoiceField(Room.objects.none(), required=False, empty_label="None of these")
    venue = forms.CharField(
        label="Where, if in none of these rooms",
        required=False,
        max_length=200,
        help_text="Empty means online.",
        error_messages={"max_length": "Where: use 200 characters or fewer"},
    )
    join_url = forms.URLField(
        label="Joining link",
        required=False,
        max_length=200,
        assume_scheme="https",
        help_text="Only people with a place see it, shortly before it starts.",
        error_messages={"invalid": "Enter a joining link that starts with https://"},
    )
    UNTYPED = ("session",)

    def __init__(self, *args, rooms: Sequence[Room], **kwargs) -> None:
        super().__init__(*args, empty_permitted=True, use_required_attribute=False, **kwargs)
        room = self.fields["room"]
        room.queryset = Room.objects.filter(pk__in=[room.pk for room in rooms])
        room.choices = [("", room.empty_label), *((room.pk, f"{room} ({room.seats} seats)") for room in rooms)]
        self.helper = fields.helper(
            "session",
            *(fields.narrow(name, width) for name, width in (("day", 10), ("begins", 5), ("ends", 5))),
            Field.select("room"),
            Field.text("venue"),
            Field.text("join_url"),
        )

    def has_changed(self) -> bool:
        """A row that is left empty, or was emptied, is not looked at."""
        return not self.is_blank

    @property
    def is_blank(self) -> bool:
        """Whether nothing of a session was written."""
        return not any(self[name].value() for name in self.fields if name not in self.UNTYPED)

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        for name, missing in (
            ("day", "Enter the day"),
            ("begins", "Enter when it starts"),
            ("ends", "Enter when it ends"),
        ):
            if not said.get(name) and name not in self.errors:
                self.add_error(name, missing)
        if not self.errors:
            self._to_moments(said)
        return said

    def _to_moments(self, said: dict[str, Any]) -> None:
        for name in ("begins", "ends"):
            try:
                said[f"{name}_at"] = london_moment(said["day"], said[name])
            except NoSuchTime as refusal:
                self.add_error(name, str(refusal))
        if not self.errors and said["ends_at"] <= said["begins_at"]:
            self.add_error("ends", "It would end before it starts")

    def slot(self) -> Slot:
        said = self.cleaned_data
        venue = str(said["room"]) if said["room"] else said["venue"] or "Online"
        return Slot(said["begins_at"], said["ends_at"], venue, said["room"], said["join_url"], said["session"])


class SessionRows:
    """The sessions of a run as rows of a form: as many as were asked for, and what was typed in each."""

    COUNT = "rows"

    def __init__(self, data: Any = None, sessions: Sequence[Session] = ()) -> None:
        held = {session.room_id for session in sessions}
        rooms = list(Room.objects.filter(Q(in_use=True) | Q(pk__in=held)))
        total = _count(data, self.COUNT) if data is not None else len(sessions) or 1
        self.problem = ""
        self.forms = [
            SessionForm(
                data, prefix=f"session-{n}", rooms=rooms, initial=_typed(sessions[n]) if n < len(sessions) else {}
            )
            for n in range(total)
        ]

    @property
    def rows(self) -> int:
        return len(self.forms)

    def is_valid(self) -> bool:
        """Whether each row that was filled in makes a session, there is one, and no two meet."""
        written = [form for form in self.forms if not form.is_blank]
        if any(form.errors for form in written):
            return False
        slots = self.slots()
        if not slots:
            self.problem = "Enter a day, a start and an end for at least one session"
        elif any(after.starts_at < before.ends_at for before, after in pairwise(slots)):
            self.problem = "Two of these sessions are at the same time"
        return not self.problem

    def slots(self) -> list[Slot]:
        """In order of time."""
        return sorted((form.slot() for form in self.forms if not form.is_blank), key=lambda slot: slot.starts_at)


def _count(data: Any, name: str) -> int:
    try:
        return max(1, min(MOST_ROWS, int(data.get(name, ""))))
    except ValueError:
        return 1


def _typed(session: Session) -> dict[str, Any]:
    """A session as somebody would type it."""
    at_home = session.room_id is None and session.venue == "Online"
    return {
        "session": session.pk,
        "day": fields.london_day(session.starts_at),
        "begins": fields.london_time(session.starts_at),
        "ends": fields.london_time(session.ends_at),
        "room": session.room_id,
        "venue": "" if session.room_id or at_home else session.venue,
        "join_url": session.join_url,
    }


class KeptForm(forms.Form):
    """Places that an agency or a kind of agency has for itself until a day; a row that is left empty is none."""

    whose = forms.ChoiceField(label="For", required=False)
    places = fields.whole("How many", least=1)
    until = fields.EndOfDayField(label="Until the end of", help_text="Then they are anybody’s.")

    def __init__(self, *args, choices: Sequence[tuple[str, Any]], **kwargs) -> None:
        super().__init__(*args, empty_permitted=True, use_required_attribute=False, **kwargs)
        self.fields["whose"].choices = choices
        self.helper = fields.helper(Field.select("whose"), fields.narrow("places"), fields.narrow("until", 10))

    def has_changed(self) -> bool:
        """A row that is left empty, or was emptied, is not looked at."""
        return not self.is_blank

    @property
    def is_blank(self) -> bool:
        return not any(self[name].value() for name in self.fields)

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        for name, missing in (
            ("whose", "Choose for whom places are kept"),
            ("places", "Enter how many places are kept"),
            ("until", "Enter until when they are kept"),
        ):
            if not said.get(name) and name not in self.errors:
                self.add_error(name, missing)
        return said

    def keeping(self) -> Keeping:
        said = self.cleaned_data
        sort, _, key = said["whose"].partition(":")
        who = {"agency": Agency.objects.get(pk=key)} if sort == "agency" else {"agency_kind": key}
        return Keeping(said["places"], said["until"], **who)


class KeptRows:
    """The places that a run keeps, with two rows to add more."""

    def __init__(self, data: Any = None, kept: Sequence[KeptPlaces] = ()) -> None:
        agencies = [(f"agency:{agency.pk}", agency.name) for agency in Agency.objects.all()]
        kinds = [(f"kind:{value}", f"{words} (any)") for value, words in AgencyKind.choices]
        choices = [("", "Nobody"), ("Kinds of agency", kinds), ("Agencies", agencies)]
        rows = [*map(_typed_kept, kept), *[{}] * SPARE_ROWS]
        self.problem = ""
        self.forms = [KeptForm(data, prefix=f"kept-{n}", choices=choices, initial=said) for n, said in enumerate(rows)]

    def is_valid(self, capacity: int | None) -> bool:
        """Whether each row that was filled in says whose, how many and until when, and they are no more than there
        are."""
        written = [form for form in self.forms if not form.is_blank]
        if any(form.errors for form in written):
            return False
        whose = [form.cleaned_data["whose"] for form in written]
        if len(set(whose)) < len(whose):
            self.problem = "Places are kept twice for the same"
        elif capacity and sum(form.cleaned_data["places"] for form in written) > capacity:
            self.problem = f"More places are kept than the {capacity} that there are"
        return not self.problem

    def keepings(self) -> list[Keeping]:
        return [form.keeping() for form in self.forms if not form.is_blank]


def _typed_kept(kept: KeptPlaces) -> dict[str, Any]:
    whose = f"agency:{kept.agency_id}" if kept.agency_id else f"kind:{kept.agency_kind}"
    return {"whose": whose, "places": kept.places, "until": kept.until}


class CancelForm(forms.Form):
    """Why a run is cancelled."""

    reason = forms.CharField(
        label="Why is it cancelled?",
        max_length=300,
        help_text="Everyone who is told reads this. For example: ‘The trainer is ill.’",
        error_messages={"required": "Say why it is cancelled", "max_length": "Use 300 characters or fewer"},
    )

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.helper = fields.helper(Field.text("reason"))


class RunFilter(forms.Form):
    """Which runs are listed; what makes no sense is left out, never an error."""

    STATES = (
        ("draft", "Draft"),
        ("published", "Open for booking"),
        ("full", "Full"),
        ("cancelled", "Cancelled"),
        ("completed", "Closed"),
    )

    q = forms.CharField(required=False, max_length=200)
    state = forms.MultipleChoiceField(choices=STATES, required=False)
    course = forms.IntegerField(required=False, max_value=2**31)
    first = forms.DateField(required=False)
    last = forms.DateField(required=False)


class CopyForm(forms.Form):
    """Which runs are to be held again, and when."""

    first = fields.DayField(label="Runs that began from", missing="Enter the first day")
    last = fields.DayField(label="until", missing="Enter the last day")
    weeks = fields.whole("Weeks later", help_text="52 weeks later is the same day of the week a year on.")
    starts_on = fields.DayField(
        label="Or: the first starts on",
        help_text="The others keep their distance from it. Leave it empty to use the weeks.",
    )

    def __init__(self, *args, one: bool, **kwargs) -> None:
        """`one`: a run that was chosen already, so that no days need be."""
        super().__init__(*args, **kwargs)
        if one:
            self.fields["first"].widget = self.fields["last"].widget = forms.HiddenInput()
        days = ("first", "last") if one else (fields.narrow("first", 10), fields.narrow("last", 10))
        self.helper = fields.helper(*days, fields.narrow("weeks"), fields.narrow("starts_on", 10))

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        if said.get("first") and said.get("last") and said["last"] < said["first"]:
            self.add_error("last", "The last day is before the first one")
        if not said.get("weeks") and not said.get("starts_on") and not self.errors:
            self.add_error("weeks", "Enter how many weeks later, or on which day the first one starts")
        if (said.get("weeks") or 0) > 520:
            self.add_error("weeks", "Weeks later: enter a whole number up to 520")
        return said

    def days(self, first_start) -> int:
        """How many days later than they were, where the first of them began on `first_start`."""
        said = self.cleaned_data
        shift = said["starts_on"] - first_start if said["starts_on"] else timedelta(weeks=said["weeks"])
        return shift.days
