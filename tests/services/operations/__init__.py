"""Tests of recipes_app/services/operations."""
