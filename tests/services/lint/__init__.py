"""Tests of recipes_app/services/lint."""
