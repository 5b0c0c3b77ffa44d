"""What counts as changed; and that every table is either watched or left out for a reason."""

import sqlite3

from django.apps import apps

from recipes_app.migrations import _change_notices as notices
from recipes_app.response_cache import changes
from recipes_app.response_cache.changes import Notices, SqliteChanges

# Tables whose changes tell nobody anything by themselves, each with the reason.
UNWATCHED = {
    "BinaryPackage": "written with the recipe's row (services.publishing.projection)",
    "PackageRelation": "written with the recipe's row (services.publishing.projection)",
    "Keyword": "written with the search document",
    "SearchWord": "written with the search document",
    "LintHint": "written with the job's row (services.lint.jobs)",
    "Vote": "counted in the recipe's row (services.catalogue.votes)",
    "Follow": "seen by its account only",
    "Notification": "seen by its account only",
    "Invitation": "seen by those concerned only",
    "ApiToken": "seen by its account only",
    "SshKey": "seen by its account only",
    "SecurityEvent": "seen by its account only",
    "KnownDevice": "seen by its account only",
    "MailDomain": "no answer shows it",
    "MailChoice": "seen by its account only",
    "OutboxMail": "mail",
    "KeptAnswer": "given to its account only",
    "DumpLine": "what dumps and deltas say: no answer that is kept shows it",
    "Webhook": "seen by the recipe's team only",
    "WebhookDelivery": "seen by the recipe's team only",
    "LintTool": "no answer that is kept shows it",
    "LintRunner": "a page that tells of it waits for a job, which changes the page when it begins",
    "RelintRun": "no answer that is kept shows it",
    "RelintChange": "no answer that is kept shows it",
    "QueueEntry": "moderators only",
    "Report": "moderators only",
    "NameRule": "moderators only",
    "IncidentNotice": "written with a line of the log about no recipe, which tells of everything (services.gates.incident)",
}


def test_every_table_is_watched_or_left_out_for_a_reason():
    watched = {"recipe", "event", *notices.BY_ROW, *notices.BY_STATEMENT}
    names = {model.__name__ for model in apps.get_app_config("recipes_app").get_models()}
    assert {name for name in names if name.lower() in watched} == names - UNWATCHED.keys()
    assert notices.CHANNEL == changes.CHANNEL


def test_a_notice_changes_its_recipe_and_the_catalogue_and_no_other():
    known = Notices()
    before = {name: known.stamp(name) for name in ("", "hello", "other")}
    known.note("hello")
    after = {name: known.stamp(name) for name in before}
    assert {name for name in before if before[name] != after[name]} == {"", "hello"}


def test_a_notice_without_a_name_changes_everything():
    known = Notices()
    known.note("hello")
    before = {name: known.stamp(name) for name in ("", "hello", "other")}
    known.note("")
    assert [name for name in before if before[name] == known.stamp(name)] == []


def test_too_many_names_change_everything_once(monkeypatch):
    monkeypatch.setattr(changes, "_MOST_NAMES", 2)
    known = Notices()
    known.note("one")
    known.note("two")
    before = known.stamp("quiet")
    known.note("three")
    assert known.stamp("quiet") != before


def test_sqlite_says_when_anybody_has_written(tmp_path):
    path = tmp_path / "some.sqlite3"
    writer = sqlite3.connect(path)
    writer.execute("CREATE TABLE things (name)")
    known = SqliteChanges(path)
    before = known.stamp("")
    assert before == known.stamp("hello")
    writer.execute("INSERT INTO things VALUES ('one')")
    assert known.stamp("") == before
    writer.commit()
    assert known.stamp("") != before


def test_without_a_database_nothing_is_known(tmp_path):
    assert SqliteChanges(tmp_path / "none.sqlite3").stamp("") is None
