"""Tests of recipes_app/services/ownership."""
