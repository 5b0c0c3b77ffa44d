"""The portal's Celery application: tasks that write the database. The lint runner has an application of its own."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings.embedded")
app = Celery("portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
for room in ("housekeeping", "lint", "mail", "repos"):
    app.autodiscover_tasks(["recipes_app.tasks"], related_name=room)
