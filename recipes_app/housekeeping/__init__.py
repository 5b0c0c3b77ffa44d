"""What the passing of time does to ownership: Celery tasks on a schedule. An entrance: it calls services and holds no rule."""
