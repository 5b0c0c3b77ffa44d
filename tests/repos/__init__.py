"""Tests of the git room: rules and parsers by themselves, and everything that a user sees through the real git client."""
