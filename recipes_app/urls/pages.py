"""The addresses of the pages. They are promises: links to them stand in mails, in README files and in git's output."""

from django.urls import URLPattern, URLResolver, include, path, register_converter

from ..views.account import account
from ..views.catalogue import badges, dumps, feeds, home, opensearch, search, users
from ..views.lint import lint, lint_live, lint_tags
from ..views.recipes import build_steps, changes, files, recipe_history, recipes
from ..views.shared import appearance, language
from ..views.shared.converters import CommitConverter, LintTagConverter, RecipeNameConverter, UsernameConverter

register_converter(RecipeNameConverter, "recipe_name")
register_converter(CommitConverter, "commit")
register_converter(UsernameConverter, "username")
register_converter(LintTagConverter, "lint_tag")

urlpatterns: list[URLPattern | URLResolver] = [
    path("", home.home, name="home"),
    path("recipes/", search.recipe_list, name="recipe_list"),
    path("recipes/suggestions/", search.suggestions, name="suggestions"),
    path("recipes/<recipe_name:name>/", recipes.recipe, name="recipe"),
    path("recipes/<recipe_name:name>/security/", recipe_history.security, name="security"),
    path("recipes/<recipe_name:name>/activity/", recipe_history.activity_page, name="activity"),
    path("recipes/<recipe_name:name>/changes/", changes.changes_since, name="changes"),
    path("recipes/<recipe_name:name>/revisions/", recipes.revisions, name="revisions"),
    path("recipes/<recipe_name:name>/revisions/<commit:commit>/", recipes.revision, name="revision"),
    path("recipes/<recipe_name:name>/revisions/<commit:commit>/lint/", lint_live.lint_report, name="lint"),
    path("recipes/<recipe_name:name>/revisions/<commit:commit>/lint/state/", lint_live.lint_state, name="lint_state"),
    path("recipes/<recipe_name:name>/revisions/<commit:commit>/lint/<int:job_id>/", lint.lint_act, name="lint_act"),
    path("recipes/<recipe_name:name>/files/<commit:commit>/", files.tree, name="tree"),
    path("recipes/<recipe_name:name>/files/<commit:commit>/<path:path>", files.tree, name="tree"),
    path("recipes/<recipe_name:name>/blame/<commit:commit>/<path:path>", files.blame, name="blame"),
    path("recipes/<recipe_name:name>/history/<commit:commit>/<path:path>", files.file_revisions, name="file_history"),
    path("recipes/<recipe_name:name>/diff/<commit:old>/<commit:new>/", changes.diff_page, name="diff"),
    path("steps.sh", build_steps.functions, name="build_functions"),
    path("opensearch.xml", opensearch.description, name="opensearch"),
    path("feeds/new/", feeds.new, name="feed_new"),
    path("feeds/updated/", feeds.updated, name="feed_updated"),
    path("feeds/search/", feeds.search, name="feed_search"),
    path("feeds/recipes/<recipe_name:name>/", feeds.recipe, name="feed_recipe"),
    path("feeds/users/<username:username>/", feeds.user, name="feed_user"),
    path("badges/<recipe_name:name>/<slug:kind>.svg", badges.badge, name="badge"),
    path("dumps/", dumps.index, name="dumps"),
    path("dumps/<str:name>", dumps.file, name="dump_file"),
    path("language/", language.choose_language, name="choose_language"),
    path("appearance/", appearance.choose, name="appearance"),
    path("design/", appearance.design, name="design"),
    path("lint/tags/", lint_tags.tag_list, name="lint_tags"),
    path("lint/tags/<lint_tag:tag>/", lint_tags.tag_page, name="lint_tag"),
    path("users/<username:username>/", users.user, name="user"),
    path("account/", account.account, name="account"),
    path("account/tokens/", account.create_token, name="create_token"),
    path("account/tokens/<int:token_id>/revoke/", account.revoke_token, name="revoke_token"),
    path("", include("recipes_app.urls.account")),
    path("", include("recipes_app.urls.moderation")),
    path("", include("recipes_app.urls.community")),
    path("", include("recipes_app.urls.checks")),
    path("", include("recipes_app.urls.submit")),
]
