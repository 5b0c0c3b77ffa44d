"""A line of the log about a recipe tells of that recipe alone: each push writes one, and ended what was kept of every other."""

from django.db import migrations

CHANNEL = "recipes_app_changed"
# An empty name, of a line that is about no recipe, is everything.
OF_THE_LINE = f"""
CREATE FUNCTION recipes_app_tell_event() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('{CHANNEL}', NEW.recipe_name);
    RETURN NULL;
END $$
"""
TRIGGER = "CREATE TRIGGER recipes_app_tell AFTER INSERT OR UPDATE ON recipes_app_event"
DROP = "DROP TRIGGER recipes_app_tell ON recipes_app_event"


def forward(apps, schema_editor):
    """Tell by the row."""
    if schema_editor.connection.vendor == "postgresql":
        for statement in (DROP, OF_THE_LINE, f"{TRIGGER} FOR EACH ROW EXECUTE FUNCTION recipes_app_tell_event()"):
            schema_editor.execute(statement, params=None)


def backward(apps, schema_editor):
    """Tell by the statement again."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP FUNCTION recipes_app_tell_event CASCADE")
        schema_editor.execute(f"{TRIGGER} FOR EACH STATEMENT EXECUTE FUNCTION recipes_app_tell_everything()")


class Migration(migrations.Migration):
    """Notices of the log's lines."""

    dependencies = [("recipes_app", "0012_relint")]

    operations = [migrations.RunPython(forward, backward)]
