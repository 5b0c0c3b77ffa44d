"""Telling people and programs: inbox, mail, follows, webhooks. May import `core`."""
