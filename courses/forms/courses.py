"""Keeping the catalogue: courses, what people are asked as they book them, and rooms."""

from collections.abc import Sequence
from typing import Any

from crispy_forms_gds.layout import HTML, Div, Field
from django import forms
from django.db.models import QuerySet

from academy.lib.text import sort_key
from courses.forms import fields
from courses.models import BookingQuestion, Course, Kind, Level, OpenTo, PracticeTheme, Room
from partners.models import Agency, AgencyKind, JobRole, Person


def _text(label: str, length: int, missing: str = "", **kwargs) -> forms.CharField:
    messages = {"required": missing, "max_length": f"{label}: use {length} characters or fewer"}
    return forms.CharField(label=label, required=bool(missing), max_length=length, error_messages=messages, **kwargs)


def _ticks(queryset: QuerySet, label: str, **kwargs) -> forms.ModelMultipleChoiceField:
    return forms.ModelMultipleChoiceField(
        queryset, label=label, required=False, widget=forms.CheckboxSelectMultiple, **kwargs
    )


def _in_columns(name: str) -> Div:
    """Boxes to tick of which there may be many."""
    return Div(Field.checkboxes(name, small=True, legend_size="s"), css_class="ac-choices")


def _heading(words: str) -> HTML:
    return HTML(f'<h2 class="govuk-heading-m govuk-!-margin-top-7">{words}</h2>')


class CourseForm(forms.ModelForm):
    """All that is said of a course."""

    title = _text("Title", 200, "Enter the title")
    summary = _text("In one sentence", 300, "Say in one sentence what it is about", help_text="Shown in the catalogue.")
    aims = forms.CharField(
        label="What people will be able to do",
        required=False,
        max_length=5000,
        widget=forms.Textarea,
        help_text="Each on a line of its own.",
    )
    audience = _text("Who it is for", 300)
    level = forms.ChoiceField(choices=[("", "Any level"), *Level.choices], required=False)
    prior_knowledge = _text("What to know before", 300, help_text="In words; it keeps nobody from booking.")
    requires = fields.LinesField(
        label="Courses to complete first",
        help_text="Their titles as in the catalogue, each on a line of its own. "
        "Only people who have completed them can book.",
    )
    themes = _ticks(PracticeTheme.objects.all(), "Practice themes")
    job_roles = _ticks(JobRole.objects.all(), "Job roles it is for", help_text="None ticked means anyone.")
    provider = _text("Who delivers it", 200)
    accreditation = _text("Who accredits it", 200)
    credit_level = _text("Level of the credits", 60, help_text="For example: level 7.")
    fee = fields.PoundsField(
        label="Fee for a place (£)", max_digits=8, required=False, help_text="Charged to the agency. Empty means free."
    )
    contact = _text("Who answers for it", 300, help_text="A name or an e-mail address of somebody known here.")
    review_on = fields.DayField(label="Look at its content again on")
    attendance_share = fields.whole(
        "Sessions to attend (per cent)",
        "Enter at how many per cent of the sessions one must be",
        least=1,
        help_text="100 means every session.",
    )
    open_to_kinds = forms.MultipleChoiceField(
        label="Kinds of agency",
        choices=AgencyKind.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Only for ‘people of chosen agencies’.",
    )
    open_to_agencies = _ticks(Agency.objects.all(), "Agencies", help_text="Likewise.")

    class Meta:
        model = Course
        fields = [
            *("title", "summary", "kind", "level", "aims", "audience", "prior_knowledge", "requires", "themes"),
            *("job_roles", "cpd_hours", "attendance_share", "provider", "accreditation", "credits", "credit_level"),
            *("fee", "needs_approval", "owner", "open_to", "open_to_kinds", "open_to_agencies", "contact", "review_on"),
        ]
        labels = {
            "kind": "Format",
            "owner": "Offered by",
            "needs_approval": "The manager of whoever books must approve it",
            "open_to": "Who finds and books it",
            "credits": "Academic credits",
        }
        help_texts = {"cpd_hours": "Hours of continuing professional development.", "credits": "", "needs_approval": ""}
        widgets = {"open_to": forms.RadioSelect}
        error_messages = {
            "cpd_hours": {"required": "Enter how many CPD hours it counts for", "invalid": "CPD hours: enter a number"},
            "credits": {"invalid": "Academic credits: enter a number"},
            "owner": {"required": "Choose who offers it", "invalid_choice": "Choose who offers it"},
            "kind": {"required": "Choose the format"},
        }

    def __init__(self, *args, owners: QuerySet[Agency], people: QuerySet[Person], courses: QuerySet[Course], **kwargs):
        """`owners`: for whom this planner offers courses; `people`: whom they may name; `courses`: that they find."""
        super().__init__(*args, **kwargs)
        self._people, self._courses = people, courses
        kept = self.instance.pk is not None
        self.fields["owner"].queryset = owners
        self.fields["owner"].empty_label = "Choose"
        self.fields["kind"].choices = [*([] if kept else [("", "Choose")]), *Kind.choices]
        self.fields["open_to"].choices = OpenTo.choices
        self.initial["requires"] = "\n".join(self.instance.requires.values_list("title", flat=True)) if kept else ""
        self.initial["contact"] = fields.named_as(self.instance.contact) if self.instance.contact else ""
        if not kept and owners.count() == 1:
            self.initial["owner"] = owners.get()
        self.helper = fields.helper(*self._parts(), button="Save")

    def _parts(self) -> list[Any]:
        small = {"legend_size": "s"}
        return [
            *(Field.text(name) for name in ("title", "summary")),
            *(Field.select(name) for name in ("kind", "level")),
            Field.textarea("aims", rows=4),
            Field.text("audience"),
            Field.text("prior_knowledge"),
            Field.textarea("requires", rows=2),
            Field.checkboxes("themes", small=True, **small),
            _in_columns("job_roles"),
            _heading("What it counts for"),
            fields.narrow("cpd_hours"),
            fields.narrow("attendance_share"),
            Field.text("accreditation"),
            fields.narrow("credits"),
            fields.narrow("credit_level", 20),
            _heading("Who offers it, to whom, and what it costs"),
            Field.select("owner"),
            Field.text("provider"),
            Field.text("contact"),
            Field.radios("open_to", **small),
            Field.checkboxes("open_to_kinds", small=True, **small),
            _in_columns("open_to_agencies"),
            fields.narrow("fee", 10),
            Field("needs_approval"),
            fields.narrow("review_on", 10),
        ]

    def clean_fee(self) -> Any:
        return self.cleaned_data["fee"] or 0

    def clean_attendance_share(self) -> int:
        share = self.cleaned_data["attendance_share"]
        if share > 100:
            raise forms.ValidationError("Sessions to attend: 100 per cent is all of them")
        return share

    def clean_requires(self) -> list[Course]:
        """The courses of those titles. Raises ValidationError where one would, in the end, come before itself."""
        found = [self._course_called(title) for title in self.cleaned_data["requires"]]
        if self.instance.pk in _all_before(found):
            raise forms.ValidationError("One of these needs this course itself to be completed first")
        return found

    def _course_called(self, title: str) -> Course:
        same = list(self._courses.filter(title__iexact=title)[:2])
        if not same:
            raise forms.ValidationError(f"No course is called ‘{title[:80]}’")
        if len(same) > 1:
            raise forms.ValidationError(f"Two courses are called ‘{title[:80]}’: give one of them another title")
        return same[0]

    def clean_contact(self) -> Person | None:
        words, known = self.cleaned_data["contact"], self.instance.contact
        return fields.person_named(words, self._people, [known] if known else []) if words else None

    def clean(self) -> dict[str, Any]:
        said = super().clean()
        if said.get("open_to") != OpenTo.CHOSEN:
            return said | {"open_to_kinds": [], "open_to_agencies": []}
        if not said.get("open_to_kinds") and not said.get("open_to_agencies"):
            self.add_error("open_to", "Choose the agencies or kinds of agency whose people find it")
        return said


def _all_before(courses: Sequence[Course]) -> set[int]:
    """Those courses, by id, and all that must be completed before them."""
    found, step = set(), {course.pk for course in courses}
    while step:
        found |= step
        step = set(Course.objects.filter(leads_to__in=step).values_list("pk", flat=True)) - found
    return found


class QuestionForm(forms.ModelForm):
    """One question at booking; a row that is left empty is none."""

    text = _text("Question", 200)

    class Meta:
        model = BookingQuestion
        fields = ["text", "kind", "choices", "required"]
        labels = {"kind": "Answer", "choices": "Choices", "required": "It must be answered"}
        help_texts = {"choices": "Each on a line of its own; only for ‘one of some choices’."}

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, empty_permitted=True, use_required_attribute=False, **kwargs)
        self.fields["kind"].required = False
        self.fields["kind"].choices = BookingQuestion.Kind.choices
        self.helper = fields.helper(
            Field.text("text"), Field.select("kind"), Field.textarea("choices", rows=3), Field("required")
        )

    def has_changed(self) -> bool:
        """A row that is left empty, or was emptied, is not looked at."""
        return not self.is_blank

    @property
    def is_blank(self) -> bool:
        return not self["text"].value()

    def clean(self) -> dict[str, Any]:
        said = super().clean()
        lines = [line for line in said.get("choices", "").splitlines() if line.strip()]
        if said.get("kind") == BookingQuestion.Kind.CHOICE and len(lines) < 2:
            self.add_error("choices", "Enter at least two choices, each on a line of its own")
        return said


class QuestionRows:
    """The questions of a course, with two rows to add more."""

    def __init__(self, course: Course, data: Any = None) -> None:
        questions = [*course.questions.all(), BookingQuestion(), BookingQuestion()]
        self.problem = ""
        self.forms = [QuestionForm(data, prefix=f"question-{n}", instance=each) for n, each in enumerate(questions)]

    def is_valid(self) -> bool:
        return not any(form.errors for form in self.forms)

    def questions(self) -> list[BookingQuestion]:
        """In order; those whose words were taken away are left out."""
        return [form.instance for form in self.forms if not form.is_blank]


class RoomForm(forms.ModelForm):
    """A room."""

    class Meta:
        model = Room
        fields = ["name", "area", "address", "seats", "directions", "in_use"]
        labels = {"in_use": "In use: sessions can be planned in it", "seats": "Seats"}
        error_messages = {
            "name": {"required": "Enter the room’s name", "max_length": "Name: use 200 characters or fewer"},
            "seats": {"required": "Enter how many seats it has", "invalid": "Seats: enter a whole number"},
        }

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["area"].help_text = "The town or district. People look for training near them by it."
        self.helper = fields.helper(
            Field.text("name"),
            Field.text("area", field_width=20),
            Field.text("address"),
            fields.narrow("seats"),
            Field.textarea("directions", rows=4),
            "in_use",
            button="Save",
        )

    def clean_name(self) -> str:
        name = " ".join(self.cleaned_data["name"].split())
        if Room.objects.filter(name__iexact=name).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError("There is a room of this name already")
        return name

    def clean_area(self) -> str:
        """As the others write it, so that one area is not two."""
        area = " ".join(self.cleaned_data["area"].split())
        known = Room.objects.exclude(area="").exclude(pk=self.instance.pk).values_list("area", flat=True).distinct()
        return next((other for other in known if sort_key(other) == sort_key(area)), area)


class CourseFilter(forms.Form):
    """Which courses are listed; what makes no sense is left out, never an error."""

    STATES = (("published", "In the catalogue"), ("hidden", "Not published"), ("review", "Content to be looked at"))

    q = forms.CharField(required=False, max_length=200)
    state = forms.MultipleChoiceField(choices=STATES, required=False)
