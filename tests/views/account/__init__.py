"""Tests of recipes_app/views/account."""
