"""What is searched: one row a recipe, text by weight. The engines put their own indexes on it (see `search`)."""

from __future__ import annotations

from django.db import models

from .catalogue import Recipe


class SearchDocument(models.Model):
    """The words of a recipe's current revision, a column for each kind of word."""

    recipe = models.OneToOneField(Recipe, primary_key=True, on_delete=models.CASCADE, related_name="search_document")
    name = models.TextField()
    binaries = models.TextField(blank=True)
    provides = models.TextField(blank=True)
    synopsis = models.TextField(blank=True)
    keywords = models.TextField(blank=True)
    description = models.TextField(blank=True)
    people = models.TextField(blank=True)
    depends = models.TextField(blank=True)
    licences = models.TextField(blank=True)
    suites = models.TextField(blank=True)
    architectures = models.TextField(blank=True)

    def __str__(self) -> str:
        return self.name
