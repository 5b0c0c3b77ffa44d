"""Tests of recipes_app/services/audit."""
