"""Lists of the interop room (tests/web/test_query_counts.py); one's own data are a file."""

from __future__ import annotations

from django.urls import reverse
from factories_feedback import DAY, Care
from lists import Listed


def waiting(make) -> Listed:
    """Conversations that are not in the record yet."""
    from medvirk.feedback.models import JournalChoice

    care = Care(make)
    JournalChoice.objects.create(staff=care.worker, since=care.now - 30 * DAY)

    def add() -> str:
        return care.session(care.episode(), at=care.now - DAY).asks("before").about.person.name

    return Listed(care.worker, reverse("journal:waiting"), add)


def summary(make) -> Listed:
    """A course with conversations, goals, life events and signals, all that a summary says."""
    from medvirk.feedback.actions.goals import note_event
    from medvirk.feedback.actions.journal import Chosen, take_over
    from medvirk.feedback.logic.journal import JournalPart
    from medvirk.feedback.models import JournalChoice, Signal

    care = Care(make)
    episode = care.episode()
    citizen = episode.citizens.get()
    JournalChoice.objects.create(staff=care.worker, parts=[str(part) for part in JournalPart])
    kinds = iter(("sudden_fall", "alliance_low", "alliance_falling", "deteriorated"))
    days = iter(range(30, 0, -7))

    def add() -> str:
        words, at = f"Om {make.unit().name}", care.now - next(days) * DAY
        held = care.held(episode, at, life=20.0)
        note_event(by=care.viewer, citizen=citizen, day=care.viewer.today, words=words, now=care.now)
        raised = Signal.objects.create(
            episode=episode, citizen=citizen, session=held, kind=next(kinds), raised_at=at, owner=care.worker,
            due_at=at, tell_at=at,
        )  # fmt: skip
        raised.steps.create(kind="raised", at=at)
        raised.steps.create(kind="talked", at=at, text=words, by=care.worker)
        raised.agreements.create(episode=episode, text=words, noted_by=care.worker)
        chosen = Chosen(episode, citizen, None, [JournalPart.SIGNALS], "nb", words)
        take_over(by=care.viewer, chosen=chosen, where="", now=care.now)
        return words

    return Listed(care.worker, reverse("journal:summary", args=["episodes", episode.pk]), add)


LISTS = {"journal:waiting": waiting, "journal:summary": summary}
NO_LIST = {
    "journal:taken",
    "journal:undo",
    "journal:file",
    "interop:own_data",
    "interop:own_data_file",
    # Kinds of tables, roles and measures: as many as there are, however many people there are.
    "privacy:notice",
    "privacy:documents",
    "privacy:document",
    "privacy:file",
}
