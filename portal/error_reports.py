"""What an error report may show of a request: nothing that opens a door."""

from __future__ import annotations

import re
from collections.abc import ItemsView
from types import FrameType
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.views.debug import SafeExceptionReporterFilter

_SECRET_NAME = re.compile(r"pass|secret|token|key|code|credential|signature|cookie|authorization|csrf", re.IGNORECASE)


class SecretsFilter(SafeExceptionReporterFilter):
    """Hides by name what was posted, in every view: no view has to remember to mark its own fields (a fault of aurweb).

    Django's filter hides fields only of views that are marked, and none at all while DEBUG is on.
    """

    hidden_settings = _SECRET_NAME

    def is_active(self, request: HttpRequest | None) -> bool:
        """Return true: a report from a developer's machine is pasted into mails as well."""
        return True

    def get_post_parameters(self, request: HttpRequest | None) -> dict[str, Any]:
        """Return the posted fields, those with a secret's name, or marked by their view, without their value."""
        posted = super().get_post_parameters(request)
        return {name: self.cleansed_substitute if _SECRET_NAME.search(name) else value for name, value in posted.items()}

    def get_traceback_frame_variables(self, request: HttpRequest | None, tb_frame: FrameType) -> ItemsView[str, Any]:
        """Return the names of a frame's variables without their values: a form, or its data, carries the password too.

        On a developer's own page (DEBUG) the values are what he needs.
        """
        if settings.DEBUG:
            return super().get_traceback_frame_variables(request, tb_frame)
        return dict.fromkeys(tb_frame.f_locals, self.cleansed_substitute).items()
