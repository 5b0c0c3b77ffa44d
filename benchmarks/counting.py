"""How many queries answers cost, and the bodies of answers. Run in the environment of the site that is measured.

python -m benchmarks.counting queries ACCEPT <LIST      the most queries of the first answers, and of those with If-None-Match
python -m benchmarks.counting bodies ACCEPT <LIST       a line of JSON for each answer: path and body
"""

from __future__ import annotations

import json
import sys
from typing import Any

import django

django.setup()

from django.db import connection, reset_queries  # noqa: E402 - models can be imported only after the set-up
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

_COUNTED = 20


def ask(line: str, accept: str, **headers: str) -> tuple[Any, int]:
    """Return the answer to a line of a list, and its queries. Raises RuntimeError where it is no success."""
    method, path, *body = line.split("\t")
    # A fresh client: a visitor who comes for the first time, without a session.
    client = Client(headers={"accept": accept, "host": "127.0.0.1", **headers})
    # It keeps some thousand queries, and all bodies are made of more.
    reset_queries()
    with CaptureQueriesContext(connection) as context:
        answer = client.generic(method, path, body[0] if body else "", content_type="application/json")
    if answer.status_code not in (200, 304):
        raise RuntimeError(f"{path} answered {answer.status_code}: {answer.content[:300]!r}")
    return answer, len(context)


def main(task: str, accept: str) -> None:
    """Do the task over the list on standard input."""
    lines = sys.stdin.read().splitlines()
    if task == "bodies":
        for line in lines:
            print(json.dumps([line.split("\t")[1], ask(line, accept)[0].content.decode()]))
        return
    most, unchanged = 0, None
    for line in lines[:_COUNTED]:
        # The first request of a process loads what every later one finds.
        ask(line, accept)
        answer, queries = ask(line, accept)
        most = max(most, queries)
        if tag := answer.headers.get("ETag"):
            again, queries = ask(line, accept, **{"if-none-match": tag})
            if again.status_code == 304:
                unchanged = max(unchanged or 0, queries)
    print(json.dumps([most, unchanged]))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
