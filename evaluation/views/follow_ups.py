"""Answering a follow-up through its link, without a password."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from academy.lib import clock
from evaluation.actions import follow_ups as actions
from evaluation.forms import QuestionnaireForm
from evaluation.models import FollowUp
from partners.access import Proxy, public


@public(proxy=Proxy.NEVER)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def follow_up(request: HttpRequest, token: str) -> HttpResponse:
    """The questions. Opening the link changes nothing; only sent answers do."""
    pk = FollowUp.id_from(token)
    if pk is None:
        raise Http404
    related = FollowUp.objects.select_related("achievement__course", "person", "questionnaire")
    found = get_object_or_404(related, pk=pk)
    if not found.accepts_answers(clock.now()):
        return _closed(request, found)
    form = QuestionnaireForm(request.POST or None, questionnaire=found.questionnaire)
    if request.method == "POST" and form.is_valid():
        try:
            actions.answer(follow_up=found, answers=form.answers, at=clock.now())
        except actions.NotOpen:
            found.refresh_from_db()
            return _closed(request, found)
        return redirect("follow_up", token)
    context = {"follow_up": found, "course": found.achievement.course, "form": form}
    return render(request, "evaluation/follow_up.html", context)


def _closed(request: HttpRequest, found: FollowUp) -> HttpResponse:
    """Thanks, or too late; never an error."""
    answered = found.state == FollowUp.State.ANSWERED
    context = {"follow_up": found, "course": found.achievement.course, "answered": answered}
    return render(request, "evaluation/follow_up_closed.html", context)
