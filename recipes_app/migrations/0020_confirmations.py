"""Who else says that the files of a revision are upstream's."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """A column of the job that asked."""

    dependencies = [("recipes_app", "0019_accounts")]

    operations = [
        migrations.AddField(model_name="lintjob", name="confirmations", field=models.JSONField(blank=True, null=True)),
    ]
