"""The API's views. Each fetches through `services.catalogue` or `search` and hands the result to a serializer."""
