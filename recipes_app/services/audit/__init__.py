"""The public log, and the moderators' queue. May import `notifications` and `core`."""
