"""What the portal and a runner share: stages, assignments, reports, messages, the broker. No Django."""
