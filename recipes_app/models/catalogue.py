"""Recipes and their revisions. The repositories are the truth; all of this can be rebuilt from them."""

from __future__ import annotations

from functools import cached_property

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from ..formats.metadata import RecipeMetadata
from ..limits import MAX_NAME_LENGTH, MAX_VERSION_LENGTH


class TrialBuilds(models.TextChoices):
    """Whether the revisions of a recipe are built for trial (`services.lint.trial_builds`)."""

    DEFAULT = "default", _("as the site does it")
    ALWAYS = "always", _("build every revision")
    NEVER = "never", _("build none")


class Staging(models.TextChoices):
    """Whether what a token pushes waits until a member of the team approves it on the site (`services.publishing.staging`)."""

    DEFAULT = "default", _("from a large reach on")
    ON = "on", _("always")
    OFF = "off", _("never")


class Recipe(models.Model):
    """A recipe: the packaging of one source package, in one git repository.

    The columns from `version` to `architectures` are copied from the current revision, for lists, filters and sorting;
    `vote_count`, `vote_weight` and `open_flags` are kept by their services for the same reason.
    """

    name = models.CharField(max_length=MAX_NAME_LENGTH, unique=True)
    # Where the repository lies in the store. A rename changes `name` and never this.
    storage_name = models.CharField(max_length=MAX_NAME_LENGTH, unique=True)
    maintainer = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="maintained_recipes"
    )
    submitter_name = models.CharField(max_length=39)
    # When the present maintainer took over; and when he adopted it, if he did: new owners are watched (`services.gates`).
    maintainer_since = models.DateTimeField(null=True, blank=True)
    ownership_changed_at = models.DateTimeField(null=True, blank=True)
    adopted_at = models.DateTimeField(null=True, blank=True)
    previous_maintainer_name = models.CharField(max_length=39, blank=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField(db_index=True)
    current = models.ForeignKey("Revision", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    version = models.CharField(max_length=MAX_VERSION_LENGTH, blank=True)
    synopsis = models.CharField(max_length=400, blank=True)
    section = models.CharField(max_length=80, blank=True)
    category = models.CharField(max_length=20, blank=True)
    licence_class = models.CharField(max_length=20, blank=True)
    redistribution = models.CharField(max_length=20, blank=True)
    model_class = models.CharField(max_length=20, blank=True)
    provenance = models.CharField(max_length=20, blank=True)
    needs_acceptance = models.BooleanField(default=False)
    lint_state = models.CharField(max_length=10, blank=True)
    # Words with a blank between them, sorted: what facets count and rows show.
    suites = models.CharField(max_length=400, blank=True)
    architectures = models.CharField(max_length=400, blank=True)

    # Keywords that the maintainers set here, beside those of debian/dur.
    extra_keywords = models.JSONField(default=list, blank=True)
    trial_builds = models.CharField(max_length=8, choices=TrialBuilds, default=TrialBuilds.DEFAULT)
    staging = models.CharField(max_length=8, choices=Staging, default=Staging.DEFAULT)
    vote_count = models.PositiveIntegerField(default=0)
    # The sum of the votes' weights; popularity at any time is this times one number, so the order by it is popularity's.
    vote_weight = models.FloatField(default=0.0)
    open_flags = models.PositiveIntegerField(default=0)
    # The oldest open out-of-date flag: AUR's rule lets an orphan request through after half a year of it.
    out_of_date_since = models.DateTimeField(null=True, blank=True)

    # Quarantined: shown with a banner, not cloned. Deleted: gone from every list, restorable by a moderator, its name kept.
    quarantined_at = models.DateTimeField(null=True, blank=True)
    quarantine_reason = models.TextField(blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["name"]
        indexes = [
            models.Index(fields=["-updated_at", "-id"], name="recipe_recent"),
            models.Index(fields=["-vote_weight", "-id"], name="recipe_popular"),
            models.Index(fields=["-vote_count", "-id"], name="recipe_votes"),
            models.Index(fields=["-created_at", "-id"], name="recipe_new"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Return the address of the recipe's page."""
        return reverse("recipe", args=[self.name])


class Revision(models.Model):
    """What one push brought: a commit and everything it says. Immutable but for its review state."""

    class Review(models.TextChoices):
        """Whether people may build from it. A delayed revision is held, and its Hold has `release_at`."""

        PUBLISHED = "published"
        HELD = "held"
        QUARANTINED = "quarantined"

    recipe = models.ForeignKey(Recipe, on_delete=models.CASCADE, related_name="revisions")
    commit = models.CharField(max_length=40)
    branch = models.CharField(max_length=100, default="main")
    version = models.CharField(max_length=MAX_VERSION_LENGTH)
    pushed_at = models.DateTimeField()
    pusher = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="pushed_revisions"
    )
    pusher_name = models.CharField(max_length=39)
    metadata = models.JSONField()
    findings = models.JSONField(default=list)
    review = models.CharField(max_length=12, choices=Review, default=Review.PUBLISHED)
    # A moderator had its objects removed for good: nothing of what it said is left here either.
    purged_at = models.DateTimeField(null=True, blank=True)
    # How the push came, as `services.gates.provenance.Provenance` writes it; empty where nobody knows.
    came_by = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["-pushed_at", "-id"]
        constraints = [models.UniqueConstraint(fields=["recipe", "commit"], name="revision_once")]
        indexes = [
            models.Index(fields=["recipe", "-pushed_at", "-id"], name="revision_history"),
            models.Index(fields=["-pushed_at"], name="revision_recent"),
        ]

    def __str__(self) -> str:
        return f"{self.recipe.name} {self.version} ({self.commit[:10]})"

    def get_absolute_url(self) -> str:
        """Return the address of the revision's page."""
        return reverse("revision", args=[self.recipe.name, self.commit])

    @cached_property
    def data(self) -> RecipeMetadata:
        """The metadata as the parser's types."""
        return RecipeMetadata.from_json(self.metadata)

    def pushed_before(self, path: str = "") -> Q:
        """Return the condition of what was pushed before this one, for a query that comes to a revision by `path` (`revision__`).

        The time of a push is that of git's reflog, in whole seconds: between pushes of one second the order of the rows says it.
        """
        same_second = {f"{path}pushed_at": self.pushed_at, f"{path}pk__lt": self.pk}
        return Q(**{f"{path}pushed_at__lt": self.pushed_at}) | Q(**same_second)

    def pushed_after(self, path: str = "") -> Q:
        """Return the condition of what was pushed after this one; see `pushed_before`."""
        same_second = {f"{path}pushed_at": self.pushed_at, f"{path}pk__gt": self.pk}
        return Q(**{f"{path}pushed_at__gt": self.pushed_at}) | Q(**same_second)


class SuiteBranch(models.Model):
    """A branch of the repository and the revision at its tip: `main` and `debian/SUITE`."""

    recipe = models.ForeignKey(Recipe, on_delete=models.CASCADE, related_name="branches")
    name = models.CharField(max_length=100)
    revision = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="+")

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["recipe", "name"], name="branch_once")]

    def __str__(self) -> str:
        return self.name


class BinaryPackage(models.Model):
    """A binary package that the current revision of a recipe builds: what names and `Provides` are looked up in."""

    recipe = models.ForeignKey(Recipe, on_delete=models.CASCADE, related_name="binary_packages")
    name = models.CharField(max_length=MAX_NAME_LENGTH, db_index=True)
    architectures = models.JSONField(default=list)
    section = models.CharField(max_length=80, blank=True)
    synopsis = models.CharField(max_length=400, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["recipe", "name"], name="binary_once")]

    def __str__(self) -> str:
        return self.name


class PackageRelation(models.Model):
    """One alternative of one relation of a recipe's current revision, so that relations can be read both ways."""

    recipe = models.ForeignKey(Recipe, on_delete=models.CASCADE, related_name="package_relations")
    # Empty for a build relation of the source package.
    binary = models.CharField(max_length=MAX_NAME_LENGTH, blank=True)
    kind = models.CharField(max_length=24)
    target = models.CharField(max_length=MAX_NAME_LENGTH)
    text = models.CharField(max_length=400)

    class Meta:
        indexes = [models.Index(fields=["target", "kind"], name="relation_target")]
        constraints = [models.UniqueConstraint(fields=["recipe", "binary", "kind", "target", "text"], name="relation_once")]

    def __str__(self) -> str:
        return f"{self.binary or self.recipe.name} {self.kind} {self.text}"


class Keyword(models.Model):
    """A keyword of a recipe, from debian/dur or set on the site, so that keywords can be counted and listed."""

    recipe = models.ForeignKey(Recipe, on_delete=models.CASCADE, related_name="keyword_rows")
    word = models.CharField(max_length=80)

    class Meta:
        indexes = [models.Index(fields=["word"], name="keyword_word")]
        constraints = [models.UniqueConstraint(fields=["recipe", "word"], name="keyword_once")]

    def __str__(self) -> str:
        return self.word
