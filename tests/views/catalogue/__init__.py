"""Tests of recipes_app/views/catalogue."""
