"""Tests of recipes_app/services/core."""
