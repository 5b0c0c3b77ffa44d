"""The REST API: what each address answers, what each mistake gets, and that the schema says the same."""
