"""Real programs that tests drive: the portal under gunicorn, PostgreSQL, Redis; each on loopback in a folder that is thrown away."""
