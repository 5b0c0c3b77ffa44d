"""Pages of one recipe: its page, files, changes, comments, team, requests. May import `views.shared`, forms and services."""
