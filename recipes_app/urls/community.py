"""The addresses of comments, following, inbox and mail. `recipes_app.urls.pages` takes them in, once it has its converters."""

from django.urls import path

from ..views.account import inbox
from ..views.recipes import comments

_RECIPE = "recipes/<recipe_name:name>/"

urlpatterns = [
    path(f"{_RECIPE}comments/", comments.comment_list, name="comments"),
    path(f"{_RECIPE}comments/<int:comment_id>/", comments.comment, name="comment"),
    path(f"{_RECIPE}comments/<int:comment_id>/edit/", comments.edit_comment, name="edit_comment"),
    path(f"{_RECIPE}comments/<int:comment_id>/<slug:act>/", comments.act_on_comment, name="act_on_comment"),
    path(f"{_RECIPE}following/", comments.following, name="following"),
    path("inbox/", inbox.message_list, name="inbox"),
    path("inbox/<int:message_id>/", inbox.open_message, name="open_message"),
    path("inbox/read/", inbox.mark_read, name="mark_read"),
    path("account/mail/", inbox.choose_mail, name="mail_choices"),
    path("unsubscribe/<str:token>/", inbox.unsubscribe, name="unsubscribe"),
]
