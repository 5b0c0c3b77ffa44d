"""Tests of recipes_app/services/catalogue."""
