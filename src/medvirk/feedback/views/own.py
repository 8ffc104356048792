"""My course: the citizen's own page about their conversations."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_GET

from medvirk.answers.models import TextKey
from medvirk.answers.texts import text_for
from medvirk.feedback.logic.reminding import LENGTH
from medvirk.feedback.models import ShownPart
from medvirk.feedback.own import own_course, own_episodes
from medvirk.feedback.queries.goals import beside
from medvirk.feedback.queries.pauses import latest_pause
from medvirk.feedback.queries.proxies import others_asked
from medvirk.feedback.queries.reminding import own_reminders
from medvirk.feedback.queries.supervision import talked_about
from medvirk.feedback.queries.together import own_said
from medvirk.feedback.views.course import course_context
from medvirk.feedback.wording.courses import in_words_alone, points
from medvirk.feedback.wording.reminding import own_sent_in_words
from medvirk.people.access import Permission, may_tell_wish, needs
from medvirk.people.queries.own import hides_place
from medvirk.people.views.own_steps import own_citizen, own_page
from medvirk.ui.languages import current_language


@needs(Permission.OWN_PAGES)
@require_GET
def course(request: HttpRequest, citizen_id: uuid.UUID, episode_id: uuid.UUID | None = None) -> HttpResponse:
    """One course of help, the newest unless another is chosen: the curve in words and picture, and my own words.

    Without signals: they are for the two to talk about, not to be met alone.
    """
    held = own_citizen(request, citizen_id, "feedback.own_course")
    episodes = list(own_episodes(request.viewer, held))
    if episode_id is not None:
        episode = get_object_or_404(own_episodes(request.viewer, held), pk=episode_id)
    else:
        episode = episodes[0] if episodes else None
    language = current_language()
    context: dict[str, object] = {
        "episodes": episodes,
        "episode": episode,
        "hides_place": hides_place(request.viewer, held),
        "crisis": text_for(TextKey.CRISIS, language),
        "my_messages": [own_sent_in_words(each) for each in own_reminders(request.viewer, held, most=5)],
        "my_pause": latest_pause(held, timezone.now()),
    }
    if episode is not None:
        followed, with_others = own_course(
            request.viewer, held, episode, now=timezone.now(), language=language
        )
        if followed is not None:
            aside = beside(request.viewer, held, episode)
            words = in_words_alone(followed.course, followed.expected)
            context |= course_context(followed, words, beside=aside) | {
                "signals": [],
                "caution": "",
                "method": "",
            }
            today = followed.today
            context["today_is_over"] = today is not None and today.starts_at + LENGTH <= timezone.now()
            told = [point for point in followed.course.points if point.own_words or point.meeting_words]
            context["told"] = told[::-1]
        context["with_others"] = with_others
        if not with_others:
            context["talked_about"] = talked_about([episode.pk])
        context["others_asked"] = [
            (each, "" if each.level is None else points(each.level))
            for each in others_asked(request.viewer, episode, held)
        ]
        if with_others and may_tell_wish(request.viewer, held).allowed:
            said = own_said(request.viewer, episode, held)
            context["shown"] = [
                {"part": part.value, "label": part.label, "said": said.get((held.pk, part.value))}
                for part in ShownPart
            ]
    return own_page(request, "feedback/own_course.html", held, context, key="course")
