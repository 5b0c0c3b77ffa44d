"""Pages of one's own account, and what allauth and the middleware need. May import `views.shared`, forms and services."""
