"""The REST API under /api/v1/: DRF serializers and views over the services; it holds no rule."""
