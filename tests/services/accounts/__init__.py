"""Tests of recipes_app/services/accounts."""
