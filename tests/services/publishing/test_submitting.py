"""What is submitted in the browser enters as a push does: the same rules, the same record, the same publication."""

import pytest

from recipes_app.deadline import NoPlace, WorkFailed
from recipes_app.models import Revision
from recipes_app.repos.browse import read_tree
from recipes_app.repos.drafts import Draft, NewFile
from recipes_app.repos.repository import Commands
from recipes_app.repos.store import store
from recipes_app.services.core.errors import Refused
from recipes_app.services.core.permissions import PermissionDenied
from recipes_app.services.operations import reconciliation
from recipes_app.services.publishing import inspection
from recipes_app.services.publishing.submitting import PushRefused, submit, target_of, tip_of
from tests.factories import make_user, publish_recipe, recipe_tree

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.server]


@pytest.fixture
def ada(settings, tmp_path):
    settings.REPOSITORY_ROOT = tmp_path / "repos"
    return make_user("ada")


def draft(tree, *removed, message="A new version"):
    return Draft(message, {path: NewFile(content, path == "debian/rules") for path, content in tree.items()}, removed)


def test_first_commit_makes_the_recipe_and_its_account_the_pusher(ada):
    tree = recipe_tree()
    done = submit(target_of(ada, "hello-dur"), draft(tree), parent="")

    assert done.recipe.maintainer == ada
    assert read_tree(store().intake("hello-dur"), done.commit) == tree
    (record,) = store().push_history("hello-dur")
    assert (record.username, record.new) == ("ada", done.commit)
    assert done.recipe.revisions.get().version == "1.0-1"
    assert done.lines[-1].endswith("/recipes/hello-dur/")
    assert not list((store().root / ".incoming").iterdir())
    assert not list((store().root / ".pending").iterdir())


def test_author_is_the_account_without_a_person_s_address(ada):
    done = submit(target_of(ada, "hello-dur"), draft(recipe_tree(), message='Ünïcode\n\nand a "quoted" line'), parent="")
    shown = Commands(store().intake("hello-dur")).log("-1", "--format=%an <%ae> %cn <%ce>%n%B", done.commit)
    assert shown == 'ada <ada@users.invalid> ada <ada@users.invalid>\nÜnïcode\n\nand a "quoted" line'


def test_next_commit_keeps_what_it_does_not_touch_and_the_modes(ada):
    recipe = publish_recipe(recipe_tree(**{"README.md": "# Hello\n", "debian/gone": "x\n"}), ada)
    target = target_of(ada, "hello-dur")
    tree = recipe_tree(version="1.1-1", **{'debian/odd "name" \\ here': "odd\n"})
    done = submit(target, draft(tree, "debian"), parent=recipe.current.commit)

    assert read_tree(store().intake("hello-dur"), done.commit) == {**tree, "README.md": b"# Hello\n"}
    listed = Commands(store().intake("hello-dur")).ls_tree("-r", done.commit, "debian/rules")
    assert listed.startswith("100755 ")
    assert Revision.objects.get(commit=done.commit).pusher == ada


def test_rules_of_the_hook_refuse_and_everything_they_say_comes_back(ada):
    tree = recipe_tree(**{"debian/blob": b"\x7fELF" + bytes(60), "debian/changelog": "nonsense\n"})
    with pytest.raises(PushRefused) as refused:
        submit(target_of(ada, "hello-dur"), draft(tree), parent="")

    said = "\n".join(refused.value.lines)
    assert "debian/blob: is " in said
    assert "debian/changelog" in said
    assert "error:" not in said
    assert not store().exists("hello-dur")
    assert not list((store().root / ".incoming").iterdir())


def test_lower_version_is_refused(ada):
    recipe = publish_recipe(recipe_tree(version="2.0-1"), ada)
    with pytest.raises(PushRefused, match=r"lower than 2\.0-1"):
        submit(target_of(ada, "hello-dur"), draft(recipe_tree(version="1.0-1")), parent=recipe.current.commit)


def test_parent_that_is_not_the_tip_any_more_is_a_conflict(ada):
    old = publish_recipe(recipe_tree(), ada).current.commit
    publish_recipe(recipe_tree(version="1.1-1"), ada)
    target = target_of(ada, "hello-dur")
    before = tip_of(target)
    with pytest.raises(Refused) as refused:
        submit(target, draft(recipe_tree(version="1.2-1")), parent=old)
    assert refused.value.code == "moved"
    assert tip_of(target) == before


def test_commit_that_changes_nothing_is_refused(ada):
    recipe = publish_recipe(recipe_tree(), ada)
    with pytest.raises(Refused) as refused:
        submit(target_of(ada, "hello-dur"), Draft("again", {"debian/control": NewFile(recipe_tree()["debian/control"])}),
               parent=recipe.current.commit)  # fmt: skip
    assert refused.value.code == "unchanged"


@pytest.mark.parametrize("name", ["../etc", "A", ""])
def test_impossible_name_is_refused_at_its_field(ada, name):
    with pytest.raises(Refused) as refused:
        target_of(ada, name)
    assert refused.value.field == "name"


def test_stranger_gets_no_target(ada):
    publish_recipe(recipe_tree(), ada)
    with pytest.raises(PermissionDenied):
        target_of(make_user("eve"), "hello-dur")


def test_a_first_push_that_cannot_be_looked_at_now_is_kept_and_published_later(ada, monkeypatch):
    def busy(*_arguments, **_limits):
        raise NoPlace("inspect_tree found no free place")

    with monkeypatch.context() as patch:
        patch.setattr(inspection, "run_bounded", busy)
        with pytest.raises(Refused) as refused:
            submit(target_of(ada, "hello-dur"), draft(recipe_tree()), parent="")
    assert "It tries again by itself" in str(refused.value)
    assert (store().exists("hello-dur"), store().interrupted()) == (True, ["hello-dur"])

    assert [each.name for each in reconciliation.settle_interrupted()] == ["hello-dur"]
    assert Revision.objects.get().version == "1.0-1"
    assert store().interrupted() == []


def test_whoever_pushes_what_cannot_be_read_is_told_so(ada, monkeypatch):
    def broken(*_arguments, **_limits):
        raise WorkFailed("inspect_tree ended by signal 9")

    recipe = publish_recipe(recipe_tree(), ada)
    monkeypatch.setattr(inspection, "run_bounded", broken)
    done = submit(target_of(ada, "hello-dur"), draft(recipe_tree(version="1.1-1")), parent=recipe.current.commit)
    said = f"error: {done.commit[:12]} was not read in time and is not shown: make its files smaller or simpler, push again"
    assert said in done.lines
    assert f"{recipe.name} is at 1.0-1" in done.lines
    assert not Revision.objects.filter(commit=done.commit).exists()
