"""Keeping the catalogue: adding, changing, publishing and copying courses, and the rooms that they are held in."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from django.db import models, transaction

from academy.lib.text import plural
from courses.models import Booking, BookingQuestion, Course, Room
from partners import audit
from partners.models import Person


class QuestionAnswered(Exception):
    """A question that was answered would be deleted. Fit to show."""


SEVERAL = ("themes", "requires", "open_to_agencies", "job_roles")  # what a course has many of


@audit.named(Course)
def _names(ids: Iterable[int]) -> dict[int, str]:
    return dict(Course.objects.filter(pk__in=ids).values_list("pk", "title"))


@audit.named(Room)
def _room_names(ids: Iterable[int]) -> dict[int, str]:
    return dict(Room.objects.filter(pk__in=ids).values_list("pk", "name"))


@audit.sentence("course.added")
def _added(told: audit.Told) -> str:
    return f"added the course {told.about}"


@audit.sentence("course.changed")
def _changed(told: audit.Told) -> str:
    return f"changed the course {told.about}"


@audit.sentence("course.questions")
def _questions(told: audit.Told) -> str:
    return f"changed what people are asked as they book {told.about}"


@audit.sentence("course.published")
def _published(told: audit.Told) -> str:
    return f"published the course {told.about}"


@audit.sentence("course.withdrawn")
def _withdrawn(told: audit.Told) -> str:
    return f"took the course {told.about} out of the catalogue"


@audit.sentence("course.copied", copy_of=Course)
def _copied(told: audit.Told) -> str:
    return f"copied the course {told.detail('copy_of')}"


@audit.sentence("room.added")
def _room_added(told: audit.Told) -> str:
    return f"added the room {told.about}"


@audit.sentence("room.changed")
def _room_changed(told: audit.Told) -> str:
    return f"changed the room {told.about}"


@transaction.atomic
def add(*, by: Person, at: datetime, **facts: object) -> Course:
    """A course that is not in the catalogue until it is published. `facts` are its fields."""
    course = Course.objects.create(published=False, **_single(facts))
    _set_several(course, facts)
    audit.record("course.added", by=by, at=at, about=course)
    return course


@transaction.atomic
def change(*, course: Course, by: Person, at: datetime, **facts: object) -> Course:
    """Change a course. Bookings that were made keep the fee that they were made with."""
    for name, value in _single(facts).items():
        setattr(course, name, value)
    course.save(update_fields=list(_single(facts)))
    _set_several(course, facts)
    audit.record("course.changed", by=by, at=at, about=course)
    return course


def _single(facts: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in facts.items() if name not in SEVERAL}


def _set_several(course: Course, facts: Mapping[str, object]) -> None:
    for name in SEVERAL:
        if name in facts:
            getattr(course, name).set(facts[name])


@transaction.atomic
def set_questions(*, course: Course, questions: Sequence[BookingQuestion], by: Person, at: datetime) -> None:
    """Ask just these of people who book it, in this order.

    Raises QuestionAnswered where one would go that people who are still to come have answered.
    """
    gone = course.questions.exclude(pk__in=[question.pk for question in questions if question.pk])
    for question in gone:
        _refuse_answered(question, at)
    gone.delete()
    for order, question in enumerate(questions):
        question.course, question.order = course, order
        question.save()
    audit.record("course.questions", by=by, at=at, about=course)


def _refuse_answered(question: BookingQuestion, at: datetime) -> None:
    coming = Booking.objects.live().filter(run__course=question.course_id, run__ends_at__gt=at)
    if answered := coming.filter(answers__has_key=str(question.pk)).count():
        people = plural(answered, "person who is to come has", "people who are to come have")
        raise QuestionAnswered(f"‘{question.text}’ cannot go yet: {people} answered it.")


@transaction.atomic
def publish(*, course: Course, by: Person, at: datetime) -> None:
    """Put a course into the catalogue. Nobody is told: people are told of dates."""
    _set_published(course, True)
    audit.record("course.published", by=by, at=at, about=course)


@transaction.atomic
def withdraw(*, course: Course, by: Person, at: datetime) -> None:
    """Take a course out of the catalogue. Its runs stay as they are, and whoever has a place keeps it."""
    _set_published(course, False)
    audit.record("course.withdrawn", by=by, at=at, about=course)


def _set_published(course: Course, published: bool) -> None:
    course.published = published
    course.save(update_fields=["published"])


@transaction.atomic
def copy(*, course: Course, by: Person, at: datetime) -> Course:
    """A course like this one, with its questions and without dates, that is not published."""
    facts = {name: getattr(course, name) for name in _copied_fields()}
    facts["title"] = f"{course.title[:190]} (copy)"
    made = Course.objects.create(**facts | {"published": False, "next_start": None})
    _set_several(made, {name: getattr(course, name).all() for name in SEVERAL})
    for question in course.questions.all():
        question.pk, question.course = None, made
        question.save(force_insert=True)
    audit.record("course.copied", by=by, at=at, about=made, copy_of=course.pk)
    return made


def _copied_fields() -> list[str]:
    plain = (field for field in Course._meta.concrete_fields if not isinstance(field, models.GeneratedField))
    return [field.name for field in plain if not field.primary_key]


@transaction.atomic
def add_room(*, by: Person, at: datetime, **facts: object) -> Room:
    """A room in which sessions can be held."""
    room = Room.objects.create(**facts)
    audit.record("room.added", by=by, at=at, about=room)
    return room


@transaction.atomic
def change_room(*, room: Room, by: Person, at: datetime, **facts: object) -> Room:
    """Change a room, or take it out of use. Sessions that are planned there stay; a new name shows on all to come."""
    for name, value in facts.items():
        setattr(room, name, value)
    room.save()
    room.sessions.filter(starts_at__gt=at).update(venue=room.name)
    audit.record("room.changed", by=by, at=at, about=room)
    return room
