"""Tests of recipes_app/services/moderation."""
