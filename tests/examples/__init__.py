"""`./dev examples` and the lines of recipes' pages: what it reads, types and tells, and the lines run for real."""
