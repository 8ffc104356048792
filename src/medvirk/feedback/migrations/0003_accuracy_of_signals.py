from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('feedback', '0002_norms_releases'),
    ]

    operations = [
        migrations.AddField(
            model_name='localnorms',
            name='accuracy',
            field=models.JSONField(blank=True, default=dict),
        ),
    ]
