"""Tests of the recipe checks."""
