"""Search: the same behaviour from both engines; `tests/test_postgresql.py` runs this folder against PostgreSQL."""
