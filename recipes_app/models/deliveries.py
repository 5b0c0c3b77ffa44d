"""What every message that leaves the site has in common, as columns."""

from __future__ import annotations

from django.db import models


class Delivery(models.Model):
    """A message that is owed to somebody. The row is the truth; the broker only carries its number.

    A row with `claimed_at` is in a worker's hands. `error` says why the last attempt failed.
    """

    created_at = models.DateTimeField(auto_now_add=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    claimed_at = models.DateTimeField(null=True, blank=True)
    next_attempt_at = models.DateTimeField()
    error = models.CharField(max_length=500, blank=True)

    class Meta:
        abstract = True
