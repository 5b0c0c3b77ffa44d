"""How a function becomes a Celery task, by a name that does not depend on where its module is."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec

from celery import Task, shared_task

Given = ParamSpec("Given")


def task(room: str, former: str = "") -> Callable[[Callable[Given, None]], Task[Given, None]]:
    """Return a decorator that registers a function as the task `ROOM.FUNCTION`.

    Messages of the release before name the module that it was in, `recipes_app.FORMER.tasks` (FORMER is ROOM where it is empty):
    they are answered until the next one.
    """

    def register(function: Callable[Given, None]) -> Task[Given, None]:
        shared_task(name=f"recipes_app.{former or room}.tasks.{function.__name__}")(function)
        return shared_task(name=f"{room}.{function.__name__}")(function)

    return register
