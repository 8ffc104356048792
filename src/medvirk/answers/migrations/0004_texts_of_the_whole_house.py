"""A text is of the whole house: that of one unit could not be written or read anywhere."""

from django.db import migrations, models


def forget_texts_of_units(apps, _schema_editor):
    apps.get_model("answers", "OrganisationText").objects.filter(unit__isnull=False).delete()


class Migration(migrations.Migration):
    dependencies = [("answers", "0003_who_answers_and_topics")]

    operations = [
        migrations.RunPython(forget_texts_of_units, migrations.RunPython.noop),
        migrations.RemoveConstraint("organisationtext", "one_common_text_of_a_key"),
        migrations.RemoveConstraint("organisationtext", "one_text_of_a_key_per_unit"),
        migrations.RemoveField("organisationtext", "unit"),
        migrations.AlterField(
            "organisationtext",
            "key",
            models.CharField(
                choices=[
                    ("privacy", "privacy notice before the first answer"),
                    ("crisis", "where to get help now"),
                ],
                max_length=20,
                unique=True,
            ),
        ),
    ]
