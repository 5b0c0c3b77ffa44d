from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("recipes_app", "0015_trial_build_steps")]

    operations = [
        migrations.AddField("revision", "purged_at", models.DateTimeField(blank=True, null=True)),
    ]
