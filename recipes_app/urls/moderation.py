"""The addresses of votes, flags, ownership, requests, reports, moderation and the log; taken in by `recipes_app.urls.pages`."""

from django.urls import path

from ..views.catalogue import classes, gates
from ..views.moderation import (
    log,
    moderation,
    moderation_accounts,
    moderation_entries,
    moderation_news,
    moderation_recipes,
    moderation_relint,
    moderation_site,
)
from ..views.recipes import flags, held_revisions, ownership, reports, requests, votes, webhooks

_RECIPE = "recipes/<recipe_name:name>/"
_MODERATED = "moderation/recipes/<recipe_name:name>/"

urlpatterns = [
    path(f"{_RECIPE}vote/", votes.vote, name="vote"),
    path(f"{_RECIPE}flags/", flags.flag_list, name="flags"),
    path(f"{_RECIPE}flags/<int:flag_id>/", flags.flag, name="flag"),
    path(f"{_RECIPE}report/", reports.report_recipe, name="report_recipe"),
    path(f"{_RECIPE}comments/<int:comment_id>/report/", reports.report_comment, name="report_comment"),
    path("users/<username:username>/report/", reports.report_account, name="report_account"),
    path(f"{_RECIPE}team/", ownership.team, name="team"),
    path(f"{_RECIPE}team/invitation/", ownership.answer_invitation, name="answer_invitation"),
    path(f"{_RECIPE}team/leave/", ownership.leave, name="leave"),
    path(f"{_RECIPE}team/disown/", ownership.disown, name="disown"),
    path(f"{_RECIPE}team/<username:username>/role/", ownership.change_role, name="change_role"),
    path(f"{_RECIPE}team/<username:username>/remove/", ownership.remove_member, name="remove_member"),
    path(f"{_RECIPE}team/<username:username>/take-back/", ownership.take_back, name="take_back_invitation"),
    path(f"{_RECIPE}webhooks/", webhooks.webhook_list, name="webhooks"),
    path(f"{_RECIPE}webhooks/<int:hook_id>/", webhooks.webhook, name="webhook"),
    path(f"{_RECIPE}requests/", requests.request_list, name="requests"),
    path(f"{_RECIPE}requests/<int:request_id>/", requests.show_request, name="request"),
    path(f"{_RECIPE}revisions/<commit:commit>/waiting/<slug:act>/", held_revisions.waiting_act, name="waiting_act"),
    path("classes/", classes.classes, name="classes"),
    path("gates/", gates.gate_list, name="gates"),
    path("moderation/incident/", moderation_site.incident_level, name="incident_level"),
    path("log/", log.log, name="log"),
    path("moderation/", moderation.queue_page, name="moderation"),
    path("moderation/entries/<int:entry_id>/", moderation_entries.entry, name="queue_entry"),
    path("moderation/entries/<int:entry_id>/claim/", moderation.claim, name="claim_entry"),
    path("moderation/accounts/<username:username>/", moderation_accounts.account, name="moderate_account"),
    path("moderation/accounts/<username:username>/thaw/", moderation_accounts.thaw, name="thaw_account"),
    path("moderation/accounts/<username:username>/rank/", moderation_accounts.rank, name="rank_account"),
    path(_MODERATED, moderation_recipes.overview, name="moderate_recipe"),
    path(f"{_MODERATED}rule/", moderation_recipes.rule, name="rule_model"),
    path(f"{_MODERATED}end-ruling/", moderation_recipes.withdraw_ruling, name="withdraw_ruling"),
    path(f"{_MODERATED}revision/<slug:act>/", moderation_recipes.revision_act, name="moderate_revision"),
    path(f"{_MODERATED}rename/", moderation_recipes.rename, name="rename_recipe"),
    path(f"{_MODERATED}<slug:act>/", moderation_recipes.recipe_act, name="moderate_recipe_act"),
    path("moderation/news/", moderation_news.news_list, name="news"),
    path("moderation/news/<int:news_id>/", moderation_news.edit, name="edit_news"),
    path("moderation/news/<int:news_id>/withdraw/", moderation_news.withdraw, name="withdraw_news"),
    path("moderation/relint/", moderation_relint.relint_list, name="relint"),
    path("moderation/relint/<int:run_id>/", moderation_relint.relint_run, name="relint_run"),
    path("moderation/names/", moderation_site.name_rules, name="name_rules"),
    path("moderation/names/<int:rule_id>/remove/", moderation_site.remove_name_rule, name="remove_name_rule"),
    path("moderation/switches/", moderation_site.switches, name="switches"),
    path("moderation/switches/<slug:name>/", moderation_site.turn_switch, name="turn_switch"),
]
