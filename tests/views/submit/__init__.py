"""Tests of recipes_app/views/submit."""
