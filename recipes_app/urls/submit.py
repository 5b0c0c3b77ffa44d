"""The addresses of submitting a recipe. `recipes_app.urls.pages` takes them in."""

from django.urls import path

from ..views.submit import submit, submit_questions

urlpatterns = [
    path("submit/", submit.start, name="submit"),
    path("submit/upload/", submit.upload, name="upload"),
    path("submit/questions/", submit_questions.questions, name="questions"),
    path("recipes/<recipe_name:name>/edit/<commit:commit>/<path:path>", submit.edit, name="edit"),
]
