"""Tests of recipes_app/views/lint."""
