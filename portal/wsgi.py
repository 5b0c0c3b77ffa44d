"""The WSGI application, as gunicorn loads it."""

import os
import sys

from django.core.wsgi import get_wsgi_application

from recipes_app import deadline
from recipes_app.response_cache.wsgi import with_ready_answers

from .places import with_places

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings.embedded")
application = with_ready_answers(with_places(get_wsgi_application()))
# The first upload, push or file page finds it ready.
deadline.start()

# How long a thread computes before another may. Python's own 5 ms are about what an answer takes, so a worker's eight threads
# took turns in the middle of every one, and each turn costs: with 20 ms a worker gives half as many look-ups again.
sys.setswitchinterval(0.02)
