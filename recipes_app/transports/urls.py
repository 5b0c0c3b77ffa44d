"""Addresses of this room: what git appends to a clone URL, and what else somebody may type after it."""

from django.urls import URLPattern, URLResolver, re_path

from . import http

_REPOSITORY = r"^(?P<name>[^/]+)\.git"

urlpatterns: list[URLPattern | URLResolver] = [
    re_path(rf"{_REPOSITORY}/info/refs$", http.info_refs),
    re_path(rf"{_REPOSITORY}/git-upload-pack$", http.upload_pack),
    re_path(rf"{_REPOSITORY}/git-receive-pack$", http.receive_pack),
    re_path(rf"{_REPOSITORY}(?:/(?P<rest>.*))?$", http.other),
]
