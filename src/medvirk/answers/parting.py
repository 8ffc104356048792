"""How this room lets go of a citizen, and which of its rows go by themselves."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime

from django.db.models import Max, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from medvirk.answers.models import (
    Answer,
    AnswerLink,
    Ask,
    Capacity,
    Draft,
    NoticeSeen,
    Occasion,
    PaperEntry,
    PaperForm,
    Score,
    Submission,
    TabletCode,
)
from medvirk.people.keeping import Parting, Tidying, register_parting, register_tidying
from medvirk.people.logic.retention import Means, PlanLine
from medvirk.people.models import Citizen, Person
from medvirk.people.parting import LAW_KEEPS, month_of


def register() -> None:
    register_tidying(Tidying("answers.drafts", _("drafts"), "draft", drafts_due))
    register_tidying(
        Tidying("answers.papers", _("papers that were begun to be typed in"), "draft", papers_due)
    )
    register_tidying(Tidying("answers.links", _("links"), "answer_link", links_due))
    register_tidying(Tidying("answers.tablet_codes", _("codes for a tablet"), "answer_link", codes_due))
    register_parting(Parting("answers", last_entries, plan, part))


def last_entries(ids: Collection[uuid.UUID]) -> Mapping[uuid.UUID, date]:
    """The last thing that was answered or asked about each."""
    rows = (
        Occasion.objects.filter(about__in=ids)
        .values("about_id")
        .annotate(asked=Max("opens_at"), sent=Max("submission__submitted_at"))
    )
    return {
        row["about_id"]: timezone.localdate(max(each for each in (row["asked"], row["sent"]) if each))
        for row in rows
    }


def plan(citizen: Citizen) -> Iterator[PlanLine]:
    submissions = Submission.objects.filter(occasion__about=citizen)
    yield PlanLine(
        _("own words and what was answered to each question"),
        submissions.count(),
        Means.EMPTY,
        LAW_KEEPS,
        is_help=True,
    )
    scores = Score.objects.filter(answer__submission__occasion__about=citizen)
    yield PlanLine(
        _("scores, with the month only"),
        scores.count(),
        Means.KEEP,
        _("They can be counted and tell of nobody."),
        is_help=True,
    )
    links = AnswerLink.objects.filter(occasion__about=citizen).count()
    drafts = Draft.objects.filter(occasion__about=citizen).count()
    yield PlanLine(_("drafts and links"), links + drafts, Means.DELETE)


def part(citizen: Citizen, now: datetime) -> None:  # noqa: ARG001
    """Scores stay, with the month in which they were given; words, single answers, links and drafts go."""
    occasions = Occasion.objects.filter(about=citizen)
    Draft.objects.filter(occasion__in=occasions).delete()
    AnswerLink.objects.filter(occasion__in=occasions).delete()
    TabletCode.objects.filter(occasion__in=occasions).delete()
    PaperForm.objects.filter(occasion__in=occasions).delete()
    PaperEntry.objects.filter(occasion__in=occasions).delete()
    others = {each.respondent_id for each in occasions.filter(capacity=Capacity.KIN)}
    NoticeSeen.objects.filter(person__in=occasions.values("respondent_id")).delete()
    Answer.objects.filter(submission__occasion__in=occasions).update(values={}, alerts=[], topic="")
    Ask.objects.filter(occasion__in=occasions).update(topic="")
    order = occasions.order_by("opens_at", "pk").select_related("submission")
    for place, occasion in enumerate(order):
        opens_at = month_of(occasion.opens_at, place)
        Occasion.objects.filter(pk=occasion.pk).update(
            respondent=citizen.person_id,
            opens_at=opens_at,
            closes_at=None,
            closed_for="",
            created_at=opens_at,
            declined_at=month_of(occasion.declined_at, place) if occasion.declined_at else None,
        )
        if hasattr(occasion, "submission"):
            Submission.objects.filter(pk=occasion.submission.pk).update(
                client_id=uuid.uuid4(),
                own_words="",
                submitted_at=month_of(occasion.submission.submitted_at, place),
            )
    _let_go_of_others(others)


def _let_go_of_others(persons: Collection[uuid.UUID]) -> None:
    """Whoever was asked about this citizen, and is here for nothing else, goes too."""
    only_asked = Person.objects.filter(
        pk__in=persons, staff=None, citizen=None, own_user=None, guardianships=None, occasions=None
    )
    for person in only_asked:
        gone = person.pk
        person.delete()
        Person.history.filter(id=gone).delete()


def drafts_due(before: date) -> QuerySet[Draft]:
    return Draft.objects.filter(updated_at__date__lt=before)


def papers_due(before: date) -> QuerySet[PaperEntry]:
    """What was typed and never stored: the paper itself lies with whoever typed it."""
    return PaperEntry.objects.filter(entered_at__isnull=True, begun_at__date__lt=before)


def codes_due(before: date) -> QuerySet[TabletCode]:
    return TabletCode.objects.filter(expires_at__date__lt=before)


def links_due(before: date) -> QuerySet[AnswerLink]:
    """Links that ran out, or were closed, before the day."""
    return AnswerLink.objects.filter(Q(expires_at__date__lt=before) | Q(revoked_at__date__lt=before))
