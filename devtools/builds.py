"""`./dev run --builds`: a base is prepared in the background, and the demo catalogue is built for trial. Pages show it."""

from __future__ import annotations

import subprocess
import sys
import threading
import time

from django.conf import settings
from django.db import connections

from portal.celery import app
from recipes_app.lint.build import bases
from recipes_app.models import Recipe, TrialBuilds, User
from recipes_app.services.lint import actions

from .bootstrap import ROOT, say
from .demo import Account


def start(account: Account) -> threading.Thread:
    """Prepare bases and queue the builds of `account`'s recipes beside all else; what stands in the way is one line."""
    thread = threading.Thread(target=_run, args=(account,), daemon=True)
    thread.start()
    return thread


def _run(account: Account) -> None:
    try:
        # What queues a job sends it: by the portal's broker, which this process has not used so far.
        app.set_default()
        ready = [suite for suite in settings.TRIAL_BUILD_SUITES if _prepare(suite)]
        if ready:
            number = _queue(account)
            say(f"builds: {number} recipes are built for {', '.join(ready)}; their pages show how far it is")
    finally:
        connections.close_all()


def _prepare(suite: str) -> bool:
    """Make the base of `suite` where there is none; return whether there is one."""
    try:
        bases.current(suite)
    except bases.BaseUnavailable:
        say(f"builds: making the base of {suite}, which takes a minute or two")
    else:
        return True
    started = time.monotonic()
    # A process of its own: it is stopped with this one, and what it prints is one line.
    command = [sys.executable, "-m", "recipes_app.lint.build.prepare_base", suite]
    made = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, errors="replace", check=False)
    if made.returncode != 0:
        reason = (made.stderr.strip().splitlines() or ["it said nothing"])[-1]
        say(f"builds: there are none for {suite} on this machine: {reason}")
        return False
    say(f"builds: the base of {suite} is there after {time.monotonic() - started:.0f} s")
    return True


def _queue(account: Account) -> int:
    """Choose trial builds for each recipe of the demo's maintainer; return how many there are."""
    user = User.objects.get(username=account.username)
    recipes = list(Recipe.objects.filter(maintainer=user, deleted_at=None))
    for recipe in recipes:
        actions.choose_trial_builds(user, recipe, TrialBuilds.ALWAYS)
    return len(recipes)
