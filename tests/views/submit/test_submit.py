"""Submitting on pages: the way to a first push, the upload, the edit; what was typed is kept, and what is wrong is said."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from recipes_app.deadline import NoPlace
from recipes_app.limits import MAX_UPLOAD_BYTES
from recipes_app.models import CoMaintainer, Recipe, Revision, Scope
from recipes_app.repos.browse import read_tree
from recipes_app.repos.store import store
from recipes_app.services.publishing import uploads
from tests.factories import issue_token, make_recipe, make_user, packed, publish_recipe, recipe_tree

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.server]
RULES = "#!/usr/bin/make -f\n%:\n\tdh $@ --verbose\n"


@pytest.fixture
def ada(settings, tmp_path, client):
    settings.REPOSITORY_ROOT = tmp_path / "repos"
    user = make_user("ada")
    client.force_login(user)
    return user


def upload(client, *files, **typed):
    return client.post("/submit/upload/", {"packaging": list(files), **typed})


def edit_address(recipe, path="debian/rules", commit=""):
    return reverse("edit", args=[recipe.name, commit or recipe.current.commit, path])


class TestStart:
    def test_commands_have_the_account_and_the_name(self, client, ada, settings):
        settings.PORTAL_URL, settings.PORTAL_SSH_URL = "https://dur.example.org", "ssh://git@dur.example.org"
        page = client.get("/submit/?name=hello-moon").content.decode()
        assert "git remote add dur https://ada@dur.example.org/git/hello-moon.git" in page
        assert "git remote add dur ssh://git@dur.example.org/hello-moon.git" in page

    def test_no_ssh_server_no_command_for_it(self, client, ada, settings):
        settings.PORTAL_SSH_URL = ""
        assert "Or with your SSH key" not in client.get("/submit/").content.decode()

    def test_it_says_whether_git_can_sign_in(self, client, ada):
        assert "Make one of the two first" in client.get("/submit/").content.decode()
        issue_token(ada, Scope.READ)
        assert "no token that pushes" in client.get("/submit/").content.decode()
        issue_token(ada, Scope.PUSH)
        page = client.get("/submit/").content.decode()
        assert "You have a token that pushes (test)" in page
        assert "Make one of the two first" not in page

    def test_token_for_one_recipe_pushes_no_new_one(self, client, ada):
        issue_token(ada, Scope.PUSH)
        ada.tokens.update(recipe=make_recipe("other", ada))
        assert "no token that pushes" in client.get("/submit/").content.decode()

    @pytest.mark.parametrize(("name", "said"), [("Hello", "is no name of a source package"), ("taken", "is taken")])
    def test_name_that_is_not_to_be_had_is_refused_and_kept(self, client, ada, name, said):
        make_recipe("taken")
        response = client.get("/submit/", {"name": name})
        assert response.status_code == 400
        page = response.content.decode()
        assert said in page
        assert f'value="{name}"' in page
        assert "/git/NAME.git" in page

    def test_hostile_name_is_text(self, client, ada):
        page = client.get("/submit/", {"name": "<script>\u202e"}).content.decode()
        assert "<script>\u202e" not in page

    def test_queries(self, client, ada, django_assert_num_queries):
        client.get("/submit/")
        with django_assert_num_queries(7):
            client.get("/submit/")

    def test_visitor_signs_in_first(self):
        assert Client().get("/submit/").headers["Location"].startswith("/accounts/login/")


class TestUpload:
    def test_tarball_becomes_a_recipe_and_leads_to_its_page(self, client, ada):
        response = upload(client, packed(recipe_tree()), message="Hello at last")
        revision = Revision.objects.get()
        assert response.headers["Location"] == reverse("revision", args=["hello-dur", revision.commit])
        assert revision.recipe.maintainer == ada
        assert read_tree(store().intake("hello-dur"), revision.commit) == recipe_tree()

    def test_next_revision_replaces_debian_and_keeps_the_rest(self, client, ada):
        publish_recipe(recipe_tree(**{"README.md": "# Hi\n", "debian/old": "x\n"}), ada)
        tree = recipe_tree(version="1.1-1")
        upload(client, packed(tree), revises="on")
        recipe = Recipe.objects.get()
        assert read_tree(store().intake("hello-dur"), recipe.current.commit) == {**tree, "README.md": b"# Hi\n"}
        assert recipe.version == "1.1-1"

    def test_recipe_that_is_here_is_not_replaced_unasked(self, client, ada):
        publish_recipe(recipe_tree(), ada)
        response = upload(client, packed(recipe_tree(version="1.1-1")), message="my words")
        assert response.status_code == 400
        assert "is here already" in str(response.context["form"].errors["revises"])
        assert "my words" in response.content.decode()
        assert Revision.objects.count() == 1

    def test_revision_of_a_recipe_that_is_not_here_is_refused(self, client, ada):
        response = upload(client, packed(recipe_tree()), revises="on")
        assert "no recipe hello-dur yet" in str(response.context["form"].errors["revises"])

    def test_form_from_a_recipes_page_follows_what_was_seen(self, client, ada):
        recipe = publish_recipe(recipe_tree(), ada)
        form = client.get("/submit/upload/?name=hello-dur").context["form"]
        assert form.initial == {"revises": True, "base": recipe.current.commit}
        publish_recipe(recipe_tree(version="1.1-1"), ada)
        response = upload(client, packed(recipe_tree(version="1.2-1")), **{**form.initial, "revises": "on"})
        assert response.status_code == 409
        assert Recipe.objects.get().version == "1.1-1"

    def test_all_findings_are_shown_with_their_places(self, client, ada):
        tree = recipe_tree(**{"debian/changelog": "nonsense\n", "debian/control": b"Source: hello-dur\n\nPackage: Bad_Name\n"})
        page = upload(client, packed(tree)).content.decode()
        assert "<code>debian/changelog:1</code>" in page
        assert "<code>debian/control:3</code>" in page
        assert not Recipe.objects.exists()
        assert store().names() == []

    def test_what_the_hook_refuses_is_shown(self, client, ada):
        response = upload(client, packed(recipe_tree(**{"debian/program": b"\x7fELF" + bytes(60)})))
        assert response.status_code == 400
        assert any("debian/program: is" in line for line in response.context["problems"])

    @pytest.mark.parametrize("content", [b"", b"no tarball", b"\x1f\x8b" + bytes(20)])
    def test_what_is_no_tarball_is_said_at_the_field(self, client, ada, content):
        response = upload(client, SimpleUploadedFile("debian.tar.gz", content), message="kept words")
        assert response.status_code == 400
        assert response.context["form"].errors["packaging"]
        assert "kept words" in response.content.decode()

    def test_who_finds_no_place_is_told_when_to_come_again(self, client, ada, monkeypatch):
        def busy(*_arguments, **_limits):
            raise NoPlace("all are taken")

        monkeypatch.setattr(uploads, "run_bounded", busy)
        response = upload(client, packed(recipe_tree()))
        assert (response.status_code, "all places are taken" in response.content.decode()) == (503, True)
        assert int(response["Retry-After"]) > 0
        assert not Recipe.objects.exists()

    def test_nothing_chosen_is_said_at_the_field(self, client, ada):
        assert client.post("/submit/upload/", {}).context["form"].errors["packaging"]

    def test_two_files_of_one_name_are_refused(self, client, ada):
        assert "same name" in str(
            upload(client, packed(recipe_tree()), packed(recipe_tree())).context["form"].errors["packaging"]
        )

    def test_too_many_files_are_refused(self, client, ada):
        files = [SimpleUploadedFile(f"{number}.tar.gz", b"x") for number in range(11)]
        assert "at most 10" in str(upload(client, *files).context["form"].errors["packaging"])

    def test_too_much_is_refused_before_it_is_read(self, client, ada):
        large = SimpleUploadedFile("orig.tar.gz", bytes(MAX_UPLOAD_BYTES + 2 * 1024 * 1024))
        response = upload(client, large)
        assert response.status_code == 413
        assert "nothing of it was read" in response.content.decode()

    def test_files_beyond_the_limit_are_refused_at_the_field(self, client, ada):
        large = SimpleUploadedFile("orig.tar.gz", bytes(MAX_UPLOAD_BYTES + 1))
        assert "more than 16 MiB" in str(upload(client, large).context["form"].errors["packaging"])

    def test_another_site_cannot_send_the_form(self, ada):
        strict = Client(enforce_csrf_checks=True)
        strict.force_login(ada)
        assert upload(strict, packed(recipe_tree())).status_code == 403
        assert not Recipe.objects.exists()

    def test_stranger_cannot_revise(self, client, ada):
        publish_recipe(recipe_tree(), make_user("grace"))
        response = upload(client, packed(recipe_tree(version="1.1-1")), revises="on")
        assert "you may not push (hello-dur)" in str(response.context["form"].non_field_errors())
        assert Revision.objects.count() == 1

    def test_stranger_gets_no_form_for_a_recipe(self, client, ada):
        publish_recipe(recipe_tree(), make_user("grace"))
        assert client.get("/submit/upload/?name=hello-dur").status_code == 403


class TestEdit:
    def test_file_is_shown_and_committed_with_its_mode(self, client, ada):
        recipe = publish_recipe(recipe_tree(), ada)
        assert client.get(edit_address(recipe)).context["form"].initial["text"] == recipe_tree()["debian/rules"].decode()
        response = client.post(edit_address(recipe), {"text": RULES.replace("\n", "\r\n"), "message": "Talk more"})
        recipe.refresh_from_db()
        assert response.headers["Location"] == reverse("revision", args=["hello-dur", recipe.current.commit])
        assert read_tree(store().intake("hello-dur"), recipe.current.commit)["debian/rules"] == RULES.encode()

    def test_conflict_keeps_the_text_and_leads_on(self, client, ada):
        recipe = publish_recipe(recipe_tree(), ada)
        old = recipe.current.commit
        recipe = publish_recipe(recipe_tree(version="1.1-1", **{"debian/rules": RULES.replace("verbose", "no-act")}), ada)
        assert "what you write here could not be stored" in client.get(edit_address(recipe, commit=old)).content.decode()
        response = client.post(edit_address(recipe, commit=old), {"text": RULES})
        page = response.content.decode()
        assert response.status_code == 409
        assert "--verbose" in page
        assert edit_address(recipe) in page
        assert store().branches("hello-dur")["main"] == recipe.current.commit

    def test_push_that_left_the_file_alone_is_no_conflict(self, client, ada):
        recipe = publish_recipe(recipe_tree(), ada)
        old = recipe.current.commit
        recipe = publish_recipe(recipe_tree(version="1.1-1", **{"debian/new": "x\n"}), ada)
        client.post(edit_address(recipe, commit=old), {"text": RULES})
        after = read_tree(store().intake("hello-dur"), store().branches("hello-dur")["main"])
        assert after["debian/rules"] == RULES.encode()
        assert after["debian/new"] == b"x\n"
        assert b"1.1-1" in after["debian/changelog"]

    def test_file_that_is_gone_is_a_conflict(self, client, ada):
        recipe = publish_recipe(recipe_tree(**{"debian/extra": "x\n"}), ada)
        old = recipe.current.commit
        publish_recipe(recipe_tree(version="1.1-1"), ada)
        response = client.post(edit_address(recipe, "debian/extra", old), {"text": "kept words"})
        assert response.status_code == 409
        assert "kept words" in response.content.decode()

    def test_refused_text_is_kept_and_the_finding_shown(self, client, ada):
        recipe = publish_recipe(recipe_tree(), ada)
        response = client.post(edit_address(recipe, "debian/changelog"), {"text": "no changelog any more"})
        assert response.status_code == 400
        assert any("debian/changelog" in line for line in response.context["problems"])
        assert "no changelog any more" in response.content.decode()

    def test_unchanged_text_is_refused(self, client, ada):
        recipe = publish_recipe(recipe_tree(), ada)
        response = client.post(edit_address(recipe), {"text": recipe_tree()["debian/rules"].decode()})
        assert "nothing changed" in str(response.context["form"].non_field_errors())

    def test_too_large_text_is_said_at_the_field(self, client, ada):
        recipe = publish_recipe(recipe_tree(), ada)
        response = client.post(edit_address(recipe), {"text": "x" * 300_000})
        assert "at most" in str(response.context["form"].errors["text"])

    @pytest.mark.parametrize("content", [b"caf\xe9\n", b"one\r\ntwo\n", b"a\0b"])
    def test_what_a_browser_would_change_is_not_offered(self, client, ada, content):
        recipe = publish_recipe(recipe_tree(**{"debian/odd": content}), ada)
        response = client.get(edit_address(recipe, "debian/odd"))
        assert response.status_code == 400
        assert "clone the recipe" in response.content.decode()

    @pytest.mark.parametrize("path", ["debian/none", "debian", "debian/../debian/rules", ".git/config"])
    def test_what_is_no_file_is_not_found(self, client, ada, path):
        assert client.get(edit_address(publish_recipe(recipe_tree(), ada), path)).status_code == 404

    def test_hostile_content_is_text(self, client, ada):
        recipe = publish_recipe(recipe_tree(**{"debian/x": "</textarea><script>alert(1)</script>\n"}), ada)
        assert "<script>alert" not in client.get(edit_address(recipe, "debian/x")).content.decode()

    def test_only_the_team_edits(self, client, ada):
        recipe = publish_recipe(recipe_tree(), make_user("grace"))
        assert client.get(edit_address(recipe)).status_code == 403
        assert client.post(edit_address(recipe), {"text": RULES}).status_code == 403
        CoMaintainer.objects.create(recipe=recipe, user=ada, role="push", position=1, since=recipe.created_at)
        assert client.post(edit_address(recipe), {"text": RULES}).status_code == 302

    def test_file_page_offers_the_edit_to_who_may(self, client, ada):
        recipe = publish_recipe(recipe_tree(), ada)
        page = reverse("tree", args=[recipe.name, recipe.current.commit, "debian/rules"])
        assert edit_address(recipe) in client.get(page).content.decode()
        assert edit_address(recipe) not in Client().get(page).content.decode()

    def test_folder_page_offers_the_upload_to_who_may(self, client, ada):
        recipe = publish_recipe(recipe_tree(), ada)
        page = reverse("tree", args=[recipe.name, recipe.current.commit])
        assert "/submit/upload/?name=hello-dur" in client.get(page).content.decode()
        assert "/submit/upload/" not in Client().get(page).content.decode()

    def test_queries(self, client, ada, django_assert_num_queries):
        address = edit_address(publish_recipe(recipe_tree(), ada))
        client.get(address)
        with django_assert_num_queries(9):
            client.get(address)
