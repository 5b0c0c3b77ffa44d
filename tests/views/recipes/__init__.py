"""Tests of recipes_app/views/recipes."""
