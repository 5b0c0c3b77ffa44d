"""Tests of recipes_app/services/notifications."""
