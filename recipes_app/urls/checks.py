"""Addresses of the pages on recipe checks. Findings link to them."""

from django.urls import path, register_converter

from ..views.lint import checks
from ..views.shared.converters import CheckConverter

register_converter(CheckConverter, "check_id")

urlpatterns = [
    path("checks/", checks.check_list, name="checks"),
    path("checks/<check_id:identifier>/", checks.check, name="check"),
]
