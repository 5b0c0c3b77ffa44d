"""The things that the walk acts on: one recipe with everything that people write about one."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.utils import timezone

from recipes_app.formats.metadata import Model, Verdict
from recipes_app.lint.protocol import profile
from recipes_app.lint.protocol.stages import Stage
from recipes_app.models import (
    CoMaintainer,
    Comment,
    CoRole,
    Flag,
    Hold,
    LintState,
    LintTool,
    News,
    OwnershipRequest,
    QueueEntry,
    Recipe,
    RelintRun,
    Report,
    Revision,
    User,
)
from recipes_app.repos.store import store
from recipes_app.services.community import comments
from recipes_app.services.lint import relint
from recipes_app.services.moderation import flags, reports, requests
from recipes_app.services.notifications import webhooks
from recipes_app.services.publishing import publish as publishing
from tests.api.rows import add_recipe, add_report
from tests.factories import make_user, publish_recipe, recipe_tree

NAME = "hello-dur"
HOOK = "https://hooks.example.org/in"
NEW_LINTIAN = "9.122.0"
SECRET_WORDS = "what only moderators may read"


@dataclass
class World:
    """The recipe, who keeps it, who wrote what is said about it, and, by name, what a case has prepared."""

    recipe: Recipe
    owner: User
    author: User
    target: User
    thing: Any = None
    more: dict[str, Any] = field(default_factory=dict)

    @property
    def entry(self) -> str:
        """The address of the page on which the thing of the case is decided."""
        return f"/moderation/entries/{QueueEntry.objects.get(subject_id=self.thing.pk).pk}/"

    def again(self) -> Any:
        """Return the thing of the case as it stands now."""
        return type(self.thing)._base_manager.get(pk=self.thing.pk)

    def recipe_now(self) -> Recipe:
        """Return the recipe as it stands now."""
        return Recipe.objects.get(pk=self.recipe.pk)


def make_world() -> World:
    """Return a world without a repository: for everything that does not reach into git."""
    owner, author, target = make_user("owner"), make_user("author"), make_user("target")
    model = Model("tiny", 3, computed=Verdict("toxic-candy", ("the training data is not known",)))
    recipe = add_recipe(NAME, owner, models=(model,), model_class="toxic-candy")
    # Older than the day in which a maintainer's own wish to delete comes true at once.
    Recipe.objects.filter(pk=recipe.pk).update(created_at=timezone.now() - timedelta(days=30))
    recipe.refresh_from_db()
    return World(recipe, owner, author, target)


def publish(world: World) -> None:
    """Give the world a recipe that lies in git, instead of the one that is rows only."""
    world.recipe.delete()
    world.recipe = publish_recipe(recipe_tree(NAME), world.owner)


def published(world: World) -> None:
    """The recipe lies in git, and people get it."""
    publish(world)
    Revision.objects.filter(recipe=world.recipe).update(review=Revision.Review.PUBLISHED)
    with store().lock(NAME):
        publishing.settle(NAME)
    world.recipe.refresh_from_db()


def orphan(world: World) -> None:
    """Nobody maintains the recipe."""
    Recipe.objects.filter(pk=world.recipe.pk).update(maintainer=None)


def deleted(world: World) -> None:
    """The recipe was deleted."""
    Recipe.objects.filter(pk=world.recipe.pk).update(deleted_at=timezone.now())


def comment(world: World) -> None:
    """The author has commented."""
    world.thing = comments.add(world.author, world.recipe, "a word")


def hidden_comment(world: World) -> None:
    """A comment of the author's was deleted by another."""
    world.thing = comments.add(world.author, world.recipe, SECRET_WORDS)
    Comment.objects.filter(pk=world.thing.pk).update(hidden_at=timezone.now(), hidden_by_name="somebody")


def flag(world: World) -> None:
    """The author has flagged the recipe as out of date."""
    world.thing = flags.raise_flag(world.author, world.recipe, Flag.Kind.OUT_OF_DATE, flags.FlagText("2.0 is out"))


def ruled_flag(world: World) -> None:
    """The author has flagged the licence."""
    words = flags.FlagText("it is not free", subject="LICENSE", proposed_class="nonfree")
    world.thing = flags.raise_flag(world.author, world.recipe, Flag.Kind.LICENCE, words)


def report(world: World) -> None:
    """The author has reported the recipe."""
    world.thing = reports.file(world.author, Report.Kind.SPAM, reports.Subject(recipe=world.recipe), "an advertisement")


def request(world: World) -> None:
    """The author has asked for the recipe's deletion."""
    world.thing = requests.file(world.author, world.recipe, OwnershipRequest.Kind.DELETION, "nobody needs it")


def hook(world: World) -> None:
    """The recipe has a webhook."""
    world.thing = webhooks.add(world.owner, world.recipe, HOOK, ["comment.added"])


def news_item(world: World) -> None:
    """Somebody has told news."""
    world.thing = News.objects.create(title="told", text="told", html="<p>told</p>", published_at=timezone.now())


def member(world: World) -> None:
    """The target co-maintains the recipe."""
    CoMaintainer.objects.create(recipe=world.recipe, user=world.target, role=CoRole.PUSH, position=0, since=timezone.now())


def linted(world: World) -> None:
    """The recipe's revision was linted."""
    assert world.recipe.current is not None
    world.thing = add_report(world.recipe.current, state=LintState.PASSED)


def queued_lint(world: World) -> None:
    """The recipe's revision waits for a runner."""
    assert world.recipe.current is not None
    world.thing = add_report(world.recipe.current, state=LintState.QUEUED)


def new_lintian(world: World) -> None:
    """A runner has told of a lintian that has not looked at the recipe."""
    linted(world)
    LintTool.objects.create(stage="source-lint", tool="lintian", tool_version=NEW_LINTIAN, profile=profile.NAME)


def relint_run(world: World) -> None:
    """The catalogue is linted again."""
    new_lintian(world)
    world.thing = relint.begin(Stage.SOURCE_LINT)


def paused_relint(world: World) -> None:
    """The catalogue is linted again, and that is paused."""
    relint_run(world)
    RelintRun.objects.update(state=RelintRun.State.PAUSED)


def stage_of(world: World) -> str:
    """Return the address at which the case's lint job is retried and cancelled."""
    return f"recipes/{NAME}/revisions/{world.recipe.current.commit}/lint/{world.thing.pk}/"


def held(world: World) -> None:
    """The owner's revision waits for a reviewer, in git."""
    publish(world)
    revision = Revision.objects.get(recipe=world.recipe)
    assert revision.review == Revision.Review.HELD
    world.thing = revision.hold
    world.more["revision"] = revision


def delayed(world: World) -> None:
    """The owner's revision waits for its time."""
    held(world)
    Hold.objects.filter(pk=world.thing.pk).update(release_at=timezone.now() + timedelta(days=1))


def staged(world: World) -> None:
    """The owner's revision waits for the approval of its team."""
    held(world)
    Hold.objects.filter(pk=world.thing.pk).update(gates=["staging"])


def taken_out(world: World) -> None:
    """The second revision of the recipe was quarantined."""
    publish(world)
    publish_recipe(recipe_tree(NAME, "1.0-2"), world.owner)
    world.more["revision"] = world.recipe.revisions.get(version="1.0-2")
    Revision.objects.filter(pk=world.more["revision"].pk).update(review=Revision.Review.QUARANTINED)
