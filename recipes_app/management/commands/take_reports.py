"""`manage.py take_reports`: record what the lint runners send, until the process is told to end."""

from __future__ import annotations

import signal
import threading
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from recipes_app.tasks.runner_reports import take


class Command(BaseCommand):
    """Take the runners' reports from their queue; see deploy/dur-reports.service."""

    help = "Record what the lint runners send. Runs until it is ended by SIGTERM or SIGINT."

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until the end of the process is asked for."""
        over = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda _number, _frame: over.set())
        self.stdout.write("reports: ready")
        take(settings.CELERY_BROKER_URL, settings.CELERY_BROKER_TRANSPORT_OPTIONS, over)
