"""Forms: what a person typed, checked for shape. What they may do is asked in the services."""
