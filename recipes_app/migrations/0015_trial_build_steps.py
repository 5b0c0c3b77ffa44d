"""What a trial build says besides hints: its steps, and what its packages result in."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Two columns of a job."""

    dependencies = [("recipes_app", "0014_sandbox_levels")]

    operations = [
        migrations.AddField("lintjob", "steps", models.JSONField(blank=True, default=list)),
        migrations.AddField("lintjob", "effects", models.JSONField(blank=True, null=True)),
    ]
