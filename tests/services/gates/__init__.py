"""Tests of recipes_app/services/gates."""
