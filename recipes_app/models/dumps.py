"""What the newest dump says of each recipe: the memory from which differences between dumps are told."""

from __future__ import annotations

from django.db import models

from ..limits import MAX_NAME_LENGTH


class DumpLine(models.Model):
    """A recipe's line in recipes.jsonl, and the serial of the dump that changed it last. An empty line: the recipe is gone.

    `digest` covers the recipe's part of every file of the dump, so that a change that shows in one of them only is told too.
    """

    name = models.CharField(max_length=MAX_NAME_LENGTH, unique=True)
    serial = models.BigIntegerField()
    line = models.TextField(blank=True)
    digest = models.CharField(max_length=64)

    class Meta:
        ordering = ["serial", "id"]
        indexes = [models.Index(fields=["serial", "id"], name="dump_line_serial")]

    def __str__(self) -> str:
        return f"{self.name} ({self.serial})"
