"""One module for each group of recipe checks. A rule imports `formats`, `limits`, and this package's helpers."""
