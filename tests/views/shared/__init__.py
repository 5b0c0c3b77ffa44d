"""Tests of recipes_app/views/shared."""
