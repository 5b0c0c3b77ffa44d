"""Accounts: what is known of mail addresses and devices; and redistribution that was called permitted unasked."""

from django.db import migrations


def unknown_stays_unknown(apps, schema_editor):
    """Schema 1 of the metadata called permitted what nobody had said anything of; `RecipeMetadata.from_json` reads it so, too."""
    recipes = apps.get_model("recipes_app", "Recipe").objects
    recipes.filter(redistribution="permitted").exclude(licence_class="dfsg-free").update(redistribution="unknown")


class Migration(migrations.Migration):
    dependencies = [("recipes_app", "0018_trust")]

    operations = [
        migrations.RunPython(unknown_stays_unknown, migrations.RunPython.noop),
    ]
