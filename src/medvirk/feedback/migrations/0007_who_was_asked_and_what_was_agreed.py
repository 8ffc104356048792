"""What a conversation asked becomes rows of its own, and what was changed becomes an agreement."""

from django.db import migrations

AT_ONCE = 500


def forward(apps, schema_editor):
    Session, Asking = (apps.get_model("feedback", name) for name in ("Session", "Asking"))
    HelpChange, Agreement = (apps.get_model("feedback", name) for name in ("HelpChange", "Agreement"))
    sessions = Session.objects.select_related("before").only("id", "before", "after", "before__about_id")
    rows = []
    for session in sessions.iterator(chunk_size=AT_ONCE):
        for moment, occasion in (("before", session.before_id), ("after", session.after_id)):
            rows.append(
                Asking(
                    session_id=session.pk,
                    citizen_id=session.before.about_id,
                    moment=moment,
                    occasion_id=occasion,
                )
            )
    Asking.objects.bulk_create(rows, batch_size=AT_ONCE)
    changes = HelpChange.objects.select_related("session").order_by("pk")
    Agreement.objects.bulk_create(
        (
            Agreement(
                episode_id=each.session.episode_id,
                session_id=each.session_id,
                text=each.text,
                noted_by_id=each.noted_by_id,
                noted_at=each.noted_at,
            )
            for each in changes.iterator(chunk_size=AT_ONCE)
        ),
        batch_size=AT_ONCE,
    )


class Migration(migrations.Migration):
    dependencies = [("feedback", "0006_following_signals")]
    operations = [migrations.RunPython(forward)]
