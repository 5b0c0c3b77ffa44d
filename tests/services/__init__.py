"""Tests of the services: rules and writes, without a server."""
