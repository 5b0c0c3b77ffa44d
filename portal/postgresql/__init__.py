"""Django's own PostgreSQL backend with another look at a kept connection: see `base`."""
