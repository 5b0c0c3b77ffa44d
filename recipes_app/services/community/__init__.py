"""Comments: writing, reading, Markdown and what a text refers to. May import `catalogue` and below."""
