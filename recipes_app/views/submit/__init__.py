"""Submitting a recipe in the browser. May import `views.shared`, forms and services."""
