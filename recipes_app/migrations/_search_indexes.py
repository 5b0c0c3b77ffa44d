"""The search index: what each engine puts on the tokens of SearchDocument and on the words of SearchWord.

It is part of the first migration and stays as it is. A later migration that makes Django build one of these two tables anew on
SQLite (it does for most changes of a column) has to make the triggers anew as well.
"""

from __future__ import annotations

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

# Each character that may stand in a token: the tokenizer only splits at blanks, the tokens are made by search.tokens.
SQLITE_CHARACTERS = "!#$%&()*+,-./:;<=>?@[\\]^_`{|}~''"  # two quotes are one, within a string

SQLITE_FORWARD = [
    f"""CREATE VIRTUAL TABLE recipes_app_search USING fts5(
        names, topics, body, tags, content='', tokenize='ascii tokenchars ''{SQLITE_CHARACTERS.replace("''", "''''")}''')""",
    """CREATE TRIGGER recipes_app_search_insert AFTER INSERT ON recipes_app_searchdocument BEGIN
        INSERT INTO recipes_app_search (rowid, names, topics, body, tags)
        VALUES (new.recipe_id, new.names, new.topics, new.body, new.tags);
    END""",
    """CREATE TRIGGER recipes_app_search_delete AFTER DELETE ON recipes_app_searchdocument BEGIN
        INSERT INTO recipes_app_search (recipes_app_search, rowid, names, topics, body, tags)
        VALUES ('delete', old.recipe_id, old.names, old.topics, old.body, old.tags);
    END""",
    """CREATE TRIGGER recipes_app_search_update AFTER UPDATE ON recipes_app_searchdocument BEGIN
        INSERT INTO recipes_app_search (recipes_app_search, rowid, names, topics, body, tags)
        VALUES ('delete', old.recipe_id, old.names, old.topics, old.body, old.tags);
        INSERT INTO recipes_app_search (rowid, names, topics, body, tags)
        VALUES (new.recipe_id, new.names, new.topics, new.body, new.tags);
    END""",
    # Padded as pg_trgm pads: the beginning of a word counts for more than its middle.
    "CREATE VIRTUAL TABLE recipes_app_similar USING fts5(word, content='', tokenize='trigram')",
    """CREATE TRIGGER recipes_app_similar_insert AFTER INSERT ON recipes_app_searchword BEGIN
        INSERT INTO recipes_app_similar (rowid, word) VALUES (new.id, '  ' || new.word || ' ');
    END""",
    """CREATE TRIGGER recipes_app_similar_delete AFTER DELETE ON recipes_app_searchword BEGIN
        INSERT INTO recipes_app_similar (recipes_app_similar, rowid, word) VALUES ('delete', old.id, '  ' || old.word || ' ');
    END""",
]
SQLITE_BACKWARD = [
    "DROP TRIGGER recipes_app_similar_delete",
    "DROP TRIGGER recipes_app_similar_insert",
    "DROP TABLE recipes_app_similar",
    "DROP TRIGGER recipes_app_search_update",
    "DROP TRIGGER recipes_app_search_delete",
    "DROP TRIGGER recipes_app_search_insert",
    "DROP TABLE recipes_app_search",
]

POSTGRESQL_FORWARD = [
    # Trusted since PostgreSQL 13: the database's owner may do it. Never dropped: others may have come to use it.
    # (Django's TrigramExtension asks SQLite for PostgreSQL's catalogue on the way back.)
    "CREATE EXTENSION IF NOT EXISTS pg_trgm",
    # Tokens with a blank between them as a tsvector with positions; the boundary "." leaves a gap that no phrase crosses.
    r"""CREATE FUNCTION recipes_app_search_vector(tokens text) RETURNS tsvector
        LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
        SELECT coalesce(
            string_agg(
                '''' || replace(replace(token, '\', '\\'), '''', '''''') || ''':' || least(place, 16383), ' '
            ), ''
        )::tsvector
        FROM unnest(string_to_array(tokens, ' ')) WITH ORDINALITY AS each (token, place)
        WHERE token NOT IN ('.', '')
        $$""",
    """ALTER TABLE recipes_app_searchdocument
        ADD COLUMN head tsvector GENERATED ALWAYS AS (
            setweight(recipes_app_search_vector(names), 'A') || setweight(recipes_app_search_vector(topics), 'B')
        ) STORED,
        ADD COLUMN vector tsvector GENERATED ALWAYS AS (
            setweight(recipes_app_search_vector(names), 'A') || setweight(recipes_app_search_vector(topics), 'B')
            || setweight(recipes_app_search_vector(body), 'D') || strip(recipes_app_search_vector(tags))
        ) STORED""",
    # Without the list of pending entries, which every search would have to read through: pushes are rarer than searches.
    "CREATE INDEX recipes_app_search ON recipes_app_searchdocument USING gin (vector) WITH (fastupdate = off)",
    "CREATE INDEX recipes_app_similar ON recipes_app_searchword USING gin (word gin_trgm_ops)",
    # Two words of six letters with two letters exchanged share a quarter of their trigrams; the default asks for 0.3.
    "SELECT similarity('', '')",  # loads the library, which knows the setting below
    """CREATE FUNCTION recipes_app_similar_words(wanted text) RETURNS SETOF text
        LANGUAGE sql STABLE SET pg_trgm.similarity_threshold = 0.2 AS $$
        SELECT word FROM recipes_app_searchword WHERE word % wanted ORDER BY similarity(word, wanted) DESC, word LIMIT 50
        $$""",
]
POSTGRESQL_BACKWARD = [
    "DROP FUNCTION recipes_app_similar_words",
    "DROP INDEX recipes_app_similar",
    "ALTER TABLE recipes_app_searchdocument DROP COLUMN vector, DROP COLUMN head",
    "DROP FUNCTION recipes_app_search_vector",
]

STATEMENTS = {
    "sqlite": (SQLITE_FORWARD, SQLITE_BACKWARD),
    "postgresql": (POSTGRESQL_FORWARD, POSTGRESQL_BACKWARD),
}


def _run(schema_editor: BaseDatabaseSchemaEditor, direction: int) -> None:
    for statement in STATEMENTS[schema_editor.connection.vendor][direction]:
        schema_editor.execute(statement, params=None)


def forward(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Make the indexes of the engine at hand."""
    _run(schema_editor, 0)


def backward(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Take them away again."""
    _run(schema_editor, 1)
