"""Reading what happened: a file's history, activity, what changed since a revision. May import `publishing` and below."""
