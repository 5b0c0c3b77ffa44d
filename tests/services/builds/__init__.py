"""Tests of recipes_app/services/builds."""
