"""A short form: `24. Nov. 2026` fits into a table on a telephone."""

DATE_FORMAT = "j. N Y"
DATETIME_FORMAT = "j. N Y, H:i"
