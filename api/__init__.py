"""The REST API under /api/v1/: `framework` is what every endpoint needs, `schemas` what goes in and out, `views` the endpoints.

It holds no rule: each endpoint calls one service.
"""
