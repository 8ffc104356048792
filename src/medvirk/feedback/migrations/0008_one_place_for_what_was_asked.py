"""The columns that the rows of `Asking` and `Agreement` have taken the place of."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("feedback", "0007_who_was_asked_and_what_was_agreed")]

    operations = [
        migrations.RemoveField(
            model_name='helpchange',
            name='noted_by',
        ),
        migrations.RemoveField(
            model_name='helpchange',
            name='session',
        ),
        migrations.RemoveField(
            model_name='historicalsession',
            name='after',
        ),
        migrations.RemoveField(
            model_name='historicalsession',
            name='before',
        ),
        migrations.RemoveField(
            model_name='session',
            name='after',
        ),
        migrations.RemoveField(
            model_name='session',
            name='before',
        ),
        migrations.DeleteModel(
            name='HelpChange',
        ),
    ]
