"""Tests of recipes_app/lint/source."""
