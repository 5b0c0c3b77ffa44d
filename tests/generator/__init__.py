"""Tests of the generated catalogue: its rows are those that publishing writes."""
