"""Management commands: the operator's entrance to the services."""
