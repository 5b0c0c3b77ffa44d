"""Tests of recipes_app/lint/protocol."""
