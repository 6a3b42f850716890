"""Rooms in which sessions are held."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from academy.lib import clock
from academy.lib.pages import page_of
from courses.actions import courses as actions
from courses.forms.courses import RoomForm
from courses.models import Room
from partners.access import requires
from partners.permissions import May


@requires(May.PLAN_TRAINING)
@require_safe
def rooms(request: HttpRequest) -> HttpResponse:
    """All rooms, those in use first."""
    page = page_of(request, Room.objects.order_by("-in_use", "area", "name"), size=50)
    return render(request, "planning/rooms.html", {"page": page, "may_change": request.viewer.may(May.KEEP_ROOMS)})


@requires(May.KEEP_ROOMS)
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """Add a room."""
    form = RoomForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        actions.add_room(**form.cleaned_data, by=request.viewer.person, at=clock.now())
        messages.success(request, "The room is added.")
        return redirect("rooms")
    return render(request, "planning/room_form.html", {"form": form, "title": "Add a room"})


@requires(May.KEEP_ROOMS)
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a room, or take it out of use."""
    room, at = get_object_or_404(Room, pk=pk), clock.now()
    form = RoomForm(request.POST if request.method == "POST" else None, instance=room)
    if form.is_valid():
        actions.change_room(room=room, **form.cleaned_data, by=request.viewer.person, at=at)
        messages.success(request, "The room is changed.")
        return redirect("rooms")
    coming = room.sessions.filter(starts_at__gt=at, run__state__in=["draft", "published"]).count()
    return render(request, "planning/room_form.html", {"form": form, "title": "Change a room", "coming": coming})
