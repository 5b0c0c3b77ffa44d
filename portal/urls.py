"""Every address of the portal: one line each room."""

from django.urls import include, path

from api.views.docs import docs

from . import metrics

metrics.register()

handler500 = "portal.unavailable.server_error"

urlpatterns = [
    path("git/", include("recipes_app.transports.urls")),
    path("api/v1/", include("api.urls")),
    path("api/docs/", docs, name="api_docs"),
    path("accounts/", include("allauth.urls")),
    path("", include("django_prometheus.urls")),
    path("", include("recipes_app.urls.pages")),
]
