"""The addresses of submitting a recipe. `recipes_app.urls` takes them in."""

from django.urls import path

from .views import submit

urlpatterns = [
    path("submit/", submit.start, name="submit"),
    path("submit/upload/", submit.upload, name="upload"),
    path("recipes/<recipe_name:name>/edit/<commit:commit>/<path:path>", submit.edit, name="edit"),
]
