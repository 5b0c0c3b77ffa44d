"""Day before month in words, 24 hours: Django's own `Nov. 24, 2026, 8:04 p.m.` is the form of one country."""

DATE_FORMAT = "j M Y"
DATETIME_FORMAT = "j M Y, H:i"
