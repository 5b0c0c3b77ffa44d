"""Fixtures of the API's tests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client


@pytest.fixture
def expect_problem(client: Client) -> Callable[..., dict[str, Any]]:
    """Return a function that makes a request and returns its problem, after a look at what every problem has."""

    def request(method: str, address: str, code: str, status: int, **options: Any) -> dict[str, Any]:
        answer = client.generic(method, address, **options)
        assert answer.status_code == status, answer.content
        assert answer["Content-Type"] == "application/problem+json"
        body: dict[str, Any] = answer.json()
        assert body["code"] == code
        assert body["status"] == status
        assert body["detail"]
        assert body["type"].endswith(f"/api/v1/problems/#{code}")
        return body

    return request
