"""Forms that were closed before it was kept what had closed them: what it was follows from how things stand."""

from django.db import migrations
from django.utils import timezone


def tell(apps, schema_editor):
    Asking = apps.get_model("feedback", "Asking")
    Participation = apps.get_model("feedback", "Participation")
    MeasuringPause = apps.get_model("feedback", "MeasuringPause")
    Occasion = apps.get_model("answers", "Occasion")
    # What somebody else was asked may have been withdrawn: that stays closed, and can be asked again.
    closed = Asking.objects.filter(
        occasion__capacity="self", occasion__closes_at__isnull=False, occasion__submission__isnull=True,
        occasion__closed_for="", citizen__person__died_on__isnull=True,
    ).select_related("session__episode", "occasion")
    parts = {(each.episode_id, each.citizen_id): each for each in Participation.objects.all()}
    pauses = {}
    for pause in MeasuringPause.objects.filter(lifted_at__isnull=True).defer("words"):
        pauses.setdefault((pause.episode_id, pause.citizen_id), []).append(pause)
    by_why = {}
    for asking in closed.iterator(chunk_size=1000):
        course = asking.session.episode_id, asking.citizen_id
        why = _why(asking, parts.get(course), pauses.get(course, ()))
        by_why.setdefault(why, []).append(asking.occasion_id)
    for why, ids in by_why.items():
        for start in range(0, len(ids), 500):
            Occasion.objects.filter(pk__in=ids[start : start + 500]).update(closed_for=why)


def _why(asking, part, pauses):
    session, day = asking.session, timezone.localdate(asking.session.starts_at)
    if session.cancelled_at is not None:
        return "cancelled"
    if session.episode.ended_on is not None:
        return "ended"
    if part is not None and part.until is not None and part.until < day:
        return "left"
    if any(day <= each.until and each.set_at <= asking.occasion.closes_at for each in pauses):
        return "paused"
    return ""


class Migration(migrations.Migration):

    dependencies = [
        ("feedback", "0016_reminders_outdated"),
        ("answers", "0008_what_closed_an_occasion"),
    ]

    operations = [migrations.RunPython(tell, migrations.RunPython.noop)]
