"""Tests of recipes_app/services/publishing."""
