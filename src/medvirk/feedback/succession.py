"""How courses of help follow when units are merged or divided, and when two records turn out to be one person's."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from datetime import date

from django.db.models import Count, F, OuterRef, Prefetch, Q, QuerySet, Subquery, UUIDField
from django.db.models.functions import Coalesce
from django.utils.translation import ngettext

from medvirk.feedback.models import Episode, EpisodeMove, Participation
from medvirk.people.following import OnConflict, UnitRow, UnitRows
from medvirk.people.models import Reorganisation, Unit

#: In one course both records may take part: then the course has that person once.
MERGE_RULES = {
    "feedback.Participation.citizen": OnConflict.TAKE_OUT,
    "feedback.Signal.citizen": OnConflict.STAY,
    "feedback.JournalSummary.citizen": OnConflict.STAY,
}


def with_unit_on(chosen: QuerySet[Episode], day: date) -> QuerySet[Episode]:
    """With `unit_then`: the unit that each course belonged to on `day`, also under a structure that is planned."""
    moved = EpisodeMove.objects.filter(episode=OuterRef("pk"), day__lte=day).order_by("-day", "-pk")
    unit_moved_to = Subquery(moved.values("unit_id")[:1])
    return chosen.annotate(unit_then=Coalesce(unit_moved_to, "unit_id", output_field=UUIDField()))


def _running(units: Collection[uuid.UUID], day: date) -> list[UnitRow]:
    """Courses that are not over on `day` and belong to these units just before it.

    What is planned to move on the day already, does not stand there any longer.
    """
    not_over = Q(ended_on__isnull=True) | Q(ended_on__gte=day)
    found = with_unit_on(Episode.objects.filter(not_over), day).filter(unit_then__in=list(units))
    found = found.prefetch_related(
        Prefetch("participations", Participation.objects.only("episode", "citizen"))
    )
    return [
        UnitRow(
            str(episode.pk),
            episode.unit_then,
            citizens=frozenset(each.citizen_id for each in episode.participations.all()),
            staff_id=episode.responsible_id,
        )
        for episode in found.order_by("pk")
    ]


def _move(reorganisation: Reorganisation, targets: Mapping[str, Unit], today: date) -> None:
    episodes = Episode.objects.in_bulk([uuid.UUID(key) for key in targets])
    known = set(EpisodeMove.objects.filter(episode__in=episodes).values_list("episode_id", flat=True))
    moves = [
        EpisodeMove(episode=episode, day=episode.started_on, unit_id=episode.unit_id)
        for episode in episodes.values()
        if episode.pk not in known
    ]
    moves += [
        # One that is planned to begin later begins there.
        EpisodeMove(
            episode=episode,
            day=max(reorganisation.day, episode.started_on),
            unit=targets[str(episode.pk)],
            reorganisation=reorganisation,
        )
        for episode in episodes.values()
    ]
    EpisodeMove.objects.bulk_create(moves, batch_size=500)
    if reorganisation.day <= today:
        show_todays_units(today)


def show_todays_units(today: date) -> None:
    """Let each course stand in the unit it belongs to today. Nothing is done where nothing is due."""
    moved = Episode.objects.filter(moves__isnull=False).distinct()
    for episode in with_unit_on(moved, today).exclude(unit_id=F("unit_then")):
        episode.unit_id = episode.unit_then
        episode.save(update_fields=["unit"])


def _undo(reorganisation: Reorganisation) -> None:
    EpisodeMove.objects.filter(reorganisation=reorganisation).delete()
    # Where it began needs no saying where nothing else is said.
    EpisodeMove.objects.exclude(episode__moves__reorganisation__isnull=False).delete()


def _count(count: int) -> str:
    words = ngettext("%(count)d running course of help", "%(count)d running courses of help", count)
    return words % {"count": count}


EPISODES = UnitRows("feedback.episode", _count, _running, _move, _undo)


def episode_tally(citizens: Collection[uuid.UUID]) -> Mapping[uuid.UUID, int]:
    """How many courses of help each citizen takes, or has taken, part in."""
    rows = Participation.objects.filter(citizen__in=citizens).values("citizen").annotate(n=Count("pk"))
    return {row["citizen"]: row["n"] for row in rows}
