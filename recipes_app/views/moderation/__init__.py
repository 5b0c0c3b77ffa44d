"""Pages for moderators, and the public log. May import `views.shared`, forms and services."""
