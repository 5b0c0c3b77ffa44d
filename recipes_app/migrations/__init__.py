"""The history of the tables. A migration imports Django and what stands beside it here, never code that lives on."""
