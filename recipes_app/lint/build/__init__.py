"""Trial builds in throw-away roots: bases, fetching, building, installing, comparing. No Django."""
