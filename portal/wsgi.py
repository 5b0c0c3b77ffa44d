"""The WSGI application, as gunicorn loads it."""

import os

from django.core.wsgi import get_wsgi_application

from recipes_app.ready.wsgi import with_ready_answers

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings.embedded")
application = with_ready_answers(get_wsgi_application())
