"""Tests of recipes_app/lint/build."""
