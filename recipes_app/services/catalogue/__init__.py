"""Recipes as people find them: lists, names, votes, upgrades, HTTP validators of their pages. May import `audit` and below."""
