"""What is searched: one row a recipe, and the words that misspelt words may have meant.

The columns hold tokens with a space between them, made by `search.tokens`. The engines put their own indexes on them
(migrations/_search_indexes.py): SQLite an FTS5 table kept by triggers, PostgreSQL generated tsvector columns.
"""

from __future__ import annotations

from django.db import models

from ..limits import MAX_NAME_LENGTH
from .catalogue import Recipe


class SearchDocument(models.Model):
    """The tokens of a recipe's current revision, by weight; `tags` are exact values (`depends:libc6`)."""

    recipe = models.OneToOneField(Recipe, primary_key=True, on_delete=models.CASCADE, related_name="search_document")
    # Names of the recipe, of its binary packages and of what they provide.
    names = models.TextField()
    # Synopses and keywords.
    topics = models.TextField(blank=True)
    # Descriptions, people.
    body = models.TextField(blank=True)
    tags = models.TextField(blank=True)

    def __str__(self) -> str:
        return self.names


class SearchWord(models.Model):
    """A word or a package's name as it is spelt: what a misspelt word is compared with."""

    word = models.CharField(max_length=MAX_NAME_LENGTH, unique=True)

    def __str__(self) -> str:
        return self.word
