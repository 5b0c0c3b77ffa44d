"""Pages about many recipes: home, search, people, feeds, badges, dumps. May import `views.shared`, forms and services."""
