"""`./dev` and the examples."""
