"""Tests of recipes_app/lint/sandbox."""
