"""Trust: delays, provenance, staging, the incident level; which reports the gates still have to be asked about."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models.functions import Coalesce


def asked_already(apps, schema_editor):
    """Every report that is there was judged by the rules of its time."""
    jobs = apps.get_model("recipes_app", "LintJob").objects.filter(state__in=("passed", "failed"))
    jobs.update(gates_asked_at=Coalesce("finished_at", "queued_at"))


class Migration(migrations.Migration):
    """Columns, a table, and indexes."""

    dependencies = [
        ("recipes_app", "0017_intake_and_public"),
    ]

    operations = [
        migrations.CreateModel(
            name="IncidentNotice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("level", models.CharField(max_length=8)),
                ("words", models.CharField(blank=True, max_length=500)),
                ("changed_by_name", models.CharField(max_length=39)),
                ("changed_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "ordering": ["-id"],
            },
        ),
        migrations.AddField(
            model_name="hold",
            name="approved_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="hold",
            name="approved_by_name",
            field=models.CharField(blank=True, max_length=39),
        ),
        migrations.AddField(
            model_name="hold",
            name="gates",
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name="hold",
            name="release_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="hold",
            name="reminded_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="lintjob",
            name="gates_asked_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="recipe",
            name="staging",
            field=models.CharField(
                choices=[("default", "from a large reach on"), ("on", "always"), ("off", "never")],
                default="default",
                max_length=8,
            ),
        ),
        migrations.AddField(
            model_name="report",
            name="revision",
            field=models.ForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="recipes_app.revision"
            ),
        ),
        migrations.AddField(
            model_name="revision",
            name="came_by",
            field=models.JSONField(blank=True, default=dict),
        ),
        migrations.AddField(
            model_name="user",
            name="armour_changed_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddIndex(
            model_name="hold",
            index=models.Index(condition=models.Q(("decided_at", None)), fields=["release_at"], name="hold_due"),
        ),
        migrations.AddIndex(
            model_name="hold",
            index=models.Index(condition=models.Q(("decided_at", None)), fields=["created_at"], name="hold_waiting"),
        ),
        migrations.AddIndex(
            model_name="lintjob",
            index=models.Index(
                condition=models.Q(("gates_asked_at", None), ("state__in", ("passed", "failed"))),
                fields=["id"],
                name="lint_gates_unasked",
            ),
        ),
        migrations.RunPython(asked_already, migrations.RunPython.noop),
    ]
