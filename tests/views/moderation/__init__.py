"""Tests of recipes_app/views/moderation."""
