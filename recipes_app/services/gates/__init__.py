"""What holds or delays a revision: the table of the gates, trust, holds, the incident level. May import `community` and below."""
