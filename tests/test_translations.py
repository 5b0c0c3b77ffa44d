"""The catalogues of translations: what is found wrong with them, and that what is said reaches each in his language."""

import shutil
import subprocess

import pytest
from django.core.management import call_command
from django.utils import translation

from devtools import bootstrap, messages
from recipes_app.languages import compiled
from recipes_app.lint.checks.registry import CHECKS
from recipes_app.models import Notification, OutboxMail, QueueEntry, User
from recipes_app.services.core import permissions
from recipes_app.services.core.errors import Refused
from recipes_app.services.moderation import flags
from recipes_app.services.notifications import mail, notify, outbox
from tests.factories import make_recipe, make_user

ROOT = bootstrap.ROOT


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """A copy of what is translated, to be spoiled."""
    folder = tmp_path_factory.mktemp("checkout")
    for name in ("api", "locale", "portal", "recipes_app", "templates"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "manage.py", folder)
    return folder


class TestFaults:
    """What `./dev check messages` refuses."""

    def spoiled(self, checkout, path, old, new):
        file = checkout / path
        text = file.read_text(encoding="utf-8")
        assert old in text
        file.write_text(text.replace(old, new, 1), encoding="utf-8")
        try:
            return "\n".join(messages.faults(checkout))
        finally:
            file.write_text(text, encoding="utf-8")

    def test_a_new_word_in_a_template_is_missed(self, checkout):
        said = self.spoiled(checkout, "templates/404.html", "There is no such page", "There was never such a page")
        assert '+msgid "There was never such a page"' in said

    def test_a_word_without_a_translation_is_named(self, checkout):
        said = self.spoiled(checkout, "locale/de/LC_MESSAGES/django.po", 'msgstr "Diese Seite gibt es nicht"', 'msgstr ""')
        assert "not complete" in said
        assert 'msgid "There is no such page"' in said

    def test_a_doubtful_translation_is_named(self, checkout):
        old = 'msgid "There is no such page"'
        assert "not complete" in self.spoiled(checkout, "locale/de/LC_MESSAGES/django.po", old, f"#, fuzzy\n{old}")

    def test_a_broken_placeholder_is_named(self, checkout):
        said = self.spoiled(checkout, "locale/de/LC_MESSAGES/django.po", "hier seit %(joined)s", "hier seit %(joind)s")
        assert "joind" in said


class TestCompiling:
    def test_a_catalogue_is_compiled_once_and_again_when_it_is_newer(self, tmp_path):
        folder = tmp_path / "de" / "LC_MESSAGES"
        folder.mkdir(parents=True)
        source = shutil.copy(ROOT / "locale/de/LC_MESSAGES/django.po", folder)
        bootstrap.compile_messages(tmp_path)
        made = folder / "django.mo"
        first = made.stat().st_mtime_ns
        bootstrap.compile_messages(tmp_path)
        assert made.stat().st_mtime_ns == first
        later = first // 10**9 + 10
        subprocess.run(["touch", "-d", f"@{later}", source], check=True)
        bootstrap.compile_messages(tmp_path)
        assert made.stat().st_mtime_ns > first

    def test_what_cannot_be_compiled_is_named(self, tmp_path):
        folder = tmp_path / "de" / "LC_MESSAGES"
        folder.mkdir(parents=True)
        (folder / "django.po").write_text('msgid "a"\nmsgstr "b\n', encoding="utf-8")
        with pytest.raises(bootstrap.BootstrapError, match=r"django\.po:3: end-of-line within string"):
            bootstrap.compile_messages(tmp_path)
        assert not (folder / "django.mo").exists()

    def test_a_site_without_compiled_catalogues_is_warned(self, settings, tmp_path):
        assert compiled() == []
        settings.LOCALE_PATHS = [tmp_path]
        shutil.copytree(ROOT / "locale" / "de", tmp_path / "de", ignore=shutil.ignore_patterns("*.mo"))
        assert [warning.id for warning in compiled()] == ["portal.W001"]
        call_command("check", "--fail-level", "ERROR")


def test_every_check_is_explained_in_german():
    said = {text for each in CHECKS.values() for text in (each.about.title, each.about.explanation, each.about.remedy)}
    with translation.override("de"):
        assert [text for text in said if translation.gettext(text) == text] == []


@pytest.mark.django_db
class TestEachInHisLanguage:
    def german(self, name):
        user = make_user(name)
        User.objects.filter(pk=user.pk).update(language="de")
        return User.objects.get(pk=user.pk)

    def test_notification_is_in_the_language_of_who_gets_it(self):
        recipe = make_recipe("hello-dur", self.german("ada"))
        grace = make_user("grace")
        with translation.override("fr"):
            flags.raise_flag(grace, recipe, flags.Kind.BROKEN, flags.FlagText("it does not build"))
        assert Notification.objects.get().text == "grace hat hello-dur markiert: kaputt."

    def test_german_who_acts_writes_english_to_who_reads_english_and_into_the_record(self):
        recipe = make_recipe("hello-dur", make_user("ada"))
        with translation.override("de"):
            flags.raise_flag(self.german("grace"), recipe, flags.Kind.MALICIOUS, flags.FlagText("it calls home"))
        assert Notification.objects.get().text == "grace flagged hello-dur: malicious."
        assert QueueEntry.objects.get().summary == "malicious: it calls home"

    def test_mail_is_in_the_language_of_who_gets_it(self):
        row = notify.notify(
            Notification.Kind.MENTION, [self.german("ada")], text=lambda: translation.gettext("Decided."), url="/"
        )[0]
        mail.mail_at_once([row.pk])
        message = outbox._from_content(OutboxMail.objects.get().content)
        assert "Entschieden." in message.subject
        assert "Keine solche Mail mehr:" in message.body

    def test_refusal_is_in_the_language_of_the_page(self):
        recipe = make_recipe("hello-dur", make_user("ada"))
        with translation.override("de"), pytest.raises(Refused, match="sagen Sie, was nicht stimmt"):
            flags.raise_flag(make_user("grace"), recipe, flags.Kind.BROKEN, flags.FlagText(" "))

    def test_what_the_table_forbids_is_said_in_the_language_of_the_page(self):
        with translation.override("de"), pytest.raises(permissions.PermissionDenied) as refused:
            permissions.require(permissions.Action.RENAME, make_user("grace"), make_recipe("hello-dur"))
        assert (
            str(refused.value)
            == "das dürfen Sie nicht: umbenennen (hello-dur). Dazu braucht es die Rolle Administration, Moderation"
        )

    def test_newcomer_on_german_pages_has_a_german_account(self, client, mailoutbox):
        client.post("/language/", {"language": "de"})
        words = {"email": "ada@example.org", "username": "ada", "password1": "correct horse", "password2": "correct horse"}
        client.post("/accounts/signup/", {**words, "accept_terms": "on"})
        assert User.objects.get().language == "de"
        assert "bestätig" in mailoutbox[0].body

    def test_newcomer_whose_browser_asks_for_english_has_chosen_nothing(self, client):
        words = {"email": "ada@example.org", "username": "ada", "password1": "correct horse", "password2": "correct horse"}
        client.post("/accounts/signup/", {**words, "accept_terms": "on"})
        assert User.objects.get().language == ""
