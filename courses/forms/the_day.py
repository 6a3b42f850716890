"""What a trainer fills in on the day beside marks."""

from crispy_forms_gds.helper import FormHelper
from crispy_forms_gds.layout import Field, Layout, Size
from django import forms

from academy.lib.dates import london_day
from academy.lib.text import day, sort_key
from courses.forms.registers import CHOICES
from courses.models import Booking, Run, Session
from partners.models import Employment, Person

FOUND_BY = "Enter their work e-mail address, or their employee number and surname"


class WhoForm(forms.Form):
    """Somebody, named as only one who has them before them can: nobody can leaf through the records with it."""

    email = forms.EmailField(
        label="Work e-mail address",
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"invalid": "Enter an e-mail address like name@example.org"},
    )
    number = forms.CharField(label="Or employee number", required=False, max_length=40)
    surname = forms.CharField(label="and surname", required=False, max_length=100)

    fieldset = ("email", "number", "surname")

    def __init__(self, *args, on, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.on = on
        self.person: Person | None = None
        for name in ("email", "number", "surname"):
            self.fields[name].widget.attrs.pop("maxlength", None)
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.layout = Layout(*(Field.text(name, label_size=Size.SMALL) for name in self.fieldset))

    def clean(self) -> dict:
        typed = super().clean()
        if self.errors:
            return typed
        if not typed["email"] and not (typed["number"] and typed["surname"]):
            raise forms.ValidationError({"email": FOUND_BY})
        found = self._found(typed)
        if len(found) != 1:
            raise forms.ValidationError({"email": _how_many(found)})
        self.person = found[0]
        return typed

    def _found(self, typed: dict) -> list[Person]:
        people = Person.objects.filter(merged_into=None)
        if typed["email"]:
            return list(people.filter(email__iexact=typed["email"])[:2])
        spells = Employment.objects.in_post(self.on).filter(employee_number=typed["number"])
        found = people.filter(pk__in=spells.values("person"))
        return [person for person in found if sort_key(person.family_name) == sort_key(typed["surname"])]


def _how_many(found: list[Person]) -> str:
    if found:
        return "Several people have that number and surname. Enter their work e-mail address"
    return "We find nobody by that. Check it with them; if it is right, write them down below"


class WalkInForm(WhoForm):
    """Somebody who came unbooked, and instead of whom, if of anybody."""

    instead_of = forms.ModelChoiceField(
        Booking.objects.none(),
        label="Did they come instead of somebody who has a place?",
        required=False,
        empty_label="No",
        error_messages={"invalid_choice": "Choose somebody who holds a place on this run"},
    )

    def __init__(self, *args, run: Run, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["instead_of"]
        field.queryset = _not_there(run)
        field.label_from_instance = lambda booking: booking.person.name
        self.helper.layout.append(Field.select("instead_of", label_size=Size.SMALL))


def _not_there(run: Run):
    """Places of people who were marked at no session, or as absent."""
    held = Booking.objects.booked().filter(run=run).exclude(attendances__mark__in=["present", "late", "part"])
    return held.select_related("person").order_by("person__name_key")


class NewcomerForm(forms.Form):
    """Somebody who is not in the records."""

    name = forms.CharField(
        label="Their name",
        max_length=200,
        error_messages={"required": "Enter their name", "max_length": "Use 200 characters or fewer for the name"},
    )
    agency_name = forms.CharField(
        label="Where they work",
        max_length=200,
        error_messages={
            "required": "Enter where they work",
            "max_length": "Use 200 characters or fewer for where they work",
        },
    )
    session = forms.ModelChoiceField(
        Session.objects.none(),
        label="Session they came to",
        empty_label=None,
        error_messages={"required": "Choose a session", "invalid_choice": "Choose a session of this run"},
    )

    def __init__(self, *args, run: Run, at, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["session"]
        field.queryset = run.sessions.filter(starts_at__lte=at)
        field.label_from_instance = lambda session: day(london_day(session.starts_at))
        field.initial = field.queryset.last()
        for name in ("name", "agency_name"):
            self.fields[name].widget.attrs.pop("maxlength", None)
        self.helper = FormHelper()
        self.helper.form_tag = False
        fields = [Field.text(name, label_size=Size.SMALL) for name in ("name", "agency_name")]
        self.helper.layout = Layout(*fields, Field.select("session", label_size=Size.SMALL))


class MessageForm(forms.Form):
    """What delegates are told; `token` makes it sent once."""

    text = forms.CharField(
        label="Your message",
        max_length=3000,
        widget=forms.Textarea,
        error_messages={
            "required": "Write your message",
            "max_length": "Use 3,000 characters or fewer for the message",
        },
    )
    token = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].widget.attrs.pop("maxlength", None)
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.layout = Layout(Field.textarea("text", rows=8, label_size=Size.SMALL), "token")


class CorrectionForm(forms.Form):
    """One person's marks as they should be, and why."""

    reason = forms.CharField(
        label="Why is it changed?",
        help_text="It is kept with the change. Do not write about their health or private life.",
        max_length=300,
        widget=forms.Textarea,
        error_messages={
            "required": "Say why it is changed",
            "max_length": "Use 300 characters or fewer for the reason",
        },
    )

    def __init__(self, *args, sessions: list[Session], marks: dict[int, str], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].widget.attrs.pop("maxlength", None)
        layout = [Field.textarea("reason", rows=3, label_size=Size.SMALL)]
        for session in sessions:
            self.fields[f"session-{session.pk}"] = forms.ChoiceField(
                label=day(london_day(session.starts_at)),
                choices=CHOICES,
                initial=marks.get(session.pk),
                error_messages={"required": "Choose a mark", "invalid_choice": "Choose one of the marks offered"},
            )
            layout.append(Field.select(f"session-{session.pk}", label_size=Size.SMALL))
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.layout = Layout(*layout[1:], layout[0])

    @property
    def marks(self) -> dict[int, str]:
        """{session id: mark}"""
        names = [name for name in self.cleaned_data if name.startswith("session-")]
        return {int(name.removeprefix("session-")): self.cleaned_data[name] for name in names}
