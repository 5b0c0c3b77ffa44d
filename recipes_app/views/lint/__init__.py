"""Pages of lint: reports, tags, checks, trends. May import `views.shared`, forms and services."""
