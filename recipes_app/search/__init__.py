"""Search: one query object, two engines (SQLite FTS5; PostgreSQL full text with trigrams). May import `models` and `formats`."""
