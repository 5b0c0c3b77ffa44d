"""Two repositories for each recipe: what was pushed goes into intake/, and what is published into public/.

Nothing is done where the store has no repository in the old place. A repository that cannot be read is noted as damaged and does
not stop the others; the sweep brings the rest of each into order, since every name gets the marker of an act under way.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import migrations

from recipes_app.repos.store import store


def split(apps: Any, schema_editor: Any) -> None:
    if not any(Path(settings.REPOSITORY_ROOT).glob("[0-9a-f][0-9a-f]/[0-9a-f][0-9a-f]/*.git")):
        return
    branches = apps.get_model("recipes_app", "SuiteBranch").objects
    shown = branches.filter(recipe__quarantined_at=None, recipe__deleted_at=None)
    for name in store().move_old_layout():
        wanted = dict(shown.filter(recipe__storage_name=name).values_list("name", "revision__commit"))
        store().pending(name).close()
        try:
            with store().lock(name):
                store().show(name, wanted)
        except OSError as error:
            store().note_damage(name, f"its public repository could not be made: {error}")


class Migration(migrations.Migration):
    dependencies = [("recipes_app", "0016_purged_revisions")]

    operations = [migrations.RunPython(split, migrations.RunPython.noop)]
