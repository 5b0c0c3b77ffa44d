"""PostgreSQL tells by NOTIFY what changes, for the answers that web processes keep (recipes_app/response_cache/changes).

The payload is the name of the recipe, or nothing, which is everything. Equal notices of one transaction are sent once, and only
when it is committed. SQLite needs none of this: it can be asked. It is part of the first migration and stays as it is.
"""

from __future__ import annotations

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

CHANNEL = "recipes_app_changed"
# Tables with a column that leads to the recipe: the table, and the recipe's id within a row.
BY_ROW = {
    "suitebranch": "{row}.recipe_id",
    "revision": "{row}.recipe_id",
    "comment": "{row}.recipe_id",
    "flag": "{row}.recipe_id",
    "comaintainer": "{row}.recipe_id",
    "ownershiprequest": "{row}.recipe_id",
    "modelruling": "{row}.recipe_id",
    "searchdocument": "{row}.recipe_id",
    "hold": "(SELECT recipe_id FROM recipes_app_revision WHERE id = {row}.revision_id)",
    "lintjob": "(SELECT recipe_id FROM recipes_app_revision WHERE id = {row}.revision_id)",
}
# Tables that many recipes' answers show, and those of which visitors see only some columns.
BY_STATEMENT = {
    "nameredirect": "INSERT OR UPDATE OR DELETE",
    "linttag": "INSERT OR UPDATE OR DELETE",
    "switch": "INSERT OR UPDATE OR DELETE",
    "news": "INSERT OR UPDATE OR DELETE",
    # Not for each sign-in, which writes last_login.
    "user": "INSERT OR DELETE OR UPDATE OF username, rank, about, homepage, openpgp_fingerprint, frozen_at, is_active",
}

RECIPE = f"""
CREATE FUNCTION recipes_app_tell_recipe() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN PERFORM pg_notify('{CHANNEL}', OLD.name); END IF;
    IF TG_OP <> 'DELETE' THEN PERFORM pg_notify('{CHANNEL}', NEW.name); END IF;
    RETURN NULL;
END $$
"""
EVERYTHING = f"""
CREATE FUNCTION recipes_app_tell_everything() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('{CHANNEL}', '');
    RETURN NULL;
END $$
"""
# A line of the log tells of its recipe alone, since each push writes one. A line about no recipe has an empty name: everything.
EVENT = f"""
CREATE FUNCTION recipes_app_tell_event() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('{CHANNEL}', NEW.recipe_name);
    RETURN NULL;
END $$
"""


def of_recipe(table: str, recipe_id: str) -> str:
    """Return the function of a table whose rows belong to a recipe, which may be gone with them already."""
    name = "SELECT name FROM recipes_app_recipe WHERE id = " + recipe_id  # noqa: S608 - of the table above
    return f"""
CREATE FUNCTION recipes_app_tell_{table}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN PERFORM pg_notify('{CHANNEL}', coalesce(({name.format(row="OLD")}), '')); END IF;
    IF TG_OP <> 'DELETE' THEN PERFORM pg_notify('{CHANNEL}', coalesce(({name.format(row="NEW")}), '')); END IF;
    RETURN NULL;
END $$
"""


def trigger(table: str, function: str, events: str = "INSERT OR UPDATE OR DELETE", each: str = "ROW") -> str:
    """Return the trigger of a table."""
    return (
        f"CREATE TRIGGER recipes_app_tell AFTER {events} ON recipes_app_{table}"
        f" FOR EACH {each} EXECUTE FUNCTION recipes_app_tell_{function}()"
    )


def forward(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Make the triggers."""
    if schema_editor.connection.vendor != "postgresql":
        return
    statements = [RECIPE, EVERYTHING, EVENT, trigger("recipe", "recipe"), trigger("event", "event", "INSERT OR UPDATE")]
    for table, recipe_id in BY_ROW.items():
        statements += [of_recipe(table, recipe_id), trigger(table, table)]
    statements += [trigger(table, "everything", events, "STATEMENT") for table, events in BY_STATEMENT.items()]
    for statement in statements:
        schema_editor.execute(statement, params=None)


def backward(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Take them away again: a function takes its triggers along."""
    if schema_editor.connection.vendor == "postgresql":
        for function in ("recipe", "everything", "event", *BY_ROW):
            schema_editor.execute(f"DROP FUNCTION recipes_app_tell_{function} CASCADE")
