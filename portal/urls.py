"""Every address of the portal: one line each room."""

from django.urls import include, path

from . import metrics

metrics.register()

urlpatterns = [
    path("git/", include("recipes_app.repos.transports.urls")),
    path("api/v1/", include("api.urls")),
    path("accounts/", include("allauth.urls")),
    path("", include("django_prometheus.urls")),
    path("", include("recipes_app.urls")),
]
