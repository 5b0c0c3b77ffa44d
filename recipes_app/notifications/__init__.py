"""How mail leaves the site: Celery tasks and Django's mail backend. Entrances both: they call services and hold no rule."""
