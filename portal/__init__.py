"""The Django project: settings, URLs, WSGI and Celery. It wires the rooms together and holds no rule."""

from .celery import app as celery_app

__all__ = ["celery_app"]
