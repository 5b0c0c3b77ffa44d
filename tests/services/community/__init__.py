"""Tests of recipes_app/services/community."""
