"""Accounts: addresses in one normal form, mail domains, devices; and redistribution that was called permitted unasked."""

import logging

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from recipes_app.mail_addresses import normal

logger = logging.getLogger(__name__)


def unknown_stays_unknown(apps, schema_editor):
    """Schema 1 of the metadata called permitted what nobody had said anything of; `RecipeMetadata.from_json` reads it so, too."""
    recipes = apps.get_model("recipes_app", "Recipe").objects
    is_in_nonfree = models.Q(section__startswith="non-free")
    permitted = recipes.filter(redistribution="permitted")
    permitted.filter(~models.Q(licence_class="dfsg-free") | is_in_nonfree).update(redistribution="unknown")


def addresses_in_normal_form(apps, schema_editor):
    """Write addresses anew. Where two accounts have one mailbox both stay as they are, and an operator is told."""
    users = apps.get_model("recipes_app", "User").objects
    addresses = apps.get_model("account", "EmailAddress").objects
    for user in users.exclude(email="").order_by("pk").iterator():
        wanted = normal(user.email)
        if wanted == user.email:
            continue
        if users.filter(email=wanted).exclude(pk=user.pk).exists():
            logger.warning("accounts: %s has an address that another account has in another spelling", user.username)
            continue
        users.filter(pk=user.pk).update(email=wanted)
    for address in addresses.order_by("pk").iterator():
        wanted = normal(address.email)
        taken = addresses.filter(email=wanted).exclude(pk=address.pk)
        if wanted != address.email and not taken.exists() and not users.filter(email=wanted).exclude(pk=address.user_id).exists():
            addresses.filter(pk=address.pk).update(email=wanted)


class Migration(migrations.Migration):
    dependencies = [
        ("recipes_app", "0018_trust"),
        ("account", "0009_emailaddress_unique_primary_email"),
    ]

    operations = [
        migrations.CreateModel(
            name="MailDomain",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=255, unique=True)),
                ("checked_at", models.DateTimeField()),
                ("gone_since", models.DateTimeField(blank=True, null=True)),
            ],
            options={"ordering": ["name"]},
        ),
        migrations.AddField("user", "recovery_lost_at", models.DateTimeField(blank=True, null=True)),
        migrations.CreateModel(
            name="KnownDevice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("digest", models.CharField(db_index=True, max_length=64)),
                ("first_at", models.DateTimeField(auto_now_add=True)),
                ("seen_at", models.DateTimeField()),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="known_devices",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-seen_at"],
                "constraints": [models.UniqueConstraint(fields=("user", "digest"), name="device_once")],
            },
        ),
        migrations.RunPython(unknown_stays_unknown, migrations.RunPython.noop),
        migrations.RunPython(addresses_in_normal_form, migrations.RunPython.noop),
    ]
