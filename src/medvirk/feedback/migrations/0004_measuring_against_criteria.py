from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('feedback', '0003_accuracy_of_signals'),
    ]

    operations = [
        migrations.AddField(
            model_name='localnorms',
            name='measuring',
            field=models.JSONField(blank=True, null=True),
        ),
    ]
