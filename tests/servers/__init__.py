"""Real programs that tests drive: portal, PostgreSQL, Redis, mail; each on loopback in a folder that is thrown away."""
